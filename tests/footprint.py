"""Everything that the database holds, to be compared before and after, or brought back."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import JSON, String, Table, text
from sqlalchemy.sql.sqltypes import Enum

from salesboard.database import db
from salesboard.sealed import SealedJson, secrets_of, tables_with_secrets

UNTOLD = {"sign_ins": {"seen_at", "expires_at"}}
"""What may change by merely looking on."""

Rows = dict[str, list[tuple[Any, ...]]]


class Footprint:
    """The rows of every table, as they were when this was made."""

    def __init__(self) -> None:
        self.rows = _all_rows()

    def changed(self) -> dict[str, list[str]]:
        """By table the rows that came, went or changed since."""
        now = _all_rows()
        return {
            name: sorted(set(map(repr, _told(name, rows))) ^ set(map(repr, _told(name, self.rows[name]))))
            for name, rows in now.items()
            if _told(name, rows) != _told(name, self.rows[name])
        }

    def without(self, columns: Collection[str]) -> Rows:
        """The rows without some columns."""
        return {name: _without(columns, name, rows) for name, rows in self.rows.items()}

    def bring_back(self, *, after_emptying: bool = False) -> None:
        """Puts every row back as it was; `after_emptying`, new rows are counted on from there too."""
        db.session.rollback()
        db.session.expunge_all()
        tables = _with_dependents([name for name, rows in _all_rows().items() if rows != self.rows[name]])
        if not tables:
            return
        with db.engine.connect().execution_options(writes=True) as connection, connection.begin():
            is_postgresql = connection.dialect.name == "postgresql"
            if is_postgresql:
                connection.execute(text("SET LOCAL session_replication_role = replica"))
            else:
                connection.execute(text("PRAGMA defer_foreign_keys=ON"))
            for table in reversed(tables):
                connection.execute(table.delete())
            for table in tables:
                if rows := self.rows[table.name]:
                    connection.execute(
                        table.insert(), [dict(zip(table.c.keys(), row, strict=True)) for row in rows]
                    )
                if after_emptying and is_postgresql and "id" in table.c:
                    connection.execute(
                        text(
                            f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'),"
                            f" (SELECT coalesce(max(id), 0) + 1 FROM {table.name}), false)"
                        )
                    )


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


def texts() -> Iterator[str]:
    """Every free text in the database, those within JSON and sealed ones too."""
    with db.engine.connect() as connection:
        for name in tables_with_secrets():
            for row in connection.execute(db.metadata.tables[name].select()):
                yield from (str(secret.of(row) or "") for secret in secrets_of(name))
        for table in db.metadata.sorted_tables:
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
    db.session.rollback()
    with db.engine.connect() as connection:
        return {
            table.name: [
                tuple(row) for row in connection.execute(table.select().order_by(*table.primary_key))
            ]
            for table in db.metadata.sorted_tables
        }


def _told(name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    return _without(UNTOLD[name], name, rows) if name in UNTOLD else rows


def _without(columns: Collection[str], name: str, rows: list[tuple[Any, ...]]) -> list[tuple[Any, ...]]:
    kept = [index for index, column in enumerate(db.metadata.tables[name].c) if column.name not in columns]
    return [tuple(row[index] for index in kept) for row in rows]
