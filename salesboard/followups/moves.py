"""A note with the change of stage that it pays for: one transaction, and once however often it is sent."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from sqlalchemy import Select, bindparam, select

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import built_once, db, writing
from salesboard.deals.assessments import Answer
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import Note
from salesboard.installation import installation

Verb = Callable[..., Placement]
"""One of a deal's verbs that take a note: called with the deal held, then note, by, now and day."""


def carry_out(deal_id: int, told: Note, request_key: str | None, by: User, verb: Verb) -> Placement:
    """Writes the note and lets `verb` change the deal with it.

    The same request again changes nothing and gets the first placement. Raises Conflict when the deal changed since,
    or when the request was sent before with other words; Refused as the verb says. Nothing is kept then.
    """
    now, day = clock.now(), installation().today
    with writing(keeping=by):
        deal = _held(deal_id)
        sent = _sent_before(request_key, by, deal, told)
        if sent is not None:
            return _paid_with(sent)
        note = FollowUp.write(told, by=by, now=now, day=day, request_key=request_key)
        return verb(deal, note=note, by=by, now=now, day=day)


def keep_note(
    deal_id: int,
    told: Note,
    request_key: str | None,
    by: User,
    *,
    plans: bool = True,
    answers: list[Answer] | None = None,
) -> FollowUp:
    """Files a note on the deal without any move, once. Where it `plans`, its next step becomes the deal's.

    `answers` to the questions of a move that did not happen are kept in the note's own words. Raises Conflict when the
    request was sent before with other words.
    """
    said = [told.content, *(f"{given['wording']}: {given['words']}" for given in answers or [])]
    told = replace(told, content="\n".join(said))
    now, day = clock.now(), installation().today
    with writing():
        deal = _held(deal_id)
        sent = _sent_before(request_key, by, deal, told)
        if sent is not None:
            return sent
        note = FollowUp.write(told, by=by, now=now, day=day, request_key=request_key)
        note.file(deal.customer, deal, plans=plans)
        return note


def keep_note_with(customer_id: int, told: Note, request_key: str | None, by: User) -> FollowUp:
    """Files a note under the customer, whatever the deal, once. Raises Conflict as `keep_note` does."""
    now, day = clock.now(), installation().today
    with writing():
        by.hold()
        customer = db.session.get_one(Customer, customer_id)
        sent = _sent_before(request_key, by, customer, told)
        if sent is not None:
            return sent
        note = FollowUp.write(told, by=by, now=now, day=day, request_key=request_key)
        note.file(customer)
        return note


def _sent_before(request_key: str | None, by: User, about: Deal | Customer, told: Note) -> FollowUp | None:
    """What the same request wrote; Conflict when it said something else."""
    sent = FollowUp.of_request(request_key, by) if request_key else None
    if sent is not None:
        sent.expect(about, told)
    return sent


def _paid_with(note: FollowUp) -> Placement:
    placement = db.session.scalar(select(Placement).where(Placement.followup_id == note.id))
    if placement is None:
        raise note.conflict()
    return placement


def _held(deal_id: int) -> Deal:
    return db.session.scalars(_holding(), {"deal_id": deal_id}).one()


@built_once
def _holding() -> Select[Deal]:
    return select(Deal).where(Deal.id == bindparam("deal_id")).with_for_update(of=Deal)
