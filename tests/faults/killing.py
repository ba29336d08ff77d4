"""The kill loop: people move deals while the parts of a running installation are killed in turn."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil

from salesboard.deals.rules import OPEN_STAGES, Stage
from tests.faults.person import Person, Unanswered
from tests.running import Running

PARTS = ("web", "worker", "ticker", "redis")


@dataclass
class Outcome:
    """What people were told, and how often each part was killed."""

    acknowledged: dict[str, str] = field(default_factory=dict)
    unanswered: list[str] = field(default_factory=list)
    refused: Counter[int] = field(default_factory=Counter)
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0


class KillLoop:
    """`moves` moves by `people` at once, each person on their own deals, while a killer goes round the parts."""

    def __init__(
        self, running: Running, deals: dict[str, Stage], *, moves: int, people: int, pause: float
    ) -> None:
        self._running = running
        self._stages = deals
        self._moves_left = itertools.count(moves, -1)
        self._people = people
        self._pause = pause
        self._lock = threading.Lock()
        self._done = threading.Event()
        self.outcome = Outcome()

    def run(self, email: str, password: str) -> Outcome:
        movers = []
        for place in range(self._people):
            person = Person(self._running.port)
            person.sign_in(email, password)  # while all is well: it costs more than the web part's life below
            share = list(self._stages)[place :: self._people]
            movers.append(threading.Thread(target=self._move, args=(person, share)))
        killer = threading.Thread(target=self._kill)
        began = time.monotonic()
        for thread in (*movers, killer):
            thread.start()
        for mover in movers:
            mover.join()
        self._done.set()
        killer.join()
        self.outcome.seconds = time.monotonic() - began
        return self.outcome

    def _move(self, person: Person, numbers: list[str]) -> None:
        for number in itertools.cycle(numbers):
            with self._lock:
                left = next(self._moves_left)
            if left <= 0:
                return
            self._move_one(person, number, f"move {left}")

    def _move_one(self, person: Person, number: str, words: str) -> None:
        """One move with its note; when the connection breaks it is sent again under the same key until answered."""
        path = f"/deals/{number}/placement"
        now = self._stages[number]
        target = OPEN_STAGES[(OPEN_STAGES.index(now) + 1) % len(OPEN_STAGES)]
        fields = person.persist(lambda: person.form(f"{path}?to={target}", path))
        due = (datetime.now(UTC) + timedelta(days=2)).date().isoformat()
        fields |= {"content": words, "next_step": "Call", "next_due": due, "method": "phone"}
        try:
            status = person.send(path, fields)
        except Unanswered:
            with self._lock:
                self.outcome.unanswered.append(words)
            status = person.persist(lambda: person.send(path, fields))
        with self._lock:
            if status in (200, 302, 303):
                self.outcome.acknowledged[words] = number
                self._stages[number] = target
            else:
                self.outcome.refused[status] += 1

    def _kill(self) -> None:
        for turn, name in enumerate(itertools.cycle(PARTS)):
            if self._done.wait(self._pause):
                return
            part = self._running.parts().get(name)
            if part is None:
                continue
            victims = [part] if name != "web" else self._of_web(part, turn)
            for victim in victims:
                try:
                    victim.kill()
                    self.outcome.kills[name] += 1
                except psutil.NoSuchProcess:
                    continue

    @staticmethod
    def _of_web(part: psutil.Process, turn: int) -> list[psutil.Process]:
        """What answers, and each sixth time its parent too. One that has just been started and answers nothing yet is
        left alone: killed again each time before it stands, it would never answer, whatever it keeps or loses."""
        answering = part.children(recursive=True)
        is_whole = turn // len(PARTS) % 6 == 5
        return [*answering, part] if answering and is_whole else answering


def database_of(data_dir: Path) -> Path:
    return data_dir / "salesboard.db"
