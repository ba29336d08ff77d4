"""The database: base class, column types, and the one way to write."""

from __future__ import annotations

import json
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from functools import lru_cache, wraps
from threading import Lock
from typing import Any, ParamSpec, TypeVar, cast

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    BigInteger,
    DateTime,
    Dialect,
    Engine,
    Enum,
    Executable,
    LargeBinary,
    MetaData,
    TypeDecorator,
    event,
    func,
    inspect,
    select,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import DeclarativeBase

from salesboard.config import Settings

BUSY_SECONDS = 5
"""How long a writer waits for its turn before it is told that the database is busy."""

_writers = Lock()
CENT = Decimal("0.01")
LARGEST_AMOUNT = Decimal("99999999999.99")
"""A hundred thousand million: a column of thousands of such deals still sums within 64 bits, weighted too."""


class Base(DeclarativeBase):
    __mapper_args__ = {"eager_defaults": False}
    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


db = SQLAlchemy(model_class=Base, session_options={"expire_on_commit": False}, disable_autonaming=True)


class Money(TypeDecorator[Decimal]):
    """An amount with two places, kept as whole minor units so that sums are exact on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int(Decimal(value).quantize(CENT, ROUND_HALF_UP) * 100)

    def process_result_value(self, value: int | Decimal | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else (Decimal(value) / 100).quantize(CENT, ROUND_HALF_UP)


class Figure(TypeDecorator[Decimal]):
    """A number with up to six places, kept as whole millionths so that it compares exactly on both databases."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: Decimal | int | None, dialect: Dialect) -> int | None:
        return None if value is None else int((Decimal(value) * 1_000_000).to_integral_value(ROUND_HALF_UP))

    def process_result_value(self, value: int | None, dialect: Dialect) -> Decimal | None:
        return None if value is None else Decimal(value) / 1_000_000


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment, stored in UTC; a naive datetime is refused."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone cannot be stored")
        value = value.astimezone(UTC)
        return value.replace(tzinfo=None) if dialect.name == "sqlite" else value

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


PACKED_AT_A_TIME = 1000


def packed(values: Sequence[Any]) -> bytes:
    """A long list as `PackedJson` keeps it, written a part at a time; what JSON does not know goes in as its text."""
    packer = zlib.compressobj(1)
    pieces, opening = [], "["
    for part in in_parts(values, PACKED_AT_A_TIME):
        text = json.dumps(part, ensure_ascii=False, separators=(",", ":"), default=str)
        pieces.append(packer.compress((opening + text[1:-1]).encode("utf-8", "surrogatepass")))
        opening = ","
    end = "]" if values else "[]"
    return b"".join([*pieces, packer.compress(end.encode()), packer.flush()])


def unpacked(value: bytes) -> Any:
    """What was packed."""
    return json.loads(zlib.decompress(value).decode("utf-8", "surrogatepass"))


class PackedJson(TypeDecorator[Any]):
    """JSON that nobody searches, kept small; bytes are what `packed` made."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes:
        if isinstance(value, bytes):
            return value
        text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
        return zlib.compress(text.encode("utf-8", "surrogatepass"), 1)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return None if value is None else unpacked(value)


def choice(kind: type[StrEnum], name: str) -> Enum:
    """A column that holds one of `kind`'s values, checked by the database under the constraint `name`."""
    return Enum(
        kind,
        native_enum=False,
        create_constraint=True,
        name=name,
        length=20,
        values_callable=lambda members: [member.value for member in members],
    )


def engine_options(settings: Settings) -> dict[str, Any]:
    """How to open the database: SQLite through the library that pysqlite3 bundles, else PostgreSQL."""
    if not settings.is_sqlite:
        return {"pool_pre_ping": True, "pool_size": 16, "max_overflow": 32}
    from pysqlite3 import dbapi2

    return {"module": dbapi2, "pool_size": 16, "max_overflow": 32}


def prepare_engine(engine: Engine) -> None:
    """On SQLite: durable WAL, foreign keys, and transactions that begin the way the writer asked for."""
    if engine.dialect.name != "sqlite":
        return

    @event.listens_for(engine, "connect")
    def set_pragmas(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            f"busy_timeout={BUSY_SECONDS * 1000}",
            "foreign_keys=ON",
        ):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


IS_BUILT_ONCE = "is_built_once"
"""The execution option that marks a statement which `built_once` has built."""

What = ParamSpec("What")
Statement = TypeVar("Statement", bound=Executable)


def built_once(build: Callable[What, Statement]) -> Callable[What, Statement]:
    """Decorator for a function that builds a statement: built once for each thing it is asked, for building one takes
    longer than running it. What differs from run to run is bound when it is run.
    """

    @lru_cache(maxsize=64)
    def built(*what: Any) -> Any:
        return build(*what).execution_options(**{IS_BUILT_ONCE: True})  # type: ignore[call-arg]

    return cast(Callable[What, Statement], wraps(build)(built))


def insert_into(model: type[Base]) -> Any:
    """An INSERT that knows ON CONFLICT, in the dialect of the database in use."""
    dialect = sqlite if db.session.get_bind().dialect.name == "sqlite" else postgresql
    return dialect.insert(model)


def give_ids() -> None:
    """Gives the session's new rows their ids, inside `writing` and before they are flushed, so that many are written
    by one statement. Only SQLite needs it: it tells no order of ids, and would be sent a statement for each row; its
    one writer may choose them.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        return
    new: dict[Any, list[Any]] = {}
    for row in sorted(db.session.new, key=lambda row: inspect(row).insert_order):
        if getattr(row, "id", 0) is None:
            new.setdefault(inspect(type(row)).local_table, []).append(row)
    for table, rows in new.items():
        last = db.session.connection().scalar(select(func.max(table.c.id))) or 0
        for row_id, row in enumerate(rows, start=last + 1):
            row.id = row_id


Row = TypeVar("Row")


def in_parts(rows: Sequence[Row], size: int) -> Iterator[Sequence[Row]]:
    """At most `size` at a time, for a statement takes only so many values."""
    for start in range(0, len(rows), size):
        yield rows[start : start + size]


@contextmanager
def writing(*, keeping: Base | None = None) -> Iterator[None]:
    """One short writing transaction: what the block did is committed whole, or not at all.

    What was loaded before is read anew inside, so that a verb never decides on stale rows; all but the row `keeping`,
    on which nothing inside decides. No hashing, network or rendering belongs inside.
    """
    is_kept = keeping is not None and keeping in db.session
    if is_kept:
        db.session.expunge(keeping)
    db.session.rollback()
    db.session.expire_all()
    if is_kept:
        db.session.add(keeping)
    with _turn():
        try:
            db.session.connection(execution_options={"writes": True})
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


@contextmanager
def _turn() -> Iterator[None]:
    """One writer of this process at a time on SQLite, which has one anyway.

    Who waits for SQLite's own lock looks again after growing pauses, and under load some wait hundreds of milliseconds
    while others pass; here the next one goes on at once. Other processes still meet at SQLite's lock.
    """
    if db.session.get_bind().dialect.name != "sqlite":
        yield
        return
    if not _writers.acquire(timeout=BUSY_SECONDS):
        raise OperationalError("BEGIN IMMEDIATE", None, TimeoutError("database is locked"))
    try:
        yield
    finally:
        _writers.release()
