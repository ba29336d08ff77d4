"""What the machine can do at best: a constant page from the same server, a bare transaction on the same database."""

from __future__ import annotations

import itertools
import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.server import Client
from bench.timing import Spread, repeated


@dataclass(frozen=True)
class Statements:
    """How many statements of each kind an operation sends."""

    reads: int
    writes: int


def constant_page(client: Client, size: int, times: int = 200) -> Spread:
    """A page of `size` bytes from the same server, without a query."""
    return repeated(lambda: client.get(f"/floor?bytes={size}"), times)


def bare_transaction(data_dir: Path, statements: Statements, times: int = 300) -> Spread:
    """As many statements as a move sends, each as small as can be, in one durable transaction on the same file."""
    connection = _open(data_dir / "salesboard.db")
    connection.execute("CREATE TABLE IF NOT EXISTS bench_floor (id INTEGER PRIMARY KEY, words TEXT)")
    ids = [row[0] for row in connection.execute("SELECT id FROM deals LIMIT 500")]
    turns = itertools.cycle(ids)

    def transaction() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(statements.reads):
            connection.execute("SELECT * FROM deals WHERE id = ?", (next(turns),)).fetchall()
        for _ in range(statements.writes):
            connection.execute("INSERT INTO bench_floor (words) VALUES (?)", ("x" * 200,))
        connection.execute("COMMIT")

    try:
        return repeated(transaction, times)
    finally:
        connection.execute("DROP TABLE bench_floor")
        connection.close()


def _open(path: Path) -> Any:
    """The library and the settings that the application uses."""
    try:
        from pysqlite3 import dbapi2
    except ImportError:
        dbapi2 = sqlite3
    connection = dbapi2.connect(path, isolation_level=None)
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    return connection
