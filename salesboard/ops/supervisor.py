"""Starts the parts of salesboard, starts again what dies, and ends all of it together."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import dataclass, field

from salesboard.config import Settings
from salesboard.ops import listening, private_redis, tether
from salesboard.ops.waking import ENDING, Waking

WEB = "web"
REDIS = "redis"

REFUSED = 1
"""The exit status of a part that said why it will not start; trying again would not help."""

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


def run_all(settings: Settings) -> int:
    """Runs web, worker, ticker and, unless one is configured, the private Redis; returns the exit status.

    The web part comes first and brings the database up to date; worker and ticker follow once it answers. Raises
    SettingRefused where the address is taken, Refused where no Redis server can be found.
    """
    if tether.is_held():
        tether.hold()
    with listening.listen(settings) as listener, Supervisor(settings) as supervisor:
        supervisor.add_redis()
        supervisor.add(WEB, listener)
        if supervisor.watch(until=lambda: listening.is_answering(listener, settings)):
            print(f"salesboard is ready: {listening.local_address(listener)}", flush=True)
            supervisor.add("worker")
            supervisor.add("ticker")
            supervisor.watch()
        return supervisor.status


def run_worker_with_redis(settings: Settings) -> int:
    """A worker and the private Redis it needs, for an installation that starts its parts one by one."""
    with Supervisor(settings) as supervisor:
        supervisor.add_redis()
        supervisor.add("worker")
        supervisor.watch()
        return supervisor.status


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
    last_status: int = 0

    def begin(self) -> None:
        self.process = self.start()
        if self.is_elsewhere and self.process is not None:
            _say(f"the {self.name} in use until now went away; started one")
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
        self.last_status = status

    @property
    def cause_of_death(self) -> str:
        status = self.last_status
        return f"killed by {signal.Signals(-status).name}" if status < 0 else f"exit status {status}"

    @property
    def is_hopeless(self) -> bool:
        """Has it never come up properly, and would not if it were tried again?"""
        return self.last_status == REFUSED or self.deaths >= FALSE_STARTS

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
        self.status = 0
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
            self._begin(Part(REDIS, lambda: private_redis.start(self._settings, self._tether)))

    def add(self, name: str, listener: socket.socket | None = None) -> None:
        """Starts `salesboard NAME` in a process of its own."""
        self._begin(Part(name, lambda: self._spawn(name, listener)))

    def watch(self, until: Callable[[], bool] | None = None) -> bool:
        """Looks after the parts until it is asked to end (False), or until `until` holds (True).

        Up to then the web part must come up; where it cannot, `status` becomes 1 and the answer is False.
        """
        while not ENDING & self._waking.wait(0.05 if until else self._seconds_to_next_look()):
            for part in self._parts:
                self._look_after(part, may_give_up=until is not None and part.name == WEB)
            if self.status:
                return False
            if until and until():
                return True
        return False

    def _begin(self, part: Part) -> None:
        self._parts.append(part)
        part.begin()

    def _spawn(self, name: str, listener: socket.socket | None) -> subprocess.Popen[bytes]:
        inherited = [self._tether.fileno()] + ([listener.fileno()] if listener else [])
        environment = {**os.environ, **self._tether.environment()}
        if listener:
            environment[listening.VARIABLE] = str(listener.fileno())
        return subprocess.Popen(
            [sys.executable, "-m", "salesboard", name],
            env=environment,
            pass_fds=inherited,
            stdin=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for the supervisor, which ends the parts in order
        )

    def _look_after(self, part: Part, *, may_give_up: bool) -> None:
        if part.process is not None and (status := part.process.poll()) is not None:
            part.note_death(status)
            if may_give_up and part.is_hopeless:
                _say(f"{part.name} does not come up ({part.cause_of_death}), see above; ending")
                self.status = 1
            else:
                _say(f"{part.name} died ({part.cause_of_death}); starting it again")
        elif part.process is None and part.due_at <= time.monotonic() and not self.status:
            part.begin()

    def _seconds_to_next_look(self) -> float:
        due = [part.due_at for part in self._parts if part.process is None]
        return min(due) - time.monotonic() if due else 60.0

    def _end_all(self) -> None:
        redis = [part for part in self._parts if part.name == REDIS]
        others = [part for part in self._parts if part.name != REDIS]
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


def _say(line: str) -> None:
    print(f"salesboard: {line}", flush=True)
