"""Until when the note of a talk is on time: days off, make-up days, and nights in which the clocks change."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from salesboard.clock import WorkingCalendar
from salesboard.followups.rules import Punctuality

SHANGHAI, NEW_YORK = "Asia/Shanghai", "America/New_York"


def at(text: str, zone: str = SHANGHAI) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone))


@pytest.mark.parametrize(
    ("talk", "due"),
    [
        ("2026-05-12 10:00", "2026-05-13 10:00"),  # a Tuesday
        ("2026-05-15 18:00", "2026-05-16 18:00"),  # a Friday: 24 hours, though Saturday is free
        ("2026-05-16 10:00", "2026-05-18 12:00"),  # a Saturday: until Monday noon
        ("2026-05-17 20:00", "2026-05-18 20:00"),  # a Sunday evening: 24 hours are longer
        ("2026-05-17 08:00", "2026-05-18 12:00"),
        ("2026-05-02 10:00", "2026-05-06 12:00"),  # the May holiday: until it is over
        ("2026-05-09 10:00", "2026-05-10 10:00"),  # a Saturday that is worked for the holiday (调休)
        ("2026-02-16 09:00", "2026-02-24 12:00"),  # the Spring Festival
    ],
)
def test_a_note_is_in_time_until(talk: str, due: str) -> None:
    punctuality = Punctuality(WorkingCalendar(), SHANGHAI)
    assert punctuality.due_by(at(talk)) == at(due)
    assert punctuality.is_on_time(at(talk), at(due))


def test_a_team_that_does_not_rest_has_24_hours_on_any_day() -> None:
    strict = Punctuality(WorkingCalendar(), SHANGHAI, rests=False)
    assert strict.due_by(at("2026-05-16 10:00")) == at("2026-05-17 10:00")


def test_days_of_the_teams_own_count() -> None:
    talk = at("2026-05-12 10:00")
    free = Punctuality(WorkingCalendar({talk.date(): False}), SHANGHAI)
    assert free.due_by(talk) == at("2026-05-13 12:00")


@pytest.mark.parametrize(
    ("talk", "due"),
    [
        ("2026-03-07 11:00", "2026-03-09 12:00"),  # the night to Sunday is an hour short
        ("2026-10-31 11:00", "2026-11-02 12:00"),  # and here an hour long
        ("2026-03-09 11:00", "2026-03-10 11:00"),
    ],
)
def test_noon_is_noon_when_the_clocks_change(talk: str, due: str) -> None:
    punctuality = Punctuality(WorkingCalendar(), NEW_YORK)
    assert punctuality.due_by(at(talk, NEW_YORK)) == at(due, NEW_YORK)


@pytest.mark.parametrize(
    ("written", "hours"), [("2026-05-13 10:01", 1), ("2026-05-13 11:00", 1), ("2026-05-14 09:30", 24)]
)
def test_the_delay_is_what_came_after_that(written: str, hours: int) -> None:
    punctuality = Punctuality(WorkingCalendar(), SHANGHAI)
    assert punctuality.hours_late(at("2026-05-12 10:00"), at(written)) == hours
