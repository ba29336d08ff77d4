"""Reads of follow-ups that feed a page, each in a fixed number of SELECTs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.sql.base import ExecutableOption

from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.followups.beside import FollowUpPaper
from salesboard.followups.corrections import Correction
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection, ObjectionStep
from salesboard.followups.promises import Promise, PromiseStep
from salesboard.followups.rules import FollowUpKind
from salesboard.followups.wording import SAID_NAMES


@dataclass(frozen=True)
class Event:
    """One thing that happened on a deal: a note, and the stay that it began, if any."""

    note: FollowUp
    placement: Placement | None

    @property
    def at(self) -> datetime:
        """When it happened: a stay when it was entered, a talk when it took place."""
        return self.placement.entered_at if self.placement else self.note.occurred_at

    @property
    def earlier(self) -> list[tuple[Correction, dict[str, Any]]]:
        """The note's corrections, the last one first, each with what it changed as it stood before, by its label."""
        return [
            (correction, {str(SAID_NAMES[name]): words[name] for name in SAID_NAMES if name in words})
            for correction, words in self.note.earlier
        ]


def with_all_said() -> tuple[ExecutableOption, ...]:
    """That all a follow-up says in rows is loaded with it: four SELECTs, however many."""
    steps = selectinload(FollowUp.objections).joinedload(Objection.steps).joinedload(ObjectionStep.by)
    later = selectinload(FollowUp.promises).joinedload(Promise.steps).joinedload(PromiseStep.by)
    return (
        selectinload(FollowUp.corrections).joinedload(Correction.by),
        steps,
        later,
        selectinload(FollowUp.papers).joinedload(FollowUpPaper.document),
        joinedload(FollowUp.next_owner),
    )


def events_of(deal: Deal) -> list[Event]:
    """Everything that happened on the deal, oldest first."""
    rows = db.session.execute(
        select(FollowUp, Placement)
        .outerjoin(Placement, Placement.followup_id == FollowUp.id)
        .where(FollowUp.deal_id == deal.id)
        .options(joinedload(FollowUp.author), joinedload(Placement.by), *with_all_said())
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


def followup_shown(number: str) -> FollowUp | None:
    """The follow-up with this number, if the reader sees it, with what a form about it names."""
    wanted = select(FollowUp).where(FollowUp.number == number)
    about = joinedload(FollowUp.customer), joinedload(FollowUp.deal), *with_all_said()
    return db.session.scalar(wanted.options(*about))
