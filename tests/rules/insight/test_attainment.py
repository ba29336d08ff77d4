"""Targets against what was reached, each worked out by hand."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from salesboard.clock import WorkingCalendar
from salesboard.insight.attainment import (
    TargetMetric,
    attainment,
    check_team,
    needed_per_week,
    parts_of,
    pasted_rows,
    share_gone,
    spread,
    target_of,
    working_days_left,
)
from salesboard.insight.periods import Period

MONEY, RATE = TargetMetric.SIGNED_AMOUNT, TargetMetric.FOLLOW_UP_RATE


@pytest.mark.parametrize(
    ("actual", "target", "reached"),
    [
        (Decimal("528.4"), Decimal(600), "0.8807"),
        (Decimal(192), Decimal(180), "1.0667"),
        (Decimal(0), Decimal(90), "0.0000"),
    ],
)
def test_attainment_is_actual_over_target(actual: Decimal, target: Decimal, reached: str) -> None:
    ratio = attainment(actual, target)
    assert ratio is not None
    assert f"{ratio:.4f}" == reached


@pytest.mark.parametrize(
    ("actual", "target"), [(Decimal(5), None), (None, Decimal(5)), (Decimal(5), Decimal(0))]
)
def test_where_nothing_can_be_said_nothing_is(actual: Decimal | None, target: Decimal | None) -> None:
    assert attainment(actual, target) is None


def test_what_each_week_has_to_bring() -> None:
    end = date(2026, 5, 31)
    # 11 days are left from the 21st on: 44 missing are 4 a day, 28 a week
    assert needed_per_week(Decimal(136), Decimal(180), end, date(2026, 5, 21)) == 28
    # in the last week all of it; reached: nothing; over: nobody can say
    assert needed_per_week(Decimal(136), Decimal(180), end, date(2026, 5, 25)) == 44
    assert needed_per_week(Decimal(136), Decimal(180), end, end) == 44
    assert needed_per_week(Decimal(190), Decimal(180), end, date(2026, 5, 21)) == 0
    assert needed_per_week(Decimal(136), Decimal(180), end, date(2026, 6, 1)) is None


def test_where_one_stands_who_works_evenly() -> None:
    # June 2025 had 20 working days: the 2nd was a public holiday; by the 13th nine had begun
    june, calendar = Period.parse("2025-06"), WorkingCalendar()
    assert share_gone(june, date(2025, 6, 13), calendar) == Decimal(9) / 20
    assert working_days_left(june, date(2025, 6, 13), calendar) == 11
    assert share_gone(june, date(2025, 5, 31), calendar) == 0
    assert share_gone(june, date(2025, 8, 1), calendar) == 1
    assert working_days_left(june, date(2025, 8, 1), calendar) == 0


def test_a_period_is_made_of_the_next_smaller_ones() -> None:
    keys = {
        key: [part.key for part in parts_of(Period.parse(key))]
        for key in ("2026", "2026H2", "2026Q2", "2026-05")
    }
    assert keys == {
        "2026": ["2026H1", "2026H2"],
        "2026H2": ["2026Q3", "2026Q4"],
        "2026Q2": ["2026-04", "2026-05", "2026-06"],
        "2026-05": [],
    }


def test_what_was_set_wins_over_what_the_parts_come_to() -> None:
    known = {
        "2026-04": Decimal(10),
        "2026-05": Decimal(20),
        "2026-06": Decimal(30),
        "2026Q1": Decimal(100),
        "2026H2": Decimal(7),
    }
    of = {key: target_of(Period.parse(key), known, MONEY) for key in ("2026-05", "2026Q2", "2026H1", "2026")}
    assert of == {"2026-05": 20, "2026Q2": 60, "2026H1": 160, "2026": 167}
    assert target_of(Period.parse("2026Q3"), known, MONEY) is None
    del known["2026-06"]
    assert target_of(Period.parse("2026Q2"), known, MONEY) is None
    rates = {"2026-04": Decimal("0.9"), "2026-05": Decimal("0.9"), "2026-06": Decimal("0.6")}
    assert target_of(Period.parse("2026Q2"), rates, RATE) == Decimal("0.8")


def test_a_year_is_spread_by_share_and_nothing_is_lost() -> None:
    assert spread(Decimal(1200), [Decimal(1)] * 12, Decimal(1)) == [100] * 12
    # 100 over three: 33.3 each; the unit that is left goes to the first
    assert spread(Decimal(100), [Decimal(1)] * 3, Decimal(1)) == [34, 33, 33]
    # 10 by 1 : 2 : 3 is 1.67, 3.33, 5: the first lost most
    assert spread(Decimal(10), [Decimal(1), Decimal(2), Decimal(3)], Decimal(1)) == [2, 3, 5]
    assert spread(Decimal(10), [Decimal(0), Decimal(1)], Decimal(1)) == [0, 10]
    assert sum(spread(Decimal("100.50"), [Decimal(1)] * 7, Decimal(1))) == Decimal("100.50")


def test_a_team_is_checked_against_its_people() -> None:
    check = check_team(Decimal(600), [Decimal(180), Decimal(150), None, Decimal(250)], MONEY)
    assert (check.people, check.difference) == (580, 20)
    assert check_team(Decimal(600), [None, None], MONEY).difference is None
    assert check_team(None, [Decimal(1)], MONEY).difference is None
    assert check_team(Decimal("0.9"), [Decimal("0.8"), Decimal(1)], RATE).difference == 0


def test_a_table_from_the_clipboard() -> None:
    assert pasted_rows('Olive\t180\t"1,200"\r\nTom\t\t48.6万\r\n') == [
        ["Olive", "180", "1,200"],
        ["Tom", "", "48.6万"],
    ]
