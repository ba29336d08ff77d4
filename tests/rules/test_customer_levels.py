"""Which level deals speak for, and why."""

from __future__ import annotations

from decimal import Decimal

import pytest

from salesboard.customers.rules import Level
from salesboard.deals.levels import Reason, standing_of, suggested_level
from salesboard.deals.rules import Outcome, Stage

HIGH = Decimal(500_000)
OPEN, LOST = Outcome.OPEN, Outcome.LOST


@pytest.mark.parametrize(
    ("deals", "level", "reason"),
    [
        ([(Stage.NEGOTIATION, OPEN, 860_000)], Level.KEY, Reason.HIGH_VALUE),
        ([(Stage.PROPOSAL, OPEN, 500_000)], Level.KEY, Reason.HIGH_VALUE),
        ([(Stage.PROPOSAL, OPEN, 499_999)], Level.POTENTIAL, Reason.GROWING),
        ([(Stage.WON, OPEN, 300_000), (Stage.LEAD, OPEN, 200_000)], Level.KEY, Reason.HIGH_VALUE),
        ([(Stage.INTENT, OPEN, 900_000)], Level.NORMAL, Reason.HIGH_VALUE_NO_INTENT),
        ([(Stage.LEAD, OPEN, 20_000)], Level.NORMAL, Reason.LOW_VALUE),
        ([(Stage.SERVICE, OPEN, 90_000)], Level.NORMAL, Reason.LOW_VALUE),
        ([(Stage.SERVICE, OPEN, 90_000), (Stage.INTENT, OPEN, 90_001)], Level.POTENTIAL, Reason.GROWING),
        ([(Stage.SERVICE, OPEN, 90_000), (Stage.INTENT, OPEN, 90_000)], Level.NORMAL, Reason.LOW_VALUE),
        ([(Stage.INTENT, OPEN, 5), (Stage.NEGOTIATION, LOST, 900_000)], Level.POTENTIAL, Reason.GROWING),
    ],
)
def test_value_and_intent_suggest_a_level(
    deals: list[tuple[Stage, Outcome, int]], level: Level, reason: Reason
) -> None:
    standing = standing_of((stage, outcome, Decimal(worth)) for stage, outcome, worth in deals)
    suggested = suggested_level(standing, HIGH)
    assert suggested is not None
    assert (suggested.level, suggested.reason) == (level, reason)


def test_the_reason_names_the_sum_and_the_furthest_open_stage() -> None:
    deals = [
        (Stage.SERVICE, OPEN, Decimal(5)),
        (Stage.INTENT, OPEN, Decimal(7)),
        (Stage.LEAD, OPEN, Decimal(1)),
    ]
    suggested = suggested_level(standing_of(deals), HIGH)
    assert suggested is not None
    assert (suggested.worth, suggested.open_worth, suggested.stage) == (13, 8, Stage.INTENT)


@pytest.mark.parametrize("deals", [[], [(Stage.NEGOTIATION, LOST, Decimal(9))]])
def test_without_a_deal_nothing_is_suggested(deals: list[tuple[Stage, Outcome, Decimal]]) -> None:
    assert suggested_level(standing_of(deals), HIGH) is None
