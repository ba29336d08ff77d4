"""Where things stand in a chart: shares in percent, points, arcs. Pure; the words are in titles.py."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from salesboard.deals.rules import STAGES, Stage
from salesboard.insight.periods import Period

Result = dict[str, Any]

MOST_BARS = 12
MOST_ARCS = 5
TREND_TICKS = 4
RING_CENTRE, RING_OUTER, RING_INNER = 60.0, 52.0, 33.0
RING_GAP = 0.025
"""Radians left free between two arcs."""


@dataclass(frozen=True)
class Bar:
    """One bar of `width` percent for `value`; `key` names whose it is, None for "not given" or the rest."""

    key: str | None
    label: str
    value: float
    width: float


@dataclass(frozen=True)
class FunnelBar:
    """A stage: how many deals came to it, and what share of them went on, now and in the period before."""

    stage: Stage
    n: int
    width: float
    went_on: float | None
    went_on_before: float | None


@dataclass(frozen=True)
class Span:
    """A stage's median and 90th percentile stay, and its limits, all as percent of the widest."""

    stage: Stage
    n: int
    median: float
    p90: float
    median_at: float
    p90_at: float
    warn_at: float | None
    limit_at: float | None
    is_past_warning: bool


@dataclass(frozen=True)
class Trend:
    """Two running sums as points of a box of 100 × 100, with the lines across and the days below."""

    points: str
    points_before: str
    total: float
    total_before: float
    end_y: float
    end_y_before: float
    end_x: float
    ticks: list[tuple[float, float]]
    days: list[date]
    marks: list[tuple[date, float, float]]
    """For the table: a day of the period, the sum until then, and the one of the period before on the same day."""


@dataclass(frozen=True)
class Arc:
    """A piece of a ring, as an SVG path; `is_rest` stands for all that are too small to be shown."""

    key: str | None
    label: str
    n: int
    path: str
    is_rest: bool = False


def bars(parts: Iterable[tuple[str | None, str, float]]) -> list[Bar]:
    """The largest first, each as wide as its share of the largest; nothing is left out but nought."""
    ordered = sorted((part for part in parts if part[2]), key=lambda part: (-part[2], part[1]))
    largest = ordered[0][2] if ordered else 1
    return [Bar(key, label, value, _percent(value, largest)) for key, label, value in ordered[:MOST_BARS]]


def funnel(result: Result) -> list[FunnelBar]:
    """From lead to won; a won deal has arrived, whatever comes after."""
    figure = result["metrics"]["stage_conversion"]
    return funnel_of(figure["value"], figure["previous"])


def funnel_of(now: Result, before: Result | None) -> list[FunnelBar]:
    """The same from each stage's `n` and `onward`."""
    stages = STAGES[: Stage.WON.position + 1]
    widest = max(now[stage]["n"] for stage in stages) or 1
    return [
        FunnelBar(
            stage,
            now[stage]["n"],
            _percent(now[stage]["n"], widest),
            now[stage]["onward"] if stage is not Stage.WON else None,
            before[stage]["onward"] if stage is not Stage.WON and before else None,
        )
        for stage in stages
    ]


def spans(result: Result) -> list[Span]:
    """The stages that had any stay, each against its warning and limit."""
    stays, limits = result["metrics"]["stage_days"]["value"], result["limits"]
    shown = [stage for stage in STAGES[:-1] if stays[stage]["n"]]
    reach = (value for stage in shown for value in (stays[stage]["p90"], limits[stage]["limit_days"]))
    widest = 1.05 * max(reach, default=1) or 1
    return [
        Span(
            stage,
            stays[stage]["n"],
            stays[stage]["median"],
            stays[stage]["p90"],
            _percent(stays[stage]["median"], widest),
            _percent(stays[stage]["p90"], widest),
            _percent(warn, widest) if (warn := limits[stage]["warn_days"]) else None,
            _percent(limit, widest) if (limit := limits[stage]["limit_days"]) else None,
            bool(warn) and stays[stage]["median"] >= warn,
        )
        for stage in shown
    ]


def trend(result: Result, period: Period, today: date) -> Trend:
    """What was signed by each day of the period, up to today, over what was signed in the period before."""
    now, before = result["trend"]["now"], result["trend"]["previous"]
    last = max(0, min(period.days, (today - period.starts_on).days + 1))
    length, length_before = period.days, period.previous().days
    top, step = scale(max([total for _day, total in (*now, *before)], default=0))
    total, total_before = sum_by(now, length), sum_by(before, length_before)
    offsets = sorted({round(part * (length - 1) / 3) for part in range(4)})
    return Trend(
        points=_polyline(now, length, last, top),
        points_before=_polyline(before, length_before, length_before, top),
        total=total,
        total_before=total_before,
        end_x=_percent(last, length),
        end_y=_height(total, top),
        end_y_before=_height(total_before, top),
        ticks=[(step * n, _height(step * n, top)) for n in range(round(top / step) + 1)],
        days=[period.starts_on + timedelta(days=offset) for offset in offsets],
        marks=[
            (
                period.starts_on + timedelta(days=offset),
                sum_by(now, offset + 1),
                sum_by(before, round((offset + 1) * length_before / length)),
            )
            for offset in offsets
        ],
    )


def ring(parts: Sequence[tuple[str | None, str, int]]) -> list[Arc]:
    """The largest parts as arcs, clockwise from the top; the others together come last."""
    ordered = sorted((part for part in parts if part[2]), key=lambda part: (-part[2], part[1]))
    shown = ordered[:MOST_ARCS] if len(ordered) > MOST_ARCS + 1 else ordered
    rest = sum(n for _key, _label, n in ordered[len(shown) :])
    pieces = [(*part, False) for part in shown] + ([(None, "", rest, True)] if rest else [])
    whole = sum(n for _key, _label, n, _is_rest in pieces)
    arcs, begins = [], 0.0
    for key, label, n, is_rest in pieces:
        ends = begins + 2 * math.pi * n / whole
        arcs.append(Arc(key, label, n, _arc(begins, ends, is_whole=len(pieces) == 1), is_rest))
        begins = ends
    return arcs


def _percent(value: float, whole: float) -> float:
    return round(100 * value / whole, 2)


def _height(value: float, top: float) -> float:
    """From the top of the box down."""
    return round(100 - 100 * value / top, 2)


def scale(largest: float) -> tuple[float, float]:
    """A round top that holds the largest, and a round step that divides it."""
    if largest <= 0:
        return 1.0, 1.0
    rough = largest / TREND_TICKS
    size = 10.0 ** math.floor(math.log10(rough))
    step = next(size * round_one for round_one in (1, 2, 2.5, 5, 10) if size * round_one >= rough)
    return step * math.ceil(largest / step), step


def sum_by(sums: list[list[float]], days: int) -> float:
    """The running sum after so many days."""
    return next((total for day, total in reversed(sums) if day < days), 0.0)


def _polyline(sums: list[list[float]], length: int, last: int, top: float) -> str:
    """Level between two signings, rising on the day of one; it ends on the last day there is."""
    points, height = [(0.0, 100.0)], 100.0
    for day, total in sums:
        points.append((_percent(day, length), height))
        height = _height(total, top)
        points.append((_percent(day + 1, length), height))
    points.append((_percent(last, length), height))
    return " ".join(f"{x:g},{y:g}" for x, y in points)


def _arc(begins: float, ends: float, *, is_whole: bool) -> str:
    if is_whole:
        top, bottom = RING_CENTRE - RING_OUTER, RING_CENTRE + RING_OUTER
        inner_top, inner_bottom = RING_CENTRE - RING_INNER, RING_CENTRE + RING_INNER
        return (
            f"M60 {top:g}A52 52 0 0 1 60 {bottom:g}A52 52 0 0 1 60 {top:g}Z"
            f"M60 {inner_top:g}A33 33 0 0 0 60 {inner_bottom:g}A33 33 0 0 0 60 {inner_top:g}Z"
        )
    gap = min(RING_GAP, (ends - begins) / 4)
    start, end = begins + gap, ends - gap
    is_large = int(end - start > math.pi)
    (x1, y1), (x2, y2) = (_on_ring(angle, RING_OUTER) for angle in (start, end))
    (x3, y3), (x4, y4) = (_on_ring(angle, RING_INNER) for angle in (end, start))
    return (
        f"M{x1:.2f} {y1:.2f}A52 52 0 {is_large} 1 {x2:.2f} {y2:.2f}"
        f"L{x3:.2f} {y3:.2f}A33 33 0 {is_large} 0 {x4:.2f} {y4:.2f}Z"
    )


def _on_ring(angle: float, radius: float) -> tuple[float, float]:
    return RING_CENTRE + radius * math.sin(angle), RING_CENTRE - radius * math.cos(angle)
