"""A day by its hours: what lies close together does not touch, and early and late hours have their place."""

from __future__ import annotations

from datetime import datetime

from hypothesis import given
from hypothesis import strategies as st

from salesboard.tasks.agenda import agenda


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2026, 5, 20, hour, minute)  # noqa: DTZ001 by the reader's own clock


def test_a_day_without_hours_has_no_agenda() -> None:
    assert agenda([], at(10)) is None


def test_things_stand_at_their_half_hour_and_those_of_one_together() -> None:
    day = agenda([(at(14), "b"), (at(10, 40), "a"), (at(14, 29), "c"), (at(14, 30), "d")], at(9, 45))
    assert day is not None
    assert [(slot.row, slot.span, slot.things) for slot in day.slots] == [
        (4, 2, ["a"]),
        (11, 1, ["b", "c"]),
        (12, 2, ["d"]),
    ]
    assert (day.hours[0], day.hours[-1], day.now_row) == ((1, 9), (19, 18), 2)


def test_the_day_grows_to_its_first_and_last_hour() -> None:
    day = agenda([(at(6, 30), "early"), (at(23, 30), "late")], at(3))
    assert day is not None
    assert (day.hours[0][1], day.hours[-1][1], day.now_row) == (6, 24, None)
    assert [slot.row for slot in day.slots] == [2, 36]


@given(st.lists(st.integers(0, 24 * 60 - 1), min_size=1, max_size=30), st.integers(0, 24 * 60 - 1))
def test_no_two_slots_touch_and_none_is_lost(minutes: list[int], now: int) -> None:
    day = agenda([(at(*divmod(each, 60)), each) for each in minutes], at(*divmod(now, 60)))
    assert day is not None
    assert sorted(each for slot in day.slots for each in slot.things) == sorted(minutes)
    rows = [row for slot in day.slots for row in range(slot.row, slot.row + slot.span)]
    assert rows == sorted(set(rows))
    assert rows[0] >= 1
    assert rows[-1] <= 49
