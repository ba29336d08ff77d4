"""Dates that come by themselves, whoever did what: instalments due, renewals near, promises of customers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import select, true

from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.renewals import renewals_between
from salesboard.followups.promised import promises_due
from salesboard.notify.rules import RENEWAL_NEAR, ReminderKind
from salesboard.service.queries import Awaited, due

Found = list[dict[str, Any]]


def find_dates(day: date, now: datetime) -> Found:
    """What those who still work here are told of them on `day`, in four SELECTs."""
    found = [*_payments(day), *_renewals(day), *_promises(day)]
    gone = set(db.session.scalars(select(User.id).where(User.deactivated_at.is_not(None))))
    return [{**each, "day": day, "created_at": now} for each in found if each["person_id"] not in gone]


def _payments(day: date) -> Found:
    """One for each deal, of all its instalments that are due and not received in full."""
    of_deal: dict[int, list[Awaited]] = defaultdict(list)
    for awaited in due(true(), until=day):
        of_deal[awaited.payment.deal_id].append(awaited)
    return [
        {
            "person_id": instalments[0].payment.deal.owner_id,
            "kind": ReminderKind.PAYMENT_DUE,
            "deal_id": deal_id,
            "details": _told_of(instalments),
        }
        for deal_id, instalments in of_deal.items()
    ]


def _told_of(instalments: Sequence[Awaited]) -> dict[str, Any]:
    return {
        "due": instalments[0].payment.due_on.isoformat(),
        "names": [each.payment.name for each in instalments if each.payment.name],
        "owed": str(sum((each.owed for each in instalments), Decimal(0))),
    }


def _renewals(day: date) -> Found:
    return [
        {
            "person_id": renewal.owner_id,
            "kind": ReminderKind.RENEWAL_NEAR,
            "deal_id": renewal.deal_id,
            "details": {"due": renewal.day.isoformat()},
        }
        for renewal in renewals_between(day, day + timedelta(days=RENEWAL_NEAR))
    ]


def _promises(day: date) -> Found:
    return [
        {
            "person_id": (promise.followup.deal or promise.followup.customer).owner_id,
            "kind": ReminderKind.PROMISE_DUE,
            "promise_id": promise.id,
            "details": {"due": promise.due_on.isoformat() if promise.due_on else None},
        }
        for promise in promises_due(lambda owner_id: owner_id.is_not(None), day, limit=None)
    ]
