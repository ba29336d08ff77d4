"""A table on its way out: columns that say what they hold, and rows that come one after the other. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

Value = str | int | Decimal | date | datetime | None
Line = Sequence[Value]


class Type(StrEnum):
    """What the cells of a column hold; beside it any cell may be empty."""

    TEXT = "text"
    WHOLE = "whole"
    NUMBER = "number"
    AMOUNT = "amount"
    SHARE = "share"
    """Whole percents, 0 to 100."""
    DAY = "day"
    MOMENT = "moment"
    """Without a zone: as the reader's clock shows it."""


@dataclass(frozen=True)
class OutColumn:
    head: str
    type: Type = Type.TEXT


@dataclass(frozen=True)
class OutTable:
    """`title` stands above the heads; `foot` is asked for the last line once all rows are out."""

    name: str
    columns: tuple[OutColumn, ...]
    rows: Iterable[Line]
    title: str = ""
    foot: Callable[[], Line] | None = None

    @property
    def heads(self) -> list[str]:
        return [column.head for column in self.columns]


def breadth(text: str) -> int:
    """How broad the longest line of a text is, in figures: a Chinese letter takes the room of two."""
    return max(map(_breadth_of_line, text.split("\n")))


def _breadth_of_line(line: str) -> int:
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in line)


def columns_of(heads: str) -> tuple[OutColumn, ...]:
    """Columns written in a line: heads parted by spaces, each with its type after a colon unless it holds text."""
    parts = (head.partition(":") for head in heads.split())
    return tuple(OutColumn(head, Type(kind or Type.TEXT)) for head, _colon, kind in parts)
