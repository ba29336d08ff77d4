"""What the machine can do at best: a constant page from the same server, a bare transaction on the same database."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Column, Integer, MetaData, Table, Text, bindparam, insert, select

from bench.server import Client
from bench.timing import Spread, repeated
from salesboard import create_app
from salesboard.config import Settings
from salesboard.deals.models import Deal
from salesboard.extensions import db


@dataclass(frozen=True)
class Statements:
    """How many statements of each kind an operation sends."""

    reads: int
    writes: int


def constant_page(client: Client, size: int, times: int = 200) -> Spread:
    """A page of `size` bytes from the same server, without a query."""
    return repeated(lambda: client.get(f"/floor?bytes={size}"), times)


@contextmanager
def bare_transaction(data_dir: Path, statements: Statements) -> Iterator[Callable[[], None]]:
    """As many statements as a move sends, each as small as can be, in one durable transaction on the same file."""
    connection = _open(data_dir / "salesboard.db")
    connection.execute("CREATE TABLE bench_bare (id INTEGER PRIMARY KEY, words TEXT)")
    turns = itertools.cycle([row[0] for row in connection.execute("SELECT id FROM deals LIMIT 500")])

    def transaction() -> None:
        connection.execute("BEGIN IMMEDIATE")
        for _ in range(statements.reads):
            connection.execute("SELECT * FROM deals WHERE id = ?", (next(turns),)).fetchall()
        for _ in range(statements.writes):
            connection.execute("INSERT INTO bench_bare (words) VALUES (?)", ("x" * 200,))
        connection.execute("COMMIT")

    try:
        yield transaction
    finally:
        connection.execute("DROP TABLE bench_bare")
        connection.close()


@contextmanager
def engine_transaction(settings: Settings, statements: Statements) -> Iterator[Callable[[], None]]:
    """The same transaction sent through the application's own engine, by SQLAlchemy Core: with its pool, its kept
    statements and its column types, without the ORM, a form or a page.
    """
    deals = Deal.__table__
    words = Table("bench_engine", MetaData(), Column("id", Integer, primary_key=True), Column("words", Text))
    look, write = select(deals).where(deals.c.id == bindparam("of")), insert(words)
    with create_app(settings).app_context():
        engine = db.engine
        words.create(engine)
        with engine.connect() as connection:
            turns = itertools.cycle(connection.scalars(select(deals.c.id).limit(500)).all())

        def transaction() -> None:
            with engine.connect().execution_options(writes=True) as connection, connection.begin():
                for _ in range(statements.reads):
                    connection.execute(look, {"of": next(turns)}).all()
                for _ in range(statements.writes):
                    connection.execute(write, {"words": "x" * 200})

        try:
            yield transaction
        finally:
            words.drop(engine)


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
