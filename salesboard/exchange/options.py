"""What a person says about a file beforehand: which column is which field, which of their words is which of ours.

The command line and the import page both speak this; a written option has the forms of CONTRACT:
`Their column=field`, `field:Theirs=ours`, `field=value`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


def read_options(
    *,
    kind: str = "auto",
    sheet: str | None = None,
    columns: Iterable[str] = (),
    values: Iterable[str] = (),
    defaults: Iterable[str] = (),
) -> Options:
    """Options as a person writes them. Raises FileRefused for one of the wrong form."""
    return Options(
        kind=None if kind == "auto" else Kind(kind),
        sheet=sheet,
        columns=tuple(_column_map(option) for option in columns),
        values=tuple(_value_map(option) for option in values),
        defaults=tuple(_default(option) for option in defaults),
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
