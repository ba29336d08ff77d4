"""Where the columns of a chart stand: places in percent of the width, heights in percent of the box. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from salesboard.insight.charts import scale

WIDE = 0.64
"""So much of its place a column takes."""


@dataclass(frozen=True)
class Column:
    """One value over its key, with its left edge, width, top and height."""

    key: str
    value: float
    x: float
    width: float
    y: float
    height: float


@dataclass(frozen=True)
class Columns:
    """The columns, and the lines across with what they stand for."""

    columns: list[Column]
    ticks: list[tuple[float, float]]


def columns(values: Sequence[tuple[str, float]]) -> Columns:
    """All columns to one scale, which begins at nought."""
    top, step = scale(max((value for _key, value in values), default=0))
    place = 100 / len(values) if values else 100
    drawn = [
        Column(
            key,
            value,
            round((number + (1 - WIDE) / 2) * place, 2),
            round(WIDE * place, 2),
            round(100 - 100 * value / top, 2),
            round(100 * value / top, 2),
        )
        for number, (key, value) in enumerate(values)
    ]
    ticks = [(step * n, round(100 - 100 * step * n / top, 2)) for n in range(round(top / step) + 1)]
    return Columns(drawn, ticks)
