"""Charts: shares, points and arcs stay in their box and say what the numbers say."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.insight.charts import bars, ring, trend
from salesboard.insight.periods import Period

MARCH = Period.parse("2026-03")


def result(now: list[list[float]], previous: list[list[float]] | None = None) -> dict[str, Any]:
    return {"trend": {"now": now, "previous": previous or []}}


def test_bars_stand_by_size_and_leave_nought_out() -> None:
    found = bars([("a", "Ann", 50), ("b", "Bob", 100), ("c", "Cid", 0)])

    assert [(bar.key, bar.width) for bar in found] == [("b", 100.0), ("a", 50.0)]


def test_a_trend_rises_on_the_days_of_signings() -> None:
    found = trend(result([[0, 100.0], [30, 400.0]]), MARCH, date(2026, 4, 15))

    assert found.total == 400.0
    assert found.points.startswith("0,100 0,100 3.23,75 ")
    assert found.points.endswith("100,0 100,0")
    assert [value for value, _y in found.ticks] == [0, 100, 200, 300, 400]


def test_a_trend_ends_today() -> None:
    found = trend(result([[0, 100.0]]), MARCH, date(2026, 3, 10))

    assert found.end_x == pytest.approx(100 * 10 / 31, abs=0.01)


def test_a_trend_of_nothing_lies_on_the_ground() -> None:
    found = trend(result([]), MARCH, date(2026, 4, 1))

    assert (found.total, found.end_y) == (0.0, 100.0)


def test_its_table_compares_the_same_day_of_both_periods() -> None:
    found = trend(result([[9, 10.0]], [[9, 70.0]]), MARCH, date(2026, 4, 1))

    assert found.marks[0] == (date(2026, 3, 1), 0.0, 0.0)
    assert found.marks[-1] == (date(2026, 3, 31), 10.0, 70.0)


@given(st.lists(st.tuples(st.integers(0, 30), st.floats(0.01, 1e12)), max_size=20))
def test_every_point_lies_in_the_box(steps: list[tuple[int, float]]) -> None:
    total, sums = 0.0, []
    for day, amount in sorted(dict(steps).items()):
        total += amount
        sums.append([day, total])
    found = trend(result(sums), MARCH, date(2026, 4, 1))

    heights = [tuple(map(float, point.split(","))) for point in found.points.split()]
    assert all(-0.01 <= x <= 100.01 and -0.01 <= y <= 100.01 for x, y in heights)
    assert [x for x, _y in heights] == sorted(x for x, _y in heights)
    assert 2 <= len(found.ticks) <= 7


def test_a_ring_of_one_is_whole() -> None:
    (arc,) = ring([("steel", "Steel", 9)])

    assert arc.path.count("A") == 4


def test_a_ring_gathers_the_small_ones_last() -> None:
    arcs = ring([(name, name, n) for name, n in zip("abcdefgh", range(8, 0, -1), strict=True)])

    assert [arc.n for arc in arcs] == [8, 7, 6, 5, 4, 6]
    assert [arc.is_rest for arc in arcs] == [False] * 5 + [True]


@given(st.lists(st.integers(1, 1000), max_size=12))
def test_the_arcs_of_a_ring_add_up(parts: list[int]) -> None:
    arcs = ring([(str(place), str(place), n) for place, n in enumerate(parts)])

    assert sum(arc.n for arc in arcs) == sum(parts)
    for arc in arcs:
        assert all(0 <= float(number) <= 120 for number in re.findall(r"-?\d+(?:\.\d+)?", arc.path))
