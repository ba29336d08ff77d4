"""Chat robots: what each wants to be sent, how it checks that we sent it, and what its answer means. Pure.

Their makers answer HTTP 200 to what they refuse; only the code in the answer tells.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import html
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from urllib.parse import urlencode

from salesboard.notify.channel_rules import ChannelKind
from salesboard.outward import Answer

LONGEST_TEXT = {
    ChannelKind.WECOM: 2048,
    ChannelKind.DINGTALK: 15000,
    ChannelKind.FEISHU: 15000,
    ChannelKind.SLACK: 15000,
    ChannelKind.WEBHOOK: 30000,
}
"""Bytes of text that each takes in one message; WeCom cuts what is longer, the others refuse it."""

LONGEST_REASON = 120


class NotTaken(Exception):
    """The robot answered that it did not take the message; it may be tried again."""


@dataclass(frozen=True)
class Message:
    """What is told, as plain text, and in parts for a webhook that wants to make something of its own of it."""

    id: str
    kind: str
    title: str
    text: str
    items: list[dict[str, str]] = field(default_factory=list)


@dataclass(frozen=True)
class Post:
    """What goes out: the address with its signature, the body, the headers."""

    url: str
    body: bytes
    headers: Mapping[str, str]


def post_for(kind: ChannelKind, address: str, secret: str | None, message: Message, now: datetime) -> Post:
    """What a robot of this kind is sent."""
    return _BUILDERS[kind](address, secret, message, now)


def check(kind: ChannelKind, answer: Answer, *, secrets: tuple[str, ...] = ()) -> None:
    """Raises NotTaken, with the robot's own words but none of the `secrets`, unless it took the message."""
    if 300 <= answer.status < 400:
        raise NotTaken(f"it answers {answer.status}, a redirect, which is not followed")
    if not 200 <= answer.status < 300:
        raise NotTaken(_told(f"it answers {answer.status}", _reason(answer), secrets))
    if kind is ChannelKind.SLACK and answer.body.strip() != b"ok":
        raise NotTaken("its answer is not one that Slack gives")
    if kind in _CODES:
        code, reason = _code(answer, _CODES[kind])
        if code is None:
            raise NotTaken("its answer is not one that this robot gives")
        if code != 0:
            raise NotTaken(_told(f"it answers with code {code}", reason, secrets))


_CODES = {
    ChannelKind.WECOM: ("errcode",),
    ChannelKind.DINGTALK: ("errcode",),
    ChannelKind.FEISHU: ("code", "StatusCode"),
}
"""Where each says whether it took the message: 0 for yes."""


def _wecom(address: str, _secret: str | None, message: Message, _now: datetime) -> Post:
    return _json(
        address, {"msgtype": "text", "text": {"content": _harmless(_fit(ChannelKind.WECOM, message))}}
    )


def _dingtalk(address: str, secret: str | None, message: Message, now: datetime) -> Post:
    if secret:
        stamp = str(int(now.timestamp() * 1000))
        signed = _hmac(secret, f"{stamp}\n{secret}")
        address += ("&" if "?" in address else "?") + urlencode({"timestamp": stamp, "sign": signed})
    text = _harmless(_fit(ChannelKind.DINGTALK, message))
    return _json(address, {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}})


def _feishu(address: str, secret: str | None, message: Message, now: datetime) -> Post:
    text = _harmless(_fit(ChannelKind.FEISHU, message))
    payload: dict[str, object] = {"msg_type": "text", "content": {"text": text}}
    if secret:
        stamp = str(int(now.timestamp()))
        payload |= {"timestamp": stamp, "sign": _hmac(f"{stamp}\n{secret}", "")}
    return _json(address, payload)


def _slack(address: str, _secret: str | None, message: Message, _now: datetime) -> Post:
    text = html.escape(_fit(ChannelKind.SLACK, message), quote=False)
    return _json(address, {"text": text, "mrkdwn": False, "link_names": False})


def _webhook(address: str, secret: str | None, message: Message, now: datetime) -> Post:
    payload = {
        "id": message.id,
        "kind": message.kind,
        "title": message.title,
        "text": _fit(ChannelKind.WEBHOOK, message),
        "items": message.items,
    }
    post = _json(address, payload)
    headers = {**post.headers, "Idempotency-Key": message.id}
    if secret:
        stamp = str(int(now.timestamp()))
        digest = hmac.new(secret.encode(), f"{stamp}.".encode() + post.body, hashlib.sha256).hexdigest()
        headers["X-Salesboard-Signature"] = f"t={stamp},v1={digest}"
    return Post(post.url, post.body, headers)


_BUILDERS: dict[ChannelKind, Callable[[str, str | None, Message, datetime], Post]] = {
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
    ChannelKind.SLACK: _slack,
    ChannelKind.WEBHOOK: _webhook,
}


def _json(address: str, payload: object) -> Post:
    body = json.dumps(payload, ensure_ascii=False).encode("utf-8", "replace")
    return Post(
        address, body, {"Content-Type": "application/json; charset=utf-8", "User-Agent": "salesboard"}
    )


def _hmac(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode("ascii")


def _harmless(text: str) -> str:
    """Without the signs by which a name could call everybody in the group."""
    return text.replace("<", "＜").replace("@", "＠")


def _fit(kind: ChannelKind, message: Message) -> str:
    """Title and text, as whole lines, as far as this robot takes them."""
    lines, room = [], LONGEST_TEXT[kind]
    for line in f"{message.title}\n{message.text}".split("\n"):
        room -= len(line.encode("utf-8", "replace")) + 3  # ＜ takes two bytes more than <, and lines end
        room -= 2 * (line.count("<") + line.count("@")) + 4 * line.count("&")
        if room < 0:
            break
        lines.append(line)
    return "\n".join(lines)


def _code(answer: Answer, names: tuple[str, ...]) -> tuple[int | None, str]:
    told = _object(answer)
    code = next((told[name] for name in names if name in told), None)
    return (code if type(code) is int else None), _reason(answer)


def _reason(answer: Answer) -> str:
    told = _object(answer)
    reason = next((told[name] for name in ("errmsg", "msg", "StatusMessage", "error") if name in told), "")
    return reason if isinstance(reason, str) else ""


def _object(answer: Answer) -> dict[str, object]:
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _told(what: str, reason: str, secrets: tuple[str, ...]) -> str:
    for secret in secrets:
        if secret and secret in reason:
            return what
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())[
        :LONGEST_REASON
    ]
    return f"{what}: {reason}" if reason else what
