"""What was said with a customer, whatever the deal, for the list of customers and a customer's page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, false, func, select, tuple_
from sqlalchemy.orm import joinedload

from salesboard.customers.filters import CustomerFilters, TalkedWith
from salesboard.customers.models import Customer
from salesboard.customers.ranges import Days
from salesboard.customers.selection import within
from salesboard.database import db
from salesboard.deals.placements import Placement
from salesboard.followups.models import FollowUp
from salesboard.followups.queries import Event, with_all_said
from salesboard.followups.rules import FollowUpKind

EVENTS_A_PAGE = 20


@dataclass(frozen=True)
class EventPage:
    """Some of what happened, newest first; `before` is the number of the last one where there are earlier ones."""

    events: list[Event]
    before: str | None


def last_talks_with(customer_ids: Iterable[int]) -> dict[int, datetime]:
    """When one last talked with each of these customers; without those one never talked with. One SELECT."""
    talks = (
        select(FollowUp.customer_id, func.max(FollowUp.occurred_at).label("at"))
        .where(FollowUp.customer_id.in_(list(customer_ids)), *real_talks())
        .group_by(FollowUp.customer_id)
    )
    return {row.customer_id: row.at for row in db.session.execute(talks)}


def of_talks(filters: CustomerFilters) -> Iterator[ColumnElement[bool]]:
    """What `filters` ask of the talks with customers that the reader sees, as conditions on Customer."""
    asked = filters.last_talk
    if filters.talked is TalkedWith.NEVER:
        yield ~_has_talk(Days())
    elif asked:
        yield _has_talk(asked)
        if asked.high:
            yield ~_has_talk(Days(low=asked.high + timedelta(days=1)))


def _has_talk(days: Days) -> ColumnElement[bool]:
    """That there was a talk in these days, through the index of a customer's talks."""
    of_customer = select(FollowUp.id).where(FollowUp.customer_id == Customer.id, *real_talks())
    return of_customer.where(*within(FollowUp.occurred_at, days)).correlate(Customer).exists()


def last_talk_with(customer: Customer) -> FollowUp | None:
    """The last talk with the customer, about whatever deal."""
    talks = select(FollowUp).where(FollowUp.customer_id == customer.id, *real_talks())
    return db.session.scalar(talks.order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc()).limit(1))


def count_events(customer: Customer) -> int:
    """How many notes there are with this customer that the reader sees."""
    return db.session.scalar(select(func.count(FollowUp.id)).where(FollowUp.customer_id == customer.id)) or 0


def events_with(customer: Customer, before: str | None) -> EventPage:
    """What happened with the customer, the latest talk first, from before the note with this number on."""
    wanted = (
        select(FollowUp, Placement)
        .outerjoin(Placement, Placement.followup_id == FollowUp.id)
        .where(FollowUp.customer_id == customer.id, *_before(customer, before))
        .options(
            joinedload(FollowUp.author),
            joinedload(FollowUp.deal),
            joinedload(Placement.by),
            *with_all_said(),
        )
        .order_by(FollowUp.occurred_at.desc(), FollowUp.id.desc())
    )
    rows = db.session.execute(wanted.limit(EVENTS_A_PAGE + 1)).all()
    events = [Event(note, placement) for note, placement in rows[:EVENTS_A_PAGE]]
    return EventPage(events, events[-1].note.number if len(rows) > EVENTS_A_PAGE else None)


def _before(customer: Customer, number: str | None) -> list[ColumnElement[bool]]:
    if number is None:
        return []
    shown = select(FollowUp.occurred_at, FollowUp.id).where(FollowUp.customer_id == customer.id)
    last = db.session.execute(shown.where(FollowUp.number == number)).one_or_none()
    return [
        tuple_(FollowUp.occurred_at, FollowUp.id) < tuple_(last.occurred_at, last.id) if last else false()
    ]


def real_talks() -> tuple[ColumnElement[bool], ...]:
    """The conditions that it was a talk, and was not taken back."""
    return FollowUp.kind == FollowUpKind.TALK, FollowUp.taken_back_at.is_(None)
