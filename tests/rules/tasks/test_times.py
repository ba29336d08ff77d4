"""Days and hours over both changes of the clock, make-up days and the ends of months."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.clock import WorkingCalendar, local_date, start_of_day
from salesboard.deals.rules import AgeSign, StageLimits, stage_age
from salesboard.notify.rules import ReminderKind, task_kind
from salesboard.tasks.rules import Bucket, TaskKind, bucket, day_of, is_owed, next_contact

CALENDAR = WorkingCalendar()
ZONES = ("Asia/Shanghai", "Europe/Berlin", "America/New_York", "Pacific/Auckland", "Africa/Cairo")
HOUR = timedelta(hours=1)
SUMMER_TIME = {
    "Europe/Berlin": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/New_York": (date(2026, 3, 8), date(2026, 11, 1)),
}


@given(st.integers(0, 365 * 24 * 60), st.sampled_from(ZONES))
def test_a_moment_lies_within_its_day_in_every_zone(minutes: int, zone: str) -> None:
    moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    day = day_of(date(2026, 1, 1), moment, zone)
    assert start_of_day(day, zone) <= moment < start_of_day(day + timedelta(days=1), zone)
    assert day_of(day, None, zone) == day, "a day without an hour is the same everywhere"


@pytest.mark.parametrize("zone", SUMMER_TIME)
def test_the_days_of_the_change_are_an_hour_shorter_and_longer(zone: str) -> None:
    lengths = [
        (start_of_day(day + timedelta(days=1), zone) - start_of_day(day, zone)) / HOUR
        for day in SUMMER_TIME[zone]
    ]
    assert lengths == [23, 25]


@pytest.mark.parametrize("zone", SUMMER_TIME)
def test_an_evening_talk_stays_on_its_day_through_the_change(zone: str) -> None:
    for change in SUMMER_TIME[zone]:
        for day in (change - timedelta(days=1), change, change + timedelta(days=1)):
            talk = datetime.combine(day, datetime.min.time().replace(hour=22), ZoneInfo(zone)).astimezone(UTC)
            before, after = talk - HOUR, talk + HOUR
            assert bucket(day_of(day, talk, zone), local_date(before, zone)) is Bucket.TODAY
            assert (is_owed(talk, before), is_owed(talk, after)) == (False, True)


def test_an_hour_in_the_evening_elsewhere_is_not_late_because_it_is_tomorrow_here() -> None:
    evening = datetime(2026, 5, 20, 22, tzinfo=ZoneInfo("America/New_York")).astimezone(UTC)
    due_on, morning_in_shanghai = date(2026, 5, 20), datetime(2026, 5, 21, 0, tzinfo=UTC)
    told = [
        task_kind(TaskKind.OWN, due_on, evening, date(2026, 5, 21) + timedelta(days=late), at)
        for late, at in enumerate(morning_in_shanghai + timedelta(days=n) for n in range(3))
    ]
    assert told == [None, ReminderKind.TASK_LATE, ReminderKind.NOTE_OWED]


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [
        (date(2026, 1, 31), 30, date(2026, 3, 2)),  # thirty days on: February has no thirtieth
        (date(2028, 1, 31), 30, date(2028, 3, 1)),  # a leap year
        (date(2026, 3, 31), 30, date(2026, 4, 30)),
        (date(2025, 12, 31), 30, date(2026, 1, 30)),
        (date(2026, 1, 15), 30, date(2026, 2, 14)),  # a Saturday that is worked to make up
        (date(2026, 1, 16), 30, date(2026, 2, 24)),  # the Spring Festival, until the 23rd
        (date(2026, 9, 13), 7, date(2026, 9, 20)),  # a Sunday that is worked
        (date(2026, 9, 26), 14, date(2026, 10, 10)),  # a Saturday that is worked
    ],
)
def test_a_cadence_over_the_ends_of_months_and_make_up_days(last: date, days: int, due: date) -> None:
    assert next_contact(last, days, CALENDAR) == due


def test_a_cadence_never_comes_before_its_days_nor_on_a_day_off() -> None:
    for last in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        for days in (7, 14, 30):
            due = next_contact(last, days, CALENDAR)
            assert due >= last + timedelta(days=days)
            assert CALENDAR.is_working(due)


@pytest.mark.parametrize(
    ("entered", "today", "days"),
    [
        (date(2026, 9, 30), date(2026, 10, 8), 1),  # the National Day holidays do not count
        (date(2026, 10, 8), date(2026, 10, 12), 3),  # the Saturday that makes up for them does
        (date(2026, 2, 13), date(2026, 2, 24), 2),  # the 14th is worked, the festival is not
        (date(2026, 1, 30), date(2026, 2, 2), 1),
    ],
)
def test_the_age_of_a_stay_counts_what_is_worked(entered: date, today: date, days: int) -> None:
    assert stage_age(entered, today, StageLimits(warn_days=2, limit_days=4), CALENDAR).days == days


def test_a_stay_does_not_age_over_a_long_holiday() -> None:
    limits = StageLimits(warn_days=2, limit_days=4)
    signs = [stage_age(date(2026, 9, 30), date(2026, 10, day), limits, CALENDAR).sign for day in range(1, 10)]
    assert signs == [AgeSign.SAFE] * 8 + [AgeSign.WARNED]
