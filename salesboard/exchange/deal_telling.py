"""What a file tells of one deal: its stays, each with its note, and how it ended."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from salesboard import clock
from salesboard.customers.wording import NO_REASON_TOLD
from salesboard.deals.placing import ToldStay
from salesboard.deals.rules import LostReason, Outcome
from salesboard.deals.terms import Closing
from salesboard.exchange.bundles import DealPlan
from salesboard.exchange.history import Stay, stays_seen, stays_told
from salesboard.exchange.occasion import Occasion
from salesboard.exchange.records import DealRecord
from salesboard.exchange.words import LostBecause
from salesboard.followups.models import FollowUp


def told_stays(
    plan: DealPlan, first_contact: date | None, notes: dict[int, FollowUp], occasion: Occasion
) -> list[ToldStay]:
    """Each stay with its note: the talk that saw it begin, else the row as it stands in the file.

    `notes` are the talks that come in with the deal, by the id of their plan.
    """
    free = [(day, stage, notes[id(talk)]) for day, stage, talk in plan.sightings if id(talk) in notes]
    told: list[ToldStay] = []
    for stay in _stays(plan, first_contact, occasion.day):
        moment = min(clock.noon(stay.entered_on, occasion.zone), occasion.now)
        note = next(
            (note for day, stage, note in free if (day, stage) == (stay.entered_on, stay.stage)), None
        )
        if note is None:
            note = occasion.note_of_row(plan.place, moment)
        else:
            moment = note.occurred_at
            free = [each for each in free if each[2] is not note]
        if told:  # two stays of one day: the later talk may be known by its date alone
            moment = max(moment, told[-1].entered_at)
        told.append(ToldStay(stay.stage, stay.outcome, moment, stay.entered_on, note))
    return told


def ending(record: DealRecord, told: list[ToldStay]) -> dict[str, Any]:
    """The columns that a signed or lost deal must have."""
    last = told[-1]
    if last.outcome is Outcome.LOST:
        closing = told_closing(record)
        return {"lost_reason": closing.reason, "lost_words": closing.words, "closed_on": last.entered_on}
    if not last.stage.is_signed:
        return {}
    signed_on = next(stay.entered_on for stay in told if stay.stage.is_signed)
    return {
        "contract_number": record.contract_number,
        "contract_amount": contract_amount(record),
        "payment_terms": record.payment_terms,
        "signed_on": signed_on,
    }


def told_closing(record: DealRecord) -> Closing:
    """Why the file says a deal was lost."""
    because = record.lost_reason or LostBecause(LostReason.OTHER, str(NO_REASON_TOLD))
    return Closing(reason=because.reason, words=because.words, competitor=record.competitor)


def contract_amount(record: DealRecord) -> Decimal:
    """What a signed deal's row says of the contract, else of the expected amount."""
    said = (amount for amount in (record.contract_amount, record.amount) if amount is not None)
    return next(said, Decimal(0))


def _stays(plan: DealPlan, first_contact: date | None, today: date) -> tuple[Stay, ...]:
    record = plan.record
    has_dates = record.created_date or record.entered_date or record.closed_date
    seen = [(day, stage) for day, stage, _talk in plan.sightings]
    stays = stays_seen(seen, today=today) if seen and not has_dates else ()
    last_heard = max((talk.occurred_on for talk in plan.talks), default=None)
    return stays or stays_told(record, today=today, first_contact=first_contact, last_heard=last_heard)
