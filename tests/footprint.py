"""Everything that the database holds, to be compared before and after, or brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from functools import cache
from typing import Any

from sqlalchemy import JSON, Column, String, Table
from sqlalchemy.sql.sqltypes import Enum

from salesboard.database import db
from salesboard.sealed import SealedJson, secrets_of, tables_with_secrets

UNTOLD = {"sign_ins": {"seen_at", "expires_at"}}
"""What may change by merely looking on."""

Rows = dict[str, list[tuple[Any, ...]]]


class Footprint:
    """The rows of every table as they lie in the database, as they were when this was made."""

    def __init__(self) -> None:
        self.rows = _all_rows()

    def changed(self) -> dict[str, list[str]]:
        """By table the rows that came, went or changed since."""
        now = _all_rows()
        if now == self.rows:
            return {}
        return {
            name: sorted(set(map(repr, _told(name, rows))) ^ set(map(repr, _told(name, self.rows[name]))))
            for name, rows in now.items()
            if _told(name, rows) != _told(name, self.rows[name])
        }

    def changed_tables(self) -> list[str]:
        """The names of the tables that hold other rows than then."""
        return [name for name, rows in _all_rows().items() if rows != self.rows[name]]

    def without(self, columns: Collection[str]) -> Rows:
        """The rows without some columns, and with sealed JSON opened, for sealing is never the same twice."""
        return {name: _without(columns, name, _opened(name, rows)) for name, rows in self.rows.items()}

    def bring_back(self, *, after_emptying: bool = False) -> None:
        """Puts every row back as it was; `after_emptying`, new rows are counted on from there too."""
        db.session.rollback()
        db.session.expunge_all()
        tables = _with_dependents(self.changed_tables())
        if not tables:
            return
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            cursor: Any = connection.connection.cursor()
            is_postgresql = connection.dialect.name == "postgresql"
            cursor.execute(
                "SET LOCAL session_replication_role = replica"
                if is_postgresql
                else "PRAGMA defer_foreign_keys=ON"
            )
            for table in reversed(tables):
                cursor.execute(f'DELETE FROM "{table.name}"')
            for table in tables:
                if rows := self.rows[table.name]:
                    cursor.execute(f'DELETE FROM "{table.name}"')  # which a trigger filled meanwhile
                    columns = ", ".join(f'"{column.name}"' for column in table.c)
                    values = ", ".join(["%s" if is_postgresql else "?"] * len(table.c))
                    cursor.executemany(f'INSERT INTO "{table.name}" ({columns}) VALUES ({values})', rows)
            if after_emptying and is_postgresql:
                series = (
                    f"setval(pg_get_serial_sequence('{table.name}', 'id'),"
                    f" (SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                    for table in tables
                    if "id" in table.c
                )
                cursor.execute(f"SELECT {', '.join(series)}")


def _with_dependents(names: list[str]) -> list[Table]:
    """The tables of these names and those that point to them, for a deleted row may take others along."""
    chosen = set(names)
    for table in db.metadata.sorted_tables:
        if any(key.column.table.name in chosen for key in table.foreign_keys):
            chosen.add(table.name)
    return [table for table in db.metadata.sorted_tables if table.name in chosen]


def sealed_columns() -> set[str]:
    """The names of columns that are never the same twice, for what lies in them is sealed anew each time."""
    by_row = {secret.column for table in tables_with_secrets() for secret in secrets_of(table)}
    return by_row | {"seal_id"}


def texts(tables: Collection[str]) -> Iterator[str]:
    """Every free text in these tables, those within JSON and sealed ones too."""
    with db.engine.connect() as connection:
        for name in set(tables_with_secrets()).intersection(tables):
            for row in connection.execute(db.metadata.tables[name].select()):
                yield from (str(secret.of(row) or "") for secret in secrets_of(name))
        for table in map(db.metadata.tables.__getitem__, tables):
            written = [
                column
                for column in table.c
                if isinstance(column.type, String | JSON | SealedJson) and not isinstance(column.type, Enum)
            ]
            if written:
                for row in connection.execute(db.select(*written)):
                    for value in row:
                        yield from _leaves(value)


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from _leaves(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from _leaves(inner)


def _all_rows() -> Rows:
    """Read past SQLAlchemy, whose types cost more than the reading: PostgreSQL tells all as text."""
    db.session.rollback()
    tables = db.metadata.sorted_tables
    with db.engine.connect() as connection:
        is_postgresql = connection.dialect.name == "postgresql"
        questions = [_question(table, "::text" if is_postgresql else "") for table in tables]
        cursor: Any = connection.connection.cursor()
        if not is_postgresql:
            cursor.execute("BEGIN")
            return {
                table.name: cursor.execute(question).fetchall()
                for table, question in zip(tables, questions, strict=True)
            }
        cursor.execute("; ".join(questions))  # all at once
        rows = {}
        for table in tables:
            rows[table.name] = cursor.fetchall()
            cursor.nextset()
        return rows


@cache
def _question(table: Table, as_what: str) -> str:
    columns = ", ".join(f'"{column.name}"{as_what}' for column in table.c)
    keys = ", ".join(f'"{column.name}"' for column in table.primary_key)
    return f'SELECT {columns} FROM "{table.name}" ORDER BY {keys}'


def _told(name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return _without(UNTOLD[name], name, rows) if name in UNTOLD else rows


def _opened(name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    columns = list(db.metadata.tables[name].c)
    if not any(isinstance(column.type, SealedJson) for column in columns):
        return rows
    return [tuple(map(_open, columns, row)) for row in rows]


def _open(column: Column[Any], value: Any) -> Any:
    if value is None or not isinstance(column.type, SealedJson):
        return value
    sealed = bytes.fromhex(value[2:]) if isinstance(value, str) else value
    return column.type.process_result_value(sealed, db.engine.dialect)


def _without(columns: Collection[str], name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    kept = [index for index, column in enumerate(db.metadata.tables[name].c) if column.name not in columns]
    return [tuple(row[index] for index in kept) for row in rows]
