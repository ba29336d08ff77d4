"""How far the age meter is lit."""

from __future__ import annotations

import pytest

from salesboard.meter import OVERDUE, SAFE, THINNEST, WARNED, lit_parts


def test_a_fresh_stay_lights_nothing() -> None:
    assert lit_parts(0, 7, 14) == ()


def test_a_safe_stay_lights_the_first_segment_in_proportion() -> None:
    assert lit_parts(3, 7, 14) == ((0, 18.9),)


def test_a_warned_stay_lights_two_segments_from_the_day_of_the_warning() -> None:
    assert lit_parts(7, 7, 14) == (SAFE, (46, THINNEST))
    assert lit_parts(9, 7, 14) == (SAFE, (46, 9.1))
    assert lit_parts(14, 7, 14) == (SAFE, WARNED)


def test_an_overdue_stay_lights_three_and_never_more() -> None:
    assert lit_parts(18, 7, 14) == (SAFE, WARNED, (80, 5.7))
    assert lit_parts(500, 7, 14) == (SAFE, WARNED, OVERDUE)


@pytest.mark.parametrize("days", range(40))
def test_as_many_segments_are_lit_as_the_sign_says(days: int) -> None:
    signs = 1 + (days >= 7) + (days > 14) if days else 0
    assert len(lit_parts(days, 7, 14)) == signs


def test_a_limit_of_zero_is_off() -> None:
    assert lit_parts(30, 0, 0) == ()
    assert lit_parts(30, 10, 0) == (SAFE, WARNED)
    assert lit_parts(5, 0, 10) == ((0, 22.0),)
    assert lit_parts(12, 0, 10) == (SAFE, WARNED, (80, THINNEST))


def test_a_warning_that_comes_with_the_limit_lights_both() -> None:
    assert lit_parts(10, 10, 10) == (SAFE, WARNED)
