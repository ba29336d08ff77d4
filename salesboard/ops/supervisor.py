"""Starts the parts of salesboard, starts again what dies, and ends all of it together."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from flask import Flask

from salesboard.config import Settings
from salesboard.extensions import db
from salesboard.ops import private_redis, tether
from salesboard.ops.upgrade import bring_up_to_date
from salesboard.ops.waking import ENDING, Waking
from salesboard.ops.web_server import LISTENER, listen

PAUSES = (0.2, 1.0, 2.0, 4.0)
"""Seconds before a part is started again: the first time it dies, the second, and so on; the last one stays."""

HEALTHY_AFTER = 30.0
"""Seconds of life after which a part's earlier deaths are forgotten."""

TIME_TO_END = 3.8
"""Seconds the parts get after SIGTERM before they are killed; Redis ends after them, within another half second."""

FALSE_STARTS = 3
"""Deaths of a web part that never answered, after which the whole gives up."""

REDIS_WATCH = 2.0
"""Seconds between two looks at a private Redis that somebody else started."""


def run_all(app_factory: Callable[[], Flask], settings: Settings) -> int:
    """Brings the database up to date and runs web, worker, ticker and, unless one is configured, the private Redis.

    Returns the exit status once a signal has ended it all. Raises SettingRefused where the address is taken, Refused
    where no Redis server can be found or a newer version wrote the database.
    """
    if tether.is_held():
        tether.hold()
    with listen(settings) as listener, Supervisor(settings) as supervisor:
        supervisor.add_redis()
        code = _make_ready(app_factory())
        supervisor.add("web", listener)
        supervisor.add("worker")
        supervisor.add("ticker")
        return supervisor.run(_Doorbell(listener, settings, code))


def run_worker_with_redis(settings: Settings) -> int:
    """A worker and the private Redis it needs, for an installation that starts its parts one by one."""
    with Supervisor(settings) as supervisor:
        supervisor.add_redis()
        supervisor.add("worker")
        return supervisor.run()


def _make_ready(app: Flask) -> str | None:
    """Runs the migrations; answers the one-time set-up code while there is no account yet."""
    from salesboard.accounts.setup import code_if_needed

    with app.app_context():
        upgraded = bring_up_to_date(app)
        if upgraded and upgraded.copy:
            say(f"upgraded the database; what was there before is kept in {upgraded.copy}")
        code = code_if_needed(app)
        db.engine.dispose()
    return code


@dataclass
class Part:
    """One process: how it is started (None: another's process does its work already) and how it has fared."""

    name: str
    start: Callable[[], subprocess.Popen[bytes] | None]
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = field(default_factory=time.monotonic)
    due_at: float = 0.0
    is_elsewhere: bool = False

    def begin(self) -> None:
        self.process = self.start()
        if self.is_elsewhere and self.process is not None:
            say(f"the {self.name} in use until now went away; started one")
        self.is_elsewhere = self.process is None
        self.started_at = time.monotonic()
        self.due_at = self.started_at + REDIS_WATCH

    def note_death(self, status: int) -> None:
        self.process = None
        now = time.monotonic()
        if now - self.started_at > HEALTHY_AFTER:
            self.deaths = 0
        self.due_at = now + PAUSES[min(self.deaths, len(PAUSES) - 1)]
        self.deaths += 1
        cause = f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"
        say(f"{self.name} died ({cause}); starting it again")

    def is_gone(self) -> bool:
        return self.process is None or self.process.poll() is not None

    def send(self, request: signal.Signals) -> None:
        """To the whole group, so that nothing the part forked is forgotten."""
        if self.process is not None:
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, request)


class Supervisor:
    """Keeps parts alive until a signal ends them all. Leaving the context leaves no process behind."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._parts: list[Part] = []
        self._waking = Waking(*ENDING, signal.SIGCHLD)
        self._tether = tether.Tether()

    def __enter__(self) -> Supervisor:
        self._waking.__enter__()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end_all()
        self._tether.close()
        self._waking.__exit__(None, None, None)

    def add_redis(self) -> None:
        if self._settings.redis_url is None:
            self._begin(Part("redis", lambda: private_redis.start(self._settings, self._tether)))

    def add(self, name: str, listener: socket.socket | None = None) -> None:
        """Starts `salesboard NAME` in a process of its own."""
        self._begin(Part(name, lambda: self._spawn(name, listener)))

    def run(self, doorbell: _Doorbell | None = None) -> int:
        """Watches until asked to end (0), or until the web part has failed to come up at all (1)."""
        while True:
            waiting_for_ready = doorbell is not None and not doorbell.has_rung
            if ENDING & self._waking.wait(0.05 if waiting_for_ready else self._seconds_to_next_look()):
                return 0
            self._look_after_parts()
            if doorbell is not None and waiting_for_ready:
                doorbell.ring_if_answered()
                if not doorbell.has_rung and self._deaths_of("web") >= FALSE_STARTS:
                    say("the web part does not come up, see the lines above; ending")
                    return 1

    def _begin(self, part: Part) -> None:
        self._parts.append(part)
        part.begin()

    def _spawn(self, name: str, listener: socket.socket | None) -> subprocess.Popen[bytes]:
        inherited = [self._tether.fileno()] + ([listener.fileno()] if listener else [])
        environment = {**os.environ, **self._tether.environment()}
        if listener:
            environment[LISTENER] = str(listener.fileno())
        return subprocess.Popen(
            [sys.executable, "-m", "salesboard", name],
            env=environment,
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends the parts in order
        )

    def _look_after_parts(self) -> None:
        now = time.monotonic()
        for part in self._parts:
            if part.process is not None and (status := part.process.poll()) is not None:
                part.note_death(status)
            elif part.process is None and part.due_at <= now:
                part.begin()

    def _seconds_to_next_look(self) -> float:
        due = [part.due_at for part in self._parts if part.process is None]
        return min(due) - time.monotonic() if due else 60.0

    def _deaths_of(self, name: str) -> int:
        return sum(part.deaths for part in self._parts if part.name == name)

    def _end_all(self) -> None:
        redis = [part for part in self._parts if part.name == "redis"]
        others = [part for part in self._parts if part.name != "redis"]
        self._end(others, TIME_TO_END)
        self._end(redis, 0.5)

    def _end(self, parts: Iterable[Part], patience: float) -> None:
        for part in parts:
            part.send(signal.SIGTERM)
        deadline = time.monotonic() + patience
        while not all(part.is_gone() for part in parts) and (left := deadline - time.monotonic()) > 0:
            if ENDING & self._waking.wait(left):
                break  # asked twice: no more patience
        for part in parts:
            part.send(signal.SIGKILL)
            if part.process is not None:
                part.process.wait()


class _Doorbell:
    """Says once, and only when it is true, that salesboard can be opened in a browser."""

    def __init__(self, listener: socket.socket, settings: Settings, code: str | None) -> None:
        host, port = listener.getsockname()[:2]
        self._host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
        self._port = port
        self._asked_as = settings.base_url.partition("://")[2] if settings.base_url else None
        self._code = code
        self.has_rung = False

    def ring_if_answered(self) -> None:
        if not self._answers():
            return
        self.has_rung = True
        address = f"http://{f'[{self._host}]' if ':' in self._host else self._host}:{self._port}"
        say(f"is ready: {address}", colon=False)
        if self._code:
            say(f"no account yet: open {address}/setup and enter the one-time code {self._code}")

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection(self._host, self._port, timeout=0.5)
        try:
            connection.request("GET", "/healthz", headers={"Host": self._asked_as} if self._asked_as else {})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


def say(line: str, *, colon: bool = True) -> None:
    print(f"salesboard{':' if colon else ''} {line}", flush=True)
