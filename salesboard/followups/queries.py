"""Reads of follow-ups that feed a page, each in a fixed number of SELECTs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind


@dataclass(frozen=True)
class Event:
    """One thing that happened on a deal: a note, and the stay that it began, if any."""

    note: FollowUp
    placement: Placement | None

    @property
    def at(self) -> datetime:
        """When it happened: a stay when it was entered, a talk when it took place."""
        return self.placement.entered_at if self.placement else self.note.occurred_at


def events_of(deal: Deal) -> list[Event]:
    """Everything that happened on the deal, oldest first."""
    rows = db.session.execute(
        select(FollowUp, Placement)
        .outerjoin(Placement, Placement.followup_id == FollowUp.id)
        .where(FollowUp.deal_id == deal.id)
        .options(joinedload(FollowUp.author), joinedload(Placement.by))
    )
    events = [Event(note, placement) for note, placement in rows]
    return sorted(events, key=lambda event: (event.at, event.note.id))


def last_participants(deal: Deal) -> str:
    """Who took part in the last talk about the deal; empty where there was none."""
    talks = (
        select(FollowUp.participants)
        .where(
            FollowUp.deal_id == deal.id,
            FollowUp.kind == FollowUpKind.TALK,
            FollowUp.taken_back_at.is_(None),
            FollowUp.participants != "",
        )
        .order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc())
    )
    return db.session.scalar(talks.limit(1)) or ""
