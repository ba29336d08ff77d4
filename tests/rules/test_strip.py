"""Where stays stand on the supervisor's strip."""

from __future__ import annotations

import pytest

from salesboard.deals.rules import AgeSign, StageAge, StageLimits
from salesboard.insight.strip import END, LIMIT_AT, ROOM_OF_A_NAME, WARNING_AT, Mark, marks, named, place

USUAL = StageLimits(5, 10)
SOME_LIMITS = [
    USUAL,
    StageLimits(5, 0),
    StageLimits(0, 10),
    StageLimits(0, 0),
    StageLimits(7, 7),
    StageLimits(9, 3),
]


def stays(limits: StageLimits, *days: int) -> list[tuple[int, AgeSign, int]]:
    return [(each, StageAge(each, limits).sign, 1) for each in days]


def test_the_lines_are_where_the_limits_are() -> None:
    assert place(0, USUAL) == 0
    assert place(5, USUAL) == WARNING_AT
    assert WARNING_AT < place(10, USUAL) < LIMIT_AT < place(11, USUAL)


@pytest.mark.parametrize("limits", SOME_LIMITS)
def test_a_longer_stay_never_stands_before_a_shorter_one_of_its_sign(limits: StageLimits) -> None:
    places = [place(days, limits) for days in range(1000)]
    signs = [StageAge(days, limits).sign for days in range(1000)]
    for days in range(999):
        if signs[days] is signs[days + 1]:
            assert places[days] <= places[days + 1]
    assert all(0 <= where <= END for where in places)


def test_stays_at_one_place_make_one_larger_mark() -> None:
    one, many = marks([(3, AgeSign.SAFE, 1), (12, AgeSign.OVERDUE, 40)], USUAL)
    assert (one.count, many.count) == (1, 40)
    assert many.radius > one.radius


def test_no_deal_is_lost_in_the_gathering() -> None:
    shown = marks(stays(USUAL, *range(60)), USUAL)
    assert sum(mark.count for mark in shown) == 60
    assert len(shown) <= 50


def test_names_are_written_where_there_is_room_the_first_ones_first() -> None:
    shown = [Mark(46, AgeSign.WARNED, 6, 1), Mark(50, AgeSign.WARNED, 7, 1), Mark(80, AgeSign.OVERDUE, 12, 1)]
    written = named(shown, [(12, "Oldest"), (7, "Next"), (6, "No room")])
    assert [mark.name for mark in written] == ["", "Next", "Oldest"]
    assert all(mark.x <= END for mark in written)
    assert ROOM_OF_A_NAME > 50 - 46


def test_safe_stays_have_no_name() -> None:
    assert named(marks(stays(USUAL, 2), USUAL), [(2, "Young")])[0].name == ""
