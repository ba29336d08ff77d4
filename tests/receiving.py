"""Who is on the other end: a real mail server, and receivers that check and answer as each robot's maker does."""

from __future__ import annotations

import asyncio
import base64
import dataclasses
import hashlib
import hmac
import ipaddress
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask

from salesboard.notify.channel_rules import ChannelKind
from tests.running import free_port

BOARD = "https://sales.example.com"


class Mailbox:
    """A mail server that keeps what it is given, or answers as it is told."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.answer = "250 OK"
        self.let_go = threading.Event()
        self.let_go.set()
        """Cleared, it takes a message and says nothing until it is set again."""
        self.most_at_a_time = 100

    async def handle_MAIL(  # noqa: N802
        self, _server: SMTP, session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if getattr(session, "taken", 0) >= self.most_at_a_time:
            return "421 that is enough for one connection"
        session.taken = getattr(session, "taken", 0) + 1  # type: ignore[attr-defined]
        envelope.mail_from = address
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 (aiosmtpd's name)
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.answer

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        message = message_from_bytes(envelope.content or b"", policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.messages.append(message)
        while not self.let_go.is_set():
            await asyncio.sleep(0.02)
        return "250 OK"


@contextmanager
def mail_server(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    """A real one on this machine, and the board told to send through it."""
    box, port = Mailbox(), free_port()
    server = Controller(box, hostname="127.0.0.1", port=port)
    server.start()
    change_settings(app, monkeypatch, smtp_url=f"smtp://127.0.0.1:{port}", base_url=BOARD)
    yield box
    server.stop()


def change_settings(app: Flask, monkeypatch: pytest.MonkeyPatch, **values: Any) -> None:
    monkeypatch.setitem(app.config, "SETTINGS", dataclasses.replace(app.config["SETTINGS"], **values))


def plain_text(message: EmailMessage) -> str:
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content()).replace("\r\n", "\n")


@dataclass
class Receiver:
    """A robot's address on this machine. It takes what its maker would take, and keeps it; `fault` is how it fails."""

    address: str
    secret: str = "SEC-of-this-robot"
    taken: list[dict[str, Any]] = field(default_factory=list)
    calls: int = 0
    fault: Callable[[BaseHTTPRequestHandler], None] | None = None

    def texts(self) -> list[str]:
        return [text_in(body) for body in self.taken]


def text_in(body: dict[str, Any]) -> str:
    found = body.get("text") or body.get("content")
    return str(found if isinstance(found, str) else found.get("content") or found.get("text"))


def fails(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, 500, b"out of order")


def hangs(handler: BaseHTTPRequestHandler) -> None:
    time.sleep(2)
    handler.close_connection = True


def redirects(handler: BaseHTTPRequestHandler) -> None:
    handler.send_response(302)
    handler.send_header("Location", "/elsewhere")
    handler.end_headers()


def answers_garbage(handler: BaseHTTPRequestHandler) -> None:
    answer(handler, 200, b"<html>It works</html>")


def answer(handler: BaseHTTPRequestHandler, status: int, body: bytes) -> None:
    handler.send_response(status)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@contextmanager
def receivers(
    app: Flask, monkeypatch: pytest.MonkeyPatch, host: str = "127.0.0.1"
) -> Iterator[dict[ChannelKind, Receiver]]:
    """One of each kind, all of one host, and the board allowed to speak with this machine."""
    made: dict[str, tuple[ChannelKind, Receiver]] = {}

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            kind, receiver = made[urlsplit(self.path).path]
            receiver.calls += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if receiver.fault is not None:
                receiver.fault(self)
                return
            told = json.loads(body)
            status, said = _CHECKS[kind](self, receiver, told, body)
            answer(self, status, said if isinstance(said, bytes) else json.dumps(said).encode())

        def log_message(self, *_about: object) -> None:
            pass

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    base = f"http://{host}:{server.server_port}"
    for kind, path in _PATHS.items():
        made[urlsplit(path).path] = (kind, Receiver(base + path))
    networks = (ipaddress.ip_network("127.0.0.0/8"),)
    change_settings(app, monkeypatch, outbound_networks=networks, base_url=BOARD)
    yield dict(made.values())
    server.shutdown()
    server.server_close()


_PATHS = {
    ChannelKind.WECOM: "/cgi-bin/webhook/send?key=0a1b2c3d-key-of-wecom",
    ChannelKind.DINGTALK: "/robot/send?access_token=token-of-dingtalk",
    ChannelKind.FEISHU: "/open-apis/bot/v2/hook/hook-of-feishu",
    ChannelKind.SLACK: "/services/T000/B000/hook-of-slack",
    ChannelKind.WEBHOOK: "/crm-bridge/hook-of-ours",
}

Said = tuple[int, dict[str, object] | bytes]


def _wecom(handler: BaseHTTPRequestHandler, receiver: Receiver, told: dict[str, Any], _body: bytes) -> Said:
    if parse_qs(urlsplit(handler.path).query).get("key") != ["0a1b2c3d-key-of-wecom"]:
        return 200, {"errcode": 93000, "errmsg": "invalid webhook url"}
    if told["msgtype"] != "text" or len(told["text"]["content"].encode()) > 2048:
        return 200, {"errcode": 40058, "errmsg": "text.content exceed max length 2048"}
    receiver.taken.append(told)
    return 200, {"errcode": 0, "errmsg": "ok"}


def _dingtalk(
    handler: BaseHTTPRequestHandler, receiver: Receiver, told: dict[str, Any], _body: bytes
) -> Said:
    asked = parse_qs(urlsplit(handler.path).query)
    stamp = asked.get("timestamp", ["0"])[0]
    expected = _signed(receiver.secret, f"{stamp}\n{receiver.secret}")
    if asked.get("sign") != [expected] or abs(time.time() * 1000 - int(stamp)) > 3_600_000:
        return 200, {
            "errcode": 310000,
            "errmsg": "description:机器人发送签名不匹配;solution:请确认签名和生成签名的时间戳",
        }
    receiver.taken.append(told)
    return 200, {"errcode": 0, "errmsg": "ok"}


def _feishu(_handler: BaseHTTPRequestHandler, receiver: Receiver, told: dict[str, Any], _body: bytes) -> Said:
    stamp = str(told.get("timestamp", "0"))
    if told.get("sign") != _signed(f"{stamp}\n{receiver.secret}", "") or abs(time.time() - int(stamp)) > 3600:
        return 200, {
            "code": 19021,
            "msg": "sign match fail or timestamp is not within one hour from current time",
        }
    receiver.taken.append(told)
    return 200, {"code": 0, "data": {}, "msg": "success"}


def _slack(_handler: BaseHTTPRequestHandler, receiver: Receiver, told: dict[str, Any], _body: bytes) -> Said:
    if not told.get("text"):
        return 400, b"no_text"
    receiver.taken.append(told)
    return 200, b"ok"


def _webhook(handler: BaseHTTPRequestHandler, receiver: Receiver, told: dict[str, Any], body: bytes) -> Said:
    stamp, _comma, signed = handler.headers.get("X-Salesboard-Signature", "t=0,v1=").partition(",")
    stamp = stamp.removeprefix("t=")
    digest = hmac.new(receiver.secret.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    if signed != f"v1={digest}":
        return 401, b""
    receiver.taken.append(told)
    return 204, b""


def _signed(key: str, text: str) -> str:
    return base64.b64encode(hmac.new(key.encode(), text.encode(), hashlib.sha256).digest()).decode()


_CHECKS: dict[ChannelKind, Callable[[BaseHTTPRequestHandler, Receiver, dict[str, Any], bytes], Said]] = {
    ChannelKind.WECOM: _wecom,
    ChannelKind.DINGTALK: _dingtalk,
    ChannelKind.FEISHU: _feishu,
    ChannelKind.SLACK: _slack,
    ChannelKind.WEBHOOK: _webhook,
}
