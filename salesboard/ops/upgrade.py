"""Brings the database to this version's tables: never without a copy, never backwards."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import Any, cast

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from sqlalchemy import inspect

from salesboard import clock
from salesboard.config import Settings
from salesboard.database import db
from salesboard.errors import Refused


class SchemaState(Enum):
    """Where a database's tables stand beside those this version knows."""

    EMPTY = auto()
    CURRENT = auto()
    BEHIND = auto()
    AHEAD = auto()
    FOREIGN = auto()


@dataclass(frozen=True)
class Schema:
    """`revision` is the last migration that ran in the database, `head` the last one this version has."""

    state: SchemaState
    revision: str | None
    head: str


@dataclass(frozen=True)
class Upgrade:
    """What was done: None for `from_revision` where the database was empty, for `copy` where none was needed."""

    from_revision: str | None
    to_revision: str
    copy: Path | None


def ensure_schema(app: Flask) -> None:
    """For a command: makes the tables of an empty database; refuses one that is older or newer than this version."""
    schema = read_schema(app)
    if schema.state is SchemaState.EMPTY:
        bring_up_to_date(app)
        return
    _refuse_foreign_and_newer(schema)
    if schema.state is SchemaState.BEHIND:
        raise Refused(
            f"the database is at {schema.revision}, this version needs {schema.head}: run `salesboard db upgrade`"
        )


def bring_up_to_date(app: Flask) -> Upgrade | None:
    """Runs the migrations that are missing; None where there are none.

    A SQLite database that holds anything is copied first, into `backups/` of the data folder. One process does it,
    others wait. Raises Refused for a database that a newer version wrote: migrations only go forward.
    """
    with _alone(app.config["SETTINGS"]):
        schema = read_schema(app)
        _refuse_foreign_and_newer(schema)
        if schema.state is SchemaState.CURRENT:
            return None
        copy = _copy(app.config["SETTINGS"], schema) if schema.state is SchemaState.BEHIND else None
        command.upgrade(_alembic_config(app), "head")
        return Upgrade(schema.revision, schema.head, copy)


def read_schema(app: Flask) -> Schema:
    """Compares the database with the migrations of this version."""
    scripts = ScriptDirectory.from_config(_alembic_config(app))
    head = cast(str, scripts.get_current_head())
    with db.engine.connect() as connection:
        revision = MigrationContext.configure(connection).get_current_revision()
        has_tables = revision is not None or bool(set(inspect(connection).get_table_names()))
    if revision is None:
        return Schema(SchemaState.FOREIGN if has_tables else SchemaState.EMPTY, None, head)
    if revision == head:
        return Schema(SchemaState.CURRENT, revision, head)
    known = {script.revision for script in scripts.walk_revisions()}
    return Schema(SchemaState.BEHIND if revision in known else SchemaState.AHEAD, revision, head)


def _refuse_foreign_and_newer(schema: Schema) -> None:
    if schema.state is SchemaState.FOREIGN:
        raise Refused(
            "the database holds tables, but not salesboard's: set SALESBOARD_DATABASE_URL to another one"
        )
    if schema.state is SchemaState.AHEAD:
        raise Refused(
            f"the database is at {schema.revision}, which this version does not know (it ends at {schema.head}): "
            "a newer salesboard wrote it. Run that version, or restore a copy from before its upgrade"
        )


def _copy(settings: Settings, schema: Schema) -> Path | None:
    """A whole copy of the SQLite database, checked after writing. PostgreSQL has its own tools: None."""
    if not settings.is_sqlite:
        return None
    folder = settings.data_dir / "backups"
    folder.mkdir(mode=0o700, exist_ok=True)
    path = folder / f"before-{schema.head}-{clock.now():%Y%m%dT%H%M%SZ}.db"
    path.touch(mode=0o600)
    from pysqlite3 import dbapi2

    with closing(dbapi2.connect(str(path))) as target:
        source = db.engine.raw_connection()
        try:
            source.driver_connection.backup(target)  # type: ignore[union-attr]
        finally:
            source.close()
        faults = [row[0] for row in target.execute("PRAGMA integrity_check") if row[0] != "ok"]
    if faults:
        raise Refused(f"the copy before the upgrade is not whole ({faults[0]}): nothing was changed")
    return path


@contextmanager
def _alone(settings: Settings) -> Iterator[None]:
    """Inside, no other process of this data folder runs migrations."""
    settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    lock = os.open(settings.data_dir / "upgrade.lock", os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)


def _alembic_config(app: Flask) -> Config:
    extension: Any = app.extensions["migrate"]
    return cast(Config, extension.migrate.get_config(extension.directory))
