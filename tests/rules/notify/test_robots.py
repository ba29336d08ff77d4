"""What each robot is sent, signed as its maker asks, and what its answers mean."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest

from salesboard.notify.channel_rules import ROBOTS, ChannelKind
from salesboard.notify.robots import LONGEST_TEXT, Message, NotTaken, check, post_for
from salesboard.outward import Answer

NOW = datetime(2026, 5, 12, 0, 30, tzinfo=UTC)
STAMP = int(NOW.timestamp())
MESSAGE = Message("id-1", "digest", "标题", "- 北极兔制冷 · 晚了 1 天", [{"title": "北极兔制冷"}])
ADDRESS = "https://robots.example.cn/hook?access_token=abcdef"


def body(kind: ChannelKind, message: Message = MESSAGE, secret: str | None = None) -> dict:
    return json.loads(post_for(kind, ADDRESS, secret, message, NOW).body)


def test_each_robot_gets_its_own_form() -> None:
    text = "标题\n- 北极兔制冷 · 晚了 1 天"
    assert body(ChannelKind.WECOM) == {"msgtype": "text", "text": {"content": text}}
    assert body(ChannelKind.DINGTALK)["text"] == {"content": text}
    assert body(ChannelKind.FEISHU) == {"msg_type": "text", "content": {"text": text}}
    assert body(ChannelKind.SLACK)["text"] == text
    assert body(ChannelKind.WEBHOOK)["items"] == [{"title": "北极兔制冷"}]


def test_dingtalk_is_signed_in_the_address() -> None:
    post = post_for(ChannelKind.DINGTALK, ADDRESS, "SEC1", MESSAGE, NOW)
    asked = parse_qs(urlsplit(post.url).query)
    expected = hmac.new(b"SEC1", f"{STAMP * 1000}\nSEC1".encode(), hashlib.sha256).digest()
    assert asked["timestamp"] == [str(STAMP * 1000)]
    assert base64.b64decode(asked["sign"][0]) == expected
    assert asked["access_token"] == ["abcdef"]


def test_feishu_is_signed_in_the_body_with_text_and_key_the_other_way_round() -> None:
    sent = body(ChannelKind.FEISHU, secret="SEC2")
    expected = hmac.new(f"{STAMP}\nSEC2".encode(), b"", hashlib.sha256).digest()
    assert sent["timestamp"] == str(STAMP)
    assert base64.b64decode(sent["sign"]) == expected


def test_a_webhook_is_signed_in_its_head_and_says_which_message_it_is() -> None:
    post = post_for(ChannelKind.WEBHOOK, ADDRESS, "SEC3", MESSAGE, NOW)
    digest = hmac.new(b"SEC3", f"{STAMP}.".encode() + post.body, hashlib.sha256).hexdigest()
    assert post.headers["X-Salesboard-Signature"] == f"t={STAMP},v1={digest}"
    assert post.headers["Idempotency-Key"] == "id-1"


@pytest.mark.parametrize("kind", [each for each in ROBOTS if each is not ChannelKind.WEBHOOK])
def test_no_name_calls_everybody_in_the_group(kind: ChannelKind) -> None:
    said = json.dumps(body(kind, Message("i", "now", '<at user_id="all">', "<!channel> @all <@U1>")))
    assert "<" not in said
    assert kind is ChannelKind.SLACK or "@" not in said


@pytest.mark.parametrize("kind", ROBOTS)
def test_a_long_text_ends_after_a_whole_line_within_what_the_robot_takes(kind: ChannelKind) -> None:
    lines = [f"- 第 {number} 行 <&@> 北极兔制冷" for number in range(2000)]
    sent = body(kind, Message("i", "digest", "标题", "\n".join(lines)))
    text = next(told for told in (sent.get("text"), sent.get("content", {})) if told)
    text = text if isinstance(text, str) else text.get("content") or text["text"]
    assert len(text.encode()) <= LONGEST_TEXT[kind]
    assert text.endswith("冷")


@pytest.mark.parametrize(
    ("kind", "status", "answer", "fault"),
    [
        (ChannelKind.WECOM, 200, {"errcode": 0, "errmsg": "ok"}, None),
        (
            ChannelKind.WECOM,
            200,
            {"errcode": 93000, "errmsg": "invalid webhook url"},
            "93000: invalid webhook url",
        ),
        (
            ChannelKind.DINGTALK,
            200,
            {"errcode": 310000, "errmsg": "sign not match"},
            "310000: sign not match",
        ),
        (ChannelKind.FEISHU, 200, {"code": 0, "msg": "success"}, None),
        (ChannelKind.FEISHU, 200, {"StatusCode": 0, "StatusMessage": "success"}, None),
        (ChannelKind.FEISHU, 200, {"code": 19021, "msg": "sign match fail"}, "19021: sign match fail"),
        (ChannelKind.FEISHU, 200, {"code": "0"}, "not one that this robot gives"),
        (ChannelKind.WECOM, 200, "<html>Welcome</html>", "not one that this robot gives"),
        (ChannelKind.WECOM, 200, "[" * 5000, "not one that this robot gives"),
        (ChannelKind.SLACK, 200, "ok", None),
        (ChannelKind.SLACK, 200, "<html>ok</html>", "not one that Slack gives"),
        (ChannelKind.SLACK, 404, "no_service", "it answers 404"),
        (ChannelKind.WEBHOOK, 204, "", None),
        (ChannelKind.WEBHOOK, 302, "", "a redirect, which is not followed"),
        (ChannelKind.WEBHOOK, 500, {"error": "out of order"}, "500: out of order"),
        (
            ChannelKind.DINGTALK,
            200,
            {"errcode": 1, "errmsg": "no token abcdef here"},
            "it answers with code 1",
        ),
    ],
)
def test_only_a_robots_own_yes_counts(
    kind: ChannelKind, status: int, answer: object, fault: str | None
) -> None:
    said = Answer(status, (answer if isinstance(answer, str) else json.dumps(answer)).encode())
    if fault is None:
        check(kind, said)
        return
    with pytest.raises(NotTaken) as refusal:
        check(kind, said, secrets=("abcdef",))
    assert fault in str(refusal.value)
    assert "abcdef" not in str(refusal.value)
