"""When the next talk is due, where a task stands on the day, and what a pause means."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from salesboard.clock import WorkingCalendar
from salesboard.customers.rules import CustomerStatus
from salesboard.tasks.rules import Bucket, bucket, end_of_week, has_rhythm, is_owed, next_contact

FRIDAY = date(2026, 5, 22)
CALENDAR = WorkingCalendar()


@pytest.mark.parametrize(
    ("last", "days", "due"),
    [
        (date(2026, 5, 13), 7, date(2026, 5, 20)),
        (date(2026, 5, 16), 7, date(2026, 5, 25)),  # a Saturday; the Monday after it is worked
        (date(2026, 9, 24), 7, date(2026, 10, 8)),  # the National Day holidays last until the 7th
        (date(2026, 2, 7), 7, date(2026, 2, 14)),  # a Saturday that is worked to make up
    ],
)
def test_the_next_talk_is_due_on_a_working_day(last: date, days: int, due: date) -> None:
    assert next_contact(last, days, CALENDAR) == due


def test_the_days_of_a_week_fall_into_their_parts() -> None:
    parts = {day: bucket(FRIDAY + timedelta(days=day), FRIDAY) for day in range(-1, 4)}
    assert parts == {-1: Bucket.LATE, 0: Bucket.TODAY, 1: Bucket.TOMORROW, 2: Bucket.WEEK, 3: Bucket.LATER}


def test_the_week_ends_with_its_sunday() -> None:
    sunday = date(2026, 5, 24)
    assert {end_of_week(sunday - timedelta(days=back)) for back in range(7)} == {sunday}
    assert bucket(sunday + timedelta(days=2), sunday) is Bucket.LATER


def test_a_pause_lasts_up_to_and_with_its_day() -> None:
    def rests(today: date) -> bool:
        return not has_rhythm(CustomerStatus.INTENT, is_archived=False, paused_until=FRIDAY, today=today)

    assert rests(FRIDAY)
    assert not rests(FRIDAY + timedelta(days=1))


def test_lost_and_archived_customers_are_left_alone() -> None:
    def is_asked_after(status: CustomerStatus, *, is_archived: bool = False) -> bool:
        return has_rhythm(status, is_archived=is_archived, paused_until=None, today=FRIDAY)

    assert [status for status in CustomerStatus if not is_asked_after(status)] == [CustomerStatus.LOST]
    assert not is_asked_after(CustomerStatus.WON, is_archived=True)


def test_a_note_is_owed_from_the_hour_on_for_a_week() -> None:
    at = datetime(2026, 5, 20, 7, tzinfo=UTC)
    assert [is_owed(at, at + timedelta(hours=hours)) for hours in (-1, 0, 1, 24 * 7, 24 * 7 + 1)] == [
        False,
        False,
        True,
        True,
        False,
    ]
    assert not is_owed(None, at)
