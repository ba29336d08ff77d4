"""A large file the whole way through the page and the worker's own process: tried out, brought in, taken back, while
people read the board and move deals."""

from __future__ import annotations

import itertools
import os
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench import tables
from bench.moves import Mover, open_deals
from bench.server import Client, Installation, installation
from bench.timing import Spread
from tests.filling import form_in
from tests.running import Running

ROWS = 50_000
DEALS_HERE = 1_000
LETTERS_OF_REMARKS = 300
"""So many make 50 000 customers a file near 50 MB."""

BETWEEN_LOOKS, BETWEEN_MOVES, BETWEEN_SAMPLES = 0.2, 0.5, 0.1
"""Seconds: people who read and move now and then, and do not keep the machine busy by being measured."""

LONGEST = 1800
Write = Callable[[Path, tables.Table], None]
FILES: dict[str, tuple[Callable[[int], tables.Table], Write, str]] = {
    "customers, CSV": (
        lambda count: tables.customers(count, letters_of_remarks=LETTERS_OF_REMARKS),
        tables.write_csv,
        "csv",
    ),
    "customers, .xlsx": (
        lambda count: tables.customers(count, letters_of_remarks=LETTERS_OF_REMARKS),
        tables.write_xlsx,
        "xlsx",
    ),
    "deals, CSV": (tables.deals, tables.write_csv, "csv"),
}


@dataclass(frozen=True)
class Phase:
    """What one piece of the worker's work took, and how people fared meanwhile."""

    name: str
    seconds: float
    processor: float
    peak_mb: float
    board: Spread
    move: Spread
    errors: int
    load: float

    def __str__(self) -> str:
        return (
            f"{self.name} | {self.seconds:.0f} | {self.processor:.0f} | {self.peak_mb:.0f} | {self.board} "
            f"| {self.move} | {self.errors} | {self.load:.1f} |"
        )


HEAD = (
    "| file | MB | what | s | processor s | worker's peak MB | board ms median / p95 | move ms median / p95 "
    "| errors | load |\n| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |"
)


def rows(count: int = ROWS, files: tuple[str, ...] = tuple(FILES)) -> Iterator[str]:
    """A row of the table for each phase of each file; at first people alone, for comparison."""
    for name in files:
        contents, write, ending = FILES[name]
        with (
            installation(DEALS_HERE) as here,
            tempfile.TemporaryDirectory() as folder,
            worker_of(here) as worker,
        ):
            path = Path(folder) / f"table.{ending}"
            write(path, contents(count))
            told = f"| {count} {name} | {path.stat().st_size / 2**20:.0f} |"
            for phase in whole_way(here, worker, path):
                yield f"{told} {phase}"


@contextmanager
def worker_of(here: Installation) -> Iterator[psutil.Process]:
    """The worker as an operator starts it, with its Redis."""
    running = Running(here.data_dir, "worker", port=here.port)
    try:
        running.wait_for_parts("redis", "worker", within=120)
        yield running.parts()["worker"]
    finally:
        running.end()


def whole_way(here: Installation, worker: psutil.Process, path: Path) -> Iterator[Phase]:
    client = here.client()
    with people_at_work(here) as people:
        yield _phase("nobody imports", people, lambda: time.sleep(15), None)
        yield _phase("tried out", people, lambda: _upload(client, path, here), worker)
        yield _phase("brought in", people, lambda: _confirm(client, here), worker)
        yield _phase("taken back", people, lambda: _take_back(client, here), worker)


# what a person does


def _upload(client: Client, path: Path, here: Installation) -> None:
    _status, page = client.get("/import")
    fields = {**form_in(page.decode(), "/import"), "owners": "create"}
    status, answer = client.send_file("/import", fields, "file", path)
    assert status in (302, 303), (status, answer[:500])
    _wait_for(here, "planned")


def _confirm(client: Client, here: Installation) -> None:
    number = _import_of(here)[0]
    _status, page = client.get(f"/import/{number}")
    status, answer = client.post(f"/import/{number}/confirm", form_in(page.decode(), "/trial"))
    assert status in (302, 303), (status, answer[:500])
    _wait_for(here, "done")


def _take_back(client: Client, here: Installation) -> None:
    status, answer = client.post(f"/import/{_import_of(here)[0]}/undo", {})
    assert status in (302, 303), (status, answer[:500])
    _wait_for(here, "undone")


def _wait_for(here: Installation, state: str) -> None:
    """Fails where the import does, or does not come to an end."""
    deadline = time.monotonic() + LONGEST
    while (now := _import_of(here)[1]) != state:
        assert now != "failed", "the import failed"
        assert time.monotonic() < deadline, f"still {now} after {LONGEST} s"
        time.sleep(BETWEEN_SAMPLES)


def _import_of(here: Installation) -> tuple[int, str]:
    with closing(sqlite3.connect(f"file:{here.data_dir / 'salesboard.db'}?mode=ro", uri=True)) as connection:
        number, state = connection.execute("SELECT id, state FROM imports ORDER BY id DESC").fetchone()
    return int(number), str(state)


# what is measured


@dataclass
class People:
    """One who reads the board, and one who moves deals; both go on until they are told to stop."""

    reader: Client
    mover: Mover
    looks: list[float] = field(default_factory=list)
    errors: int = 0
    is_over: threading.Event = field(default_factory=threading.Event)

    def look(self) -> None:
        while not self.is_over.wait(BETWEEN_LOOKS):
            began = time.perf_counter()
            status, _page = self.reader.get("/")
            self.looks.append(time.perf_counter() - began)
            self.errors += status != 200

    def move(self) -> None:
        while not self.is_over.wait(BETWEEN_MOVES):
            self.mover.move()


@contextmanager
def people_at_work(here: Installation) -> Iterator[People]:
    people = People(here.client(), Mover(here.client(), open_deals(here, 40)))
    threads = [threading.Thread(target=work, daemon=True) for work in (people.look, people.move)]
    for thread in threads:
        thread.start()
    try:
        yield people
    finally:
        people.is_over.set()
        for thread in threads:
            thread.join(60)


def _phase(name: str, people: People, act: Callable[[], None], worker: psutil.Process | None) -> Phase:
    looks, moves, errors = len(people.looks), len(people.mover.seconds), people.errors + people.mover.errors
    with watched(worker) as seen:
        began = time.perf_counter()
        act()
        seconds = time.perf_counter() - began
    return Phase(
        name,
        seconds,
        seen.processor,
        seen.peak_mb,
        Spread.of(people.looks[looks:]),
        Spread.of(people.mover.seconds[moves:]),
        people.errors + people.mover.errors - errors,
        os.getloadavg()[0],
    )


@dataclass
class Seen:
    """The most memory that a process doing the worker's work held at once, and the processor's time of them all."""

    peak_mb: float = 0.0
    by_process: dict[int, float] = field(default_factory=dict)
    earlier: frozenset[int] = frozenset()
    """Processes that are still ending from the work before."""

    @property
    def processor(self) -> float:
        return sum(self.by_process.values())

    def look_at(self, worker: psutil.Process) -> None:
        """Each piece of work is done by a fork of the worker's."""
        for each in worker.children():
            if each.pid in self.earlier:
                continue
            with suppress(psutil.Error, OSError):
                spent = each.cpu_times()
                self.by_process[each.pid] = spent.user + spent.system
                self.peak_mb = max(self.peak_mb, _peak_mb(each.pid))


@contextmanager
def watched(worker: psutil.Process | None) -> Iterator[Seen]:
    here = worker.children() if worker is not None else []
    seen, is_over = Seen(earlier=frozenset(each.pid for each in here)), threading.Event()

    def look() -> None:
        while worker is not None and not is_over.wait(BETWEEN_SAMPLES):
            seen.look_at(worker)

    thread = threading.Thread(target=look, daemon=True)
    thread.start()
    try:
        yield seen
    finally:
        is_over.set()
        thread.join()


def _peak_mb(pid: int) -> float:
    lines = Path(f"/proc/{pid}/status").read_text("ascii", "replace").splitlines()
    peak = next(line for line in itertools.chain(lines, ["VmHWM: 0 kB"]) if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024
