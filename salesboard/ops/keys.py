"""Rotation of the keys while everything runs: each sealed value goes under the new key, none is lost to a writer."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    LargeBinary,
    Select,
    Table,
    bindparam,
    func,
    select,
    type_coerce,
    update,
)

from salesboard import audit, clock, crypto, files
from salesboard.crypto import NAME_BYTES, RELOAD_AFTER
from salesboard.database import db, writing
from salesboard.errors import Refused, SealBroken
from salesboard.exchange import uploads
from salesboard.exchange.turns import taking_turns
from salesboard.sealed import SealedJson, Secret, secrets_of, tables_with_secrets

ROWS_AT_ONCE = 200
Progress = Callable[[int], None]


@dataclass(frozen=True)
class _Place:
    """A column with sealed values, and what the value of a row there is bound to."""

    table: Table
    column: Column[Any]
    bound_to: Callable[[Any], str]

    def opened(self, row: Any) -> bytes:
        return crypto.ring().open(row.sealed, self.bound_to(row))

    def resealed(self, row: Any) -> bytes:
        return crypto.ring().seal(self.opened(row), self.bound_to(row))


def rotate(progress: Progress = lambda count: None) -> int:
    """Makes a new key, puts every value and file under it, then forgets the old ones; how many there were.

    Readers and writers go on meanwhile. Safe to begin again after it was broken off. Raises Refused where something
    does not open: the old keys are kept then.
    """
    crypto.ring().add_key()
    time.sleep(2 * RELOAD_AFTER)  # from then on no process seals with the old key
    try:
        done = _reseal_values(progress) + _reseal_files()
    except SealBroken as broken:
        raise Refused(f"{broken}; the old key is kept, `salesboard verify` names what is wrong") from None
    crypto.ring().forget_old_keys()
    with writing():
        audit.record("keys.rotated", "keys", actor_id=None, at=clock.now(), values=done)
    return done


def _reseal_values(progress: Progress) -> int:
    """A value that somebody writes at the same moment is left to the next round."""
    places, done = _places(), 0
    while any(db.session.execute(_old(place).limit(1)).first() for place in places):
        for moved in (moved for place in places for moved in _reseal(place)):
            done += moved
            progress(done)
    return done


def _reseal_files() -> int:
    return sum(files.reseal(path, key) for path, key in (*files.kept(), *uploads.kept()))


def broken_seals() -> Iterator[str]:
    """The sealed values that do not open, named by table, column and row."""
    for place in _places():
        for row in db.session.execute(_rows(place).execution_options(yield_per=ROWS_AT_ONCE)):
            try:
                place.opened(row)
            except SealBroken:
                yield f"{place.column} of row {row.id}"


def _places() -> list[_Place]:
    of_rows = [
        _Place(table, table.c[secret.column], _by_row(secret))
        for table in map(db.metadata.tables.__getitem__, tables_with_secrets())
        for secret in secrets_of(table.name)
    ]
    of_columns = [
        _Place(table, column, _by_column(column.type))
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, SealedJson)
    ]
    return of_rows + of_columns


def _by_row(secret: Secret[Any]) -> Callable[[Any], str]:
    return lambda row: secret.place(row.seal_id)


def _by_column(kind: SealedJson) -> Callable[[Any], str]:
    return lambda _row: kind.place


def _raw(place: _Place) -> ColumnElement[bytes]:
    """The column as it lies there, not opened."""
    return type_coerce(place.column, LargeBinary)


def _rows(place: _Place) -> Select[Any]:
    ids = [place.table.c[name] for name in ("id", "seal_id") if name in place.table.c]
    return (
        select(*ids, _raw(place).label("sealed")).where(place.column.is_not(None)).order_by(place.table.c.id)
    )


def _old(place: _Place) -> Select[Any]:
    key = func.substr(_raw(place), 1, NAME_BYTES, type_=LargeBinary)
    return _rows(place).where(key != crypto.ring().current)


def _reseal(place: _Place) -> Iterator[int]:
    """Some values in each short transaction, only where they are still what was read; yields how many there were."""
    unchanged = place.table.c.id == bindparam("of"), _raw(place) == bindparam("was", type_=LargeBinary)
    change = update(place.table).where(*unchanged)
    change = change.values({place.column.name: bindparam("fresh", type_=LargeBinary)})
    last, turn = 0, taking_turns(writing)
    while rows := db.session.execute(_old(place).where(place.table.c.id > last).limit(ROWS_AT_ONCE)).all():
        fresh = [{"of": row.id, "was": row.sealed, "fresh": place.resealed(row)} for row in rows]
        with turn():
            db.session.connection().execute(change, fresh)
        last = rows[-1].id
        yield len(rows)
