"""Pages whose turn has come: the month's housekeeping, the quarter's review of who may see what."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from salesboard.access import WRITERS, Role, Viewer
from salesboard.accounts.models import User
from salesboard.customers.doubles import probable_duplicates
from salesboard.customers.housekeeping_queries import proposed_by_owner
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.notify.models import Reminder
from salesboard.notify.rules import ReminderKind

EVERYTHING = Viewer(person_id=None, role=None, owner_ids=None, reason="whose doubles are whose")
DOUBLES = "doubles"
"""Counted beside the proposals of `housekeeping_rules`."""

Found = list[dict[str, Any]]


def find_housekeeping(day: date, now: datetime, zone: ZoneInfo) -> Found:
    """Whom the housekeeping of the month proposes something to, with how much of each kind stood there on `day`."""
    by_owner, doubles, found = proposed_by_owner(day, zone), _owners_of_doubles(), []
    for person in _able(*WRITERS):
        seen = person.viewer()
        counts: Counter[str] = Counter()
        for owner_id, proposed in by_owner.items():
            if seen.sees_person(owner_id):
                counts.update({kind.value: count for kind, count in proposed.items()})
        if alike := sum(sum(map(seen.sees_person, owners)) > 1 for owners in doubles):
            counts[DOUBLES] = alike
        if counts:
            found.append(_told(person, ReminderKind.HOUSEKEEPING, day, now, counts=dict(counts)))
    return found


def find_access_review(day: date, now: datetime) -> Found:
    """The admins, for nobody else may see the page."""
    return [_told(person, ReminderKind.ACCESS_REVIEW, day, now) for person in _able(Role.ADMIN)]


def give_turns(kind: ReminderKind, found: Found, day: date, now: datetime) -> None:
    """Writes what was found, in the transaction under way; done twice it changes nothing."""
    Reminder.replace_before(day, now=now, kinds=(kind,))
    Reminder.give(found, now=now)


def _owners_of_doubles() -> list[list[int]]:
    """Of each group of probable duplicates those who look after its customers, one for each. Four SELECTs."""
    groups = probable_duplicates(EVERYTHING)
    owner_of = {row.id: row.owner_id for row in db.session.execute(select(Customer.id, Customer.owner_id))}
    return [[owner_of[each] for each in group.ids if each in owner_of] for group in groups]


def _able(*roles: Role) -> list[User]:
    able = select(User).where(
        User.role.in_(roles), User.deactivated_at.is_(None), User.password_hash.is_not(None)
    )
    return list(db.session.scalars(able.order_by(User.id)))


def _told(person: User, kind: ReminderKind, day: date, now: datetime, **details: Any) -> dict[str, Any]:
    return {"person_id": person.id, "kind": kind, "day": day, "details": details, "created_at": now}
