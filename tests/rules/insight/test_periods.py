"""Periods as people and commands write them, their edges, and the one before."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.errors import Refused
from salesboard.insight.periods import Period, PeriodKind


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("2017", "2017-01-01", "2017-12-31"),
        ("2017H1", "2017-01-01", "2017-06-30"),
        ("2017H2", "2017-07-01", "2017-12-31"),
        ("2017Q1", "2017-01-01", "2017-03-31"),
        ("2017Q2", "2017-04-01", "2017-06-30"),
        ("2017Q4", "2017-10-01", "2017-12-31"),
        ("2017-05", "2017-05-01", "2017-05-31"),
        ("2016-02", "2016-02-01", "2016-02-29"),
        ("2017-12", "2017-12-01", "2017-12-31"),
        ("2017W20", "2017-05-15", "2017-05-21"),
        ("2020W53", "2020-12-28", "2021-01-03"),
        ("2017-03-01..2017-05-31", "2017-03-01", "2017-05-31"),
        ("2017-03-01..2017-03-01", "2017-03-01", "2017-03-01"),
    ],
)
def test_reads_every_form(text: str, start: str, end: str) -> None:
    period = Period.parse(text)

    assert (str(period.starts_on), str(period.ends_on)) == (start, end)
    assert period.key == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "17",
        "2017Q5",
        "2017Q0",
        "2017H3",
        "2017-13",
        "2017-00",
        "2017W00",
        "2017W53",
        "2017W54",
        "2017-3-1..2017-3-5",
        "2017-02-30..2017-03-01",
        "2017-05-31..2017-03-01",
        "2010-01-01..2017-01-01",
        "0001",
        "9999",
        "2017Q2; DROP TABLE deals",
        "２０１７",
        "2017-05-01",
        "1990-01-01..",
    ],
)
def test_refuses_anything_else(text: str) -> None:
    with pytest.raises(Refused):
        Period.parse(text)


def test_case_and_blanks_do_not_matter() -> None:
    assert Period.parse(" 2017q2 ") == Period.parse("2017Q2")


@pytest.mark.parametrize(
    ("text", "before"),
    [
        ("2017", "2016"),
        ("2017H1", "2016H2"),
        ("2017H2", "2017H1"),
        ("2017Q1", "2016Q4"),
        ("2017-01", "2016-12"),
        ("2021W01", "2020W53"),
        ("2017-03-01..2017-03-10", "2017-02-19..2017-02-28"),
    ],
)
def test_the_period_before(text: str, before: str) -> None:
    assert Period.parse(text).previous().key == before


def test_begins_and_ends_at_midnight_of_the_zone() -> None:
    start, end = Period.parse("2017-05").moments("Asia/Shanghai")

    assert start == datetime(2017, 4, 30, 16, tzinfo=UTC)
    assert end == datetime(2017, 5, 31, 16, tzinfo=UTC)


def test_a_week_of_the_clock_change_is_an_hour_short() -> None:
    start, end = Period.parse("2026W13").moments("Europe/Berlin")

    assert end - start == timedelta(days=7) - timedelta(hours=1)


calendar_kinds = st.sampled_from([kind for kind in PeriodKind if kind is not PeriodKind.DAYS])
days = st.dates(date(1992, 1, 1), date(2190, 12, 31))


@given(calendar_kinds, days)
def test_every_day_lies_in_its_period_and_periods_follow_without_gap(kind: PeriodKind, day: date) -> None:
    period = Period.around(kind, day)

    assert period.starts_on <= day <= period.ends_on
    assert period.previous().ends_on + timedelta(days=1) == period.starts_on
    assert Period.parse(period.key) == period


@given(days, st.integers(0, 1000))
def test_any_days_are_followed_by_as_many(start: date, length: int) -> None:
    period = Period.between(start, start + timedelta(days=length))
    before = period.previous()

    assert before.days == period.days == length + 1
    assert before.ends_on + timedelta(days=1) == start
    assert Period.parse(period.key) == period
