"""A rotation of the keys over many sealed values, while people read them, write them and move deals."""

from __future__ import annotations

import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from bench import crowd
from bench.moves import Mover, open_deals
from bench.server import Client, Installation, installation, salesboard
from bench.timing import Spread
from tests.filling import form_in

VALUES = 100_000
DEALS_HERE = 1_000
PAUSE = 0.1
"""Seconds between two deeds of one person."""
STRIDE = 7_918
ALONE = 15
"""Seconds in which nobody rotates, to compare with."""


def rows(values: int = VALUES) -> Iterator[str]:
    with installation(DEALS_HERE) as here:
        customers = values // crowd.SEALED_EACH // 2 * 2
        crowd.add_customers(here, customers)
        with people_at_work(here, customers) as people:
            time.sleep(ALONE)
            yield f"| without a rotation: a customer's page, a telephone changed, a move: ms | {people.taken()} |"
            began = time.perf_counter()
            told = salesboard(here.data_dir, "keys", "rotate")
            seconds = time.perf_counter() - began
            yield f"| meanwhile: the same | {people.taken()} |"
        yield f"| {told.strip()}, in s | {seconds:.0f} |"
        yield f"| read, changed, moved; errors | {people.done}; {people.errors} |"
        yield f"| found by `salesboard verify` | {salesboard(here.data_dir, 'verify').strip().splitlines()[0]} |"
        yield f"| load | {os.getloadavg()[0]:.1f} |"


@dataclass
class People:
    """Who reads a telephone number and compares it, who changes one, and who moves deals."""

    here: Installation
    reader: Client
    writer: Client
    mover: Mover
    customers: int
    """How many were added."""
    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    wrong: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)
    seen: tuple[int, int, int] = (0, 0, 0)

    @property
    def done(self) -> str:
        return f"{len(self.reads)}, {len(self.writes)}, {len(self.mover.seconds)}"

    @property
    def errors(self) -> int:
        return self.wrong + self.mover.errors

    def taken(self) -> str:
        """Median and p95 of each since it was asked last."""
        told = (self.reads, self.writes, self.mover.seconds)
        fresh = [seconds[start:] for seconds, start in zip(told, self.seen, strict=True)]
        self.seen = len(told[0]), len(told[1]), len(told[2])
        return "; ".join(str(Spread.of(seconds)) for seconds in fresh)

    def read(self) -> None:
        """Even ones, for the other one changes the odd ones."""
        turn = 0
        while not self.is_over.wait(PAUSE):
            turn = (turn + STRIDE) % self.customers
            began = time.perf_counter()
            status, page = self.reader.get(f"/customers/C20200101{turn:06d}")
            self.reads.append(time.perf_counter() - began)
            self.wrong += status != 200 or crowd.phone_of(turn * crowd.CONTACTS_EACH).encode() not in page

    def write(self) -> None:
        turn = 1
        while not self.is_over.wait(PAUSE):
            turn = (turn + STRIDE) % self.customers
            self._change(f"/customers/C20200101{turn:06d}", f"138{turn:08d}")

    def _change(self, customer: str, phone: str) -> None:
        _status, page = self.writer.get(customer)
        edit = re.search(rf"{customer}/contacts/\d+".encode(), page)
        assert edit is not None, page[:500]
        path = edit[0].decode()
        _status, page = self.writer.get(path)
        fields = {**form_in(page.decode(), path), "phone": phone}
        began = time.perf_counter()
        status, _page = self.writer.post(path, fields)
        self.writes.append(time.perf_counter() - began)
        _status, page = self.writer.get(customer)
        self.wrong += status not in (200, 302, 303) or phone.encode() not in page

    def move(self) -> None:
        while not self.is_over.wait(PAUSE):
            self.mover.move()


@contextmanager
def people_at_work(here: Installation, customers: int) -> Iterator[People]:
    people = People(here, here.client(), here.client(), Mover(here.client(), open_deals(here, 40)), customers)
    threads = [
        threading.Thread(target=work, daemon=True) for work in (people.read, people.write, people.move)
    ]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        people.is_over.set()
        for thread in threads:
            thread.join(60)
