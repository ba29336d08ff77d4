"""The hours of a day, with what is to be done at each. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Generic, TypeVar

USUAL_FROM, USUAL_TO = 9, 18
"""The hours that are shown in any case."""

Thing = TypeVar("Thing")


@dataclass(frozen=True)
class Slot(Generic[Thing]):
    """What begins within one half hour. `row` counts half hours from the first one shown, beginning with 1; `span` is
    how many of them it may take without touching what comes next."""

    row: int
    span: int
    things: list[Thing]


@dataclass(frozen=True)
class Agenda(Generic[Thing]):
    """`hours` are shown with the row at which each begins; `now_row` is None outside of them."""

    hours: list[tuple[int, int]]
    slots: list[Slot[Thing]]
    now_row: int | None


def agenda(things: Iterable[tuple[datetime, Thing]], now: datetime) -> Agenda[Thing] | None:
    """The day by its hours, or None where nothing has an hour. All moments by the reader's own clock."""
    told = sorted(things, key=lambda each: each[0])
    if not told:
        return None
    first = min(USUAL_FROM, told[0][0].hour)
    last = max(USUAL_TO, told[-1][0].hour + 1)
    by_row = [
        (row, [thing for _at, thing in group])
        for row, group in groupby(told, key=lambda each: _row(each[0], first))
    ]
    ends = [*(row for row, _things in by_row[1:]), by_row[-1][0] + 2]
    slots = [Slot(row, min(2, end - row), group) for (row, group), end in zip(by_row, ends, strict=True)]
    is_shown = first <= now.hour < last
    return Agenda(
        [((hour - first) * 2 + 1, hour) for hour in range(first, last + 1)],
        slots,
        _row(now, first) if is_shown else None,
    )


def _row(at: datetime, first: int) -> int:
    return (at.hour - first) * 2 + at.minute // 30 + 1
