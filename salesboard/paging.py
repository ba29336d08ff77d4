"""Where the next page begins: after the last row shown, by what the rows are ordered by.

A cursor stays right when rows come and go, and costs the same however far one has scrolled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from math import isfinite
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, literal, tuple_

from salesboard.addresses import LARGEST_ID

LONGEST_CURSOR = 300
Key = TypeVar("Key", bound=StrEnum)
_BEYOND_MONEY = Decimal(10) ** 14


@dataclass(frozen=True)
class Cursor:
    """The row that was shown last: the value it is ordered by, and its id for rows of equal value."""

    value: Any
    id: int

    def __str__(self) -> str:
        return f"{self.id}~{'' if self.value is None else self.value}"

    @classmethod
    def parse(cls, text: str, read: Callable[[str], Any]) -> Cursor | None:
        """What `str` wrote, its value read by `read`; None where it was never written by us."""
        row_id, mark, value = text.partition("~")
        if not mark or len(text) > LONGEST_CURSOR or not (row_id.isascii() and row_id.isdigit()):
            return None
        try:
            return cls(read(value), int(row_id)) if len(row_id) <= 10 and int(row_id) <= LARGEST_ID else None
        except (ValueError, InvalidOperation):
            return None


@dataclass(frozen=True)
class Span:
    """One range of an index, and the order in which it is read."""

    conditions: tuple[ColumnElement[bool], ...]
    order: tuple[Any, ...]


def asked_order(parameters: Mapping[str, Sequence[str]], keys: type[Key]) -> tuple[Key, bool] | None:
    """The column that a list is sorted by, and whether falling: from `sort=region` or, falling, `sort=-region`. None
    for senseless ones."""
    text = next(iter(parameters.get("sort", ())), "")
    name = text.removeprefix("-")
    return (keys(name), text.startswith("-")) if name in list(keys) else None


def order_told(key: StrEnum, falling: bool) -> str:
    """What `asked_order` reads it from."""
    return f"{'-' if falling else ''}{key}"


def beyond_cursor(key: Any, row_id: Any, after: Cursor, falling: bool = False) -> ColumnElement[bool]:
    """That a row comes after the one that the cursor names."""
    here, last = tuple_(key, row_id), tuple_(literal(after.value, key.type), after.id)
    return here < last if falling else here > last


def a_day(text: str) -> date:
    return date.fromisoformat(text)


def a_day_or_none(text: str) -> date | None:
    return a_day(text) if text else None


def a_position(text: str) -> float:
    number = float(text)
    if not isfinite(number):
        raise ValueError(text)
    return number


def an_amount(text: str) -> Decimal:
    amount = Decimal(text)
    if not amount.is_finite() or abs(amount) >= _BEYOND_MONEY:
        raise ValueError(text)
    return amount


def a_moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise ValueError(text)
    return moment


def a_count(text: str) -> int:
    number = int(text) if len(text) <= 10 else LARGEST_ID + 1
    if abs(number) > LARGEST_ID:
        raise ValueError(text)
    return number


def a_name(text: str) -> str:
    """Whatever a name may hold: signs without a shape too, but nothing that a database refuses."""
    if "\x00" in text:
        raise ValueError(text)
    text.encode()  # raises for half a sign
    return text
