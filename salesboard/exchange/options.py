"""What a person says about a file beforehand: which column is which field, which of their words is which of ours.

The command line and the import page both speak this; a written option has the forms of CONTRACT:
`Their column=field`, `field:Theirs=ours`, `field=value`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from salesboard.exchange.fields import OWN, Kind
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import DateOrder


@dataclass(frozen=True)
class ColumnMap:
    """Their column holds our field; an empty field says that the column is not to be imported."""

    column: str
    field: str


@dataclass(frozen=True)
class ValueMap:
    """In this field, their word means ours."""

    field: str
    theirs: str
    ours: str


@dataclass(frozen=True)
class Default:
    """What an empty cell of this field, or a sheet without such a column, is taken to say."""

    field: str
    value: str


@dataclass(frozen=True)
class SheetSaid:
    """What the person says about one sheet. `columns` are by place, each with the keys of our fields, if any."""

    is_read: bool | None = None
    """None: read when something in it is known."""
    kind: Kind | None = None
    head_row: int | None = None
    columns: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    is_anew: bool = False
    """A matching that is remembered is not to be used."""
    customer: str | None = None
    """Whose the rows are that name no customer."""


NOTHING_SAID = SheetSaid()


@dataclass(frozen=True)
class Remembered:
    """How a table of this shape was matched before; `columns` count without those that a handed-back table has more."""

    id: int
    kind: Kind | None
    columns: Mapping[int, tuple[str, ...]]
    values: tuple[ValueMap, ...] = ()
    people: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True)
class Options:
    kind: Kind | None = None
    """None: found out per sheet."""
    sheet: str | None = None
    """None: all visible ones."""
    columns: tuple[ColumnMap, ...] = ()
    values: tuple[ValueMap, ...] = ()
    defaults: tuple[Default, ...] = ()
    date_order: DateOrder | None = None
    """None: found out per column."""
    sheets: Mapping[str, SheetSaid] = field(default_factory=dict, hash=False)
    shapes: Mapping[str, Remembered] = field(default_factory=dict, hash=False)
    """By the digest of their heads."""

    def said_of(self, sheet: str) -> SheetSaid:
        return self.sheets.get(sheet, NOTHING_SAID)


def read_options(
    *,
    kind: str = "auto",
    sheet: str | None = None,
    columns: Iterable[str] = (),
    values: Iterable[str] = (),
    defaults: Iterable[str] = (),
    sheets: Mapping[str, Mapping[str, Any]] | None = None,
    shapes: Mapping[str, Remembered] | None = None,
) -> Options:
    """Options as a person writes them. Raises FileRefused for one of the wrong form."""
    return Options(
        kind=None if kind == "auto" else Kind(kind),
        sheet=sheet,
        columns=tuple(_column_map(option) for option in columns),
        values=tuple(_value_map(option) for option in values),
        defaults=tuple(_default(option) for option in defaults),
        sheets={name: sheet_said(said) for name, said in (sheets or {}).items()},
        shapes=shapes or {},
    )


def sheet_said(said: Mapping[str, Any]) -> SheetSaid:
    """What an import keeps of it as JSON."""
    kind, columns = said.get("kind"), said.get("columns", {})
    return SheetSaid(
        is_read=said.get("is_read"),
        kind=Kind(kind) if kind else None,
        head_row=said.get("head_row"),
        columns={int(index): tuple(keys) for index, keys in columns.items()},
        is_anew=bool(said.get("is_anew")),
        customer=said.get("customer"),
    )


def _column_map(option: str) -> ColumnMap:
    column, sign, field = option.rpartition("=")
    if not sign or not column.strip():
        raise FileRefused("unreadable_option", option=option, form="Their column=field")
    return ColumnMap(column.strip(), field.strip())


def _value_map(option: str) -> ValueMap:
    own = OWN if option.startswith(OWN) else ""
    field, colon, words = option.removeprefix(own).partition(":")
    field = own + field
    theirs, sign, ours = words.rpartition("=")
    if not (colon and sign and field.strip()):
        raise FileRefused("unreadable_option", option=option, form="field:Theirs=ours")
    return ValueMap(field.strip(), theirs.strip(), ours.strip())


def _default(option: str) -> Default:
    field, sign, value = option.partition("=")
    if not sign or not field.strip():
        raise FileRefused("unreadable_option", option=option, form="field=value")
    return Default(field.strip(), value.strip())
