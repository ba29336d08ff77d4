"""The geometry of the strip that shows how long the deals of a stage have stayed, against its limits. Pure.

A stay moves from the left edge, where it begins, to the line of the warning, then to that of the limit; the rest of the
width is beyond it. Places and sizes are in percent of the width and in pixels.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from math import log2

from salesboard.deals.rules import AgeSign, StageLimits

WARNING_AT, LIMIT_AT, END = 40.0, 72.0, 98.0
ROOM_OF_A_NAME = 19.0
"""So much of the width a name takes; nearer ones would be written over each other."""

FIRST_RADIUS, LARGEST_RADIUS = 5.5, 9.0


@dataclass(frozen=True)
class Mark:
    """The deals that stand at one place of the strip; `name` where there is room to write one."""

    x: float
    sign: AgeSign
    days: int
    count: int
    name: str = ""

    @property
    def radius(self) -> float:
        """Grows slowly with the number of deals."""
        return round(min(LARGEST_RADIUS, FIRST_RADIUS + 0.8 * log2(self.count)), 1)

    @property
    def is_near_end(self) -> bool:
        """Whether a name has to be written to its left."""
        return self.x > END - ROOM_OF_A_NAME


def place(days: int, limits: StageLimits) -> float:
    """Where a stay of so many working days stands; a limit that is off leaves its part of the width to the others."""
    warn, limit = limits.warn_days, limits.limit_days
    if limit and days > limit:
        return LIMIT_AT + _nearing(days - limit, limit / 2, END - LIMIT_AT)
    if warn and days >= warn:
        if not limit:
            return WARNING_AT + _nearing(days - warn, warn, END - WARNING_AT)
        return WARNING_AT + (LIMIT_AT - WARNING_AT) * (days - warn) / max(1, limit - warn + 1)
    if warn:
        return WARNING_AT * days / warn
    return LIMIT_AT * days / (limit + 1) if limit else _nearing(days, 30, END)


def marks(stays: Iterable[tuple[int, AgeSign, int]], limits: StageLimits) -> list[Mark]:
    """One mark for all stays (working days, sign, how many) that would stand within two percent of each other."""
    gathered: dict[tuple[int, AgeSign], list[tuple[int, int]]] = defaultdict(list)
    for days, sign, count in stays:
        gathered[round(place(days, limits) / 2), sign].append((days, count))
    return [
        Mark(
            round(place(max(days for days, _ in here), limits), 1),
            sign,
            max(days for days, _ in here),
            sum(count for _, count in here),
        )
        for (_, sign), here in sorted(gathered.items())
    ]


def named(shown: Sequence[Mark], names: Sequence[tuple[int, str]]) -> list[Mark]:
    """The marks with the names (working days, name) for which there is room, the first ones first."""
    by_days = {mark.days: mark for mark in shown if mark.sign is not AgeSign.SAFE}
    written: list[Mark] = []
    for days, name in names:
        mark = by_days.get(days)
        if mark is not None and all(abs(mark.x - other.x) >= ROOM_OF_A_NAME for other in written):
            written.append(replace(mark, name=name))
    by_place = {(mark.x, mark.sign): mark for mark in written}
    return [by_place.get((mark.x, mark.sign), mark) for mark in shown]


def _nearing(value: float, half: float, room: float) -> float:
    """Grows with `value` towards `room`, of which it reaches a half at `half`, and never beyond."""
    return room * value / (value + half)
