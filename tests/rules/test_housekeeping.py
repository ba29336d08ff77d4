"""What counts as untouched, and when the next proposal comes."""

from __future__ import annotations

from datetime import date

import pytest

from salesboard.customers.housekeeping_rules import ACTS, Act, Proposal, next_time, untouched_since


@pytest.mark.parametrize(
    ("today", "since"),
    [
        (date(2026, 11, 27), date(2026, 5, 27)),
        (date(2026, 3, 1), date(2025, 9, 1)),
        (date(2026, 6, 30), date(2025, 12, 30)),
        (date(2026, 8, 31), date(2026, 2, 28)),
        (date(2028, 8, 31), date(2028, 2, 29)),
    ],
)
def test_six_months_back_is_a_day_that_there_is(today: date, since: date) -> None:
    assert untouched_since(today) == since


@pytest.mark.parametrize(
    ("today", "then"),
    [(date(2026, 11, 1), date(2026, 12, 1)), (date(2026, 12, 31), date(2027, 1, 1))],
)
def test_the_next_proposal_comes_with_the_month(today: date, then: date) -> None:
    assert next_time(today) == then


def test_whatever_is_proposed_may_be_left_alone() -> None:
    assert all(Act.LEAVE in ACTS[proposal] for proposal in Proposal)
