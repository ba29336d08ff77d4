"""When delivered deals are to be renewed, as it was told on handing over."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import select

from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Outcome, Stage

RENEWAL = "renewal_on"
"""The question of `deals.assessments` whose answer is the day."""

IN_SERVICE = (Deal.outcome == Outcome.OPEN, Placement.stage == Stage.SERVICE, Placement.left_at.is_(None))
"""The condition on a stay that its answers count."""


class Renewal(NamedTuple):
    deal_id: int
    owner_id: int
    day: date


def renewal_in(answers: Sequence[Mapping[str, Any]]) -> date | None:
    """The day among the answers of a stay."""
    told = next((each["value"] for each in answers if each["code"] == RENEWAL), None)
    return date.fromisoformat(told) if told else None


def renewals_between(since: date, until: date) -> list[Renewal]:
    """Of everybody's deals. One SELECT, of as many rows as there are deals in service."""
    stays = select(Deal.id, Deal.owner_id, Placement.answers).join(Deal, Deal.id == Placement.deal_id)
    told = db.session.execute(stays.where(*IN_SERVICE).order_by(Deal.id))
    found = ((deal_id, owner_id, renewal_in(answers)) for deal_id, owner_id, answers in told)
    return [
        Renewal(deal_id, owner_id, day) for deal_id, owner_id, day in found if day and since <= day <= until
    ]
