"""Which level a customer's deals speak for. Pure: sums and stages in, a suggestion with its reason out.

Definition: PRODUCT.md 3: key is high value and high intent, potential low value and high growth, normal the rest.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from salesboard.customers.rules import Level
from salesboard.deals.rules import Outcome, Stage

HIGH_INTENT = Stage.PROPOSAL
"""From this stage on a customer means it."""


class Reason(StrEnum):
    """Why a level is suggested."""

    HIGH_VALUE = "high_value"
    HIGH_VALUE_NO_INTENT = "high_value_no_intent"
    GROWING = "growing"
    LOW_VALUE = "low_value"


@dataclass(frozen=True)
class DealStanding:
    """What a deal that is not lost counts for here."""

    stage: Stage
    worth: Decimal


@dataclass(frozen=True)
class LevelSuggestion:
    """The level, and why: `worth` in all, the furthest `stage`; of what grows `open_worth` is under way."""

    level: Level
    reason: Reason
    worth: Decimal
    stage: Stage
    open_worth: Decimal


def suggested_level(deals: Iterable[DealStanding], high_value: Decimal) -> LevelSuggestion | None:
    """What the deals that are not lost speak for; nothing without any.

    Value is what is signed and what is under way together, from `high_value` on it is high. Intent is high once a deal
    came to the proposal. Low value grows where more is under way, with a deal past the lead, than was ever signed.
    """
    standing = list(deals)
    if not standing:
        return None
    worth = sum((deal.worth for deal in standing), Decimal(0))
    open_deals = [deal for deal in standing if not deal.stage.is_signed]
    open_worth = sum((deal.worth for deal in open_deals), Decimal(0))
    stage = max((deal.stage for deal in open_deals or standing), key=lambda stage: stage.position)
    is_meant = any(deal.stage.reaches(HIGH_INTENT) for deal in standing)
    grows = open_worth > worth - open_worth and any(deal.stage is not Stage.LEAD for deal in open_deals)
    if worth >= high_value:
        level, reason = (
            (Level.KEY, Reason.HIGH_VALUE) if is_meant else (Level.NORMAL, Reason.HIGH_VALUE_NO_INTENT)
        )
    else:
        level, reason = (Level.POTENTIAL, Reason.GROWING) if grows else (Level.NORMAL, Reason.LOW_VALUE)
    return LevelSuggestion(level, reason, worth, stage, open_worth)


def standing_of(deals: Iterable[tuple[Stage, Outcome, Decimal]]) -> list[DealStanding]:
    """Of all deals those that count: the lost ones do not."""
    return [DealStanding(stage, worth) for stage, outcome, worth in deals if outcome is Outcome.OPEN]
