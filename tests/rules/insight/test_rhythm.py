"""In how many weeks a customer was followed up within its cadence: by hand, and what must hold of every history."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.clock import WorkingCalendar
from salesboard.insight.periods import Period
from salesboard.insight.rhythm import judged_days, weeks_kept

CALENDAR = WorkingCalendar()
MARCH = [date(2026, 3, day) for day in (8, 15, 22, 29)]
"""Four Sundays of 2026."""
LONG_AGO = date(2025, 1, 1)


def march(*days: int) -> list[date]:
    return [date(2026, 3, day) for day in days]


@pytest.mark.parametrize(
    ("period", "until", "days"),
    [
        ("2026-03-02..2026-03-15", date(2026, 4, 1), march(8, 15)),
        ("2026-03-04..2026-03-10", date(2026, 4, 1), march(8, 10)),
        ("2026-03-02..2026-03-29", date(2026, 3, 11), march(8, 11)),
        ("2026-03-02..2026-03-29", date(2026, 3, 1), []),
        ("2026-03-05..2026-03-05", date(2026, 3, 5), march(5)),
    ],
)
def test_each_week_is_judged_on_its_last_day(period: str, until: date, days: list[date]) -> None:
    assert judged_days(Period.parse(period), until) == days


@pytest.mark.parametrize(
    ("talks", "cadence", "kept"),
    [
        (march(3, 10, 17, 24), 7, 4),
        (march(3), 7, 1),
        (march(3, 20), 7, 2),
        (march(3), 14, 2),
        (march(1), 30, 4),
        ([], 7, 0),
        # due on Sunday the 8th, which nobody works on: Monday is in time
        (march(1), 7, 1),
    ],
)
def test_a_talk_holds_as_long_as_the_cadence(talks: list[date], cadence: int, kept: int) -> None:
    assert weeks_kept(MARCH, talks, cadence, since=LONG_AGO, calendar=CALENDAR) == (kept, 4)


def test_a_new_customer_is_judged_once_a_first_talk_was_due() -> None:
    since = date(2026, 3, 9)

    assert weeks_kept(MARCH, [], 7, since=since, calendar=CALENDAR) == (0, 2)
    assert weeks_kept(MARCH, march(12), 7, since=since, calendar=CALENDAR) == (1, 3)


@given(
    st.lists(st.dates(date(2026, 1, 1), date(2026, 4, 5)), max_size=30).map(sorted),
    st.integers(1, 60),
    st.dates(date(2025, 12, 1), date(2026, 4, 1)),
)
def test_more_talks_never_keep_fewer_weeks(talks: list[date], cadence: int, since: date) -> None:
    weeks = judged_days(Period.parse("2026Q1"), date(2026, 3, 31))
    kept, judged = weeks_kept(weeks, talks, cadence, since=since, calendar=CALENDAR)
    more = sorted([*talks, since + timedelta(days=3)])
    kept_then, judged_then = weeks_kept(weeks, more, cadence, since=since, calendar=CALENDAR)

    assert 0 <= kept <= judged <= len(weeks)
    assert kept <= kept_then
    assert judged <= judged_then
