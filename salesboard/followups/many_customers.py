"""One fact of many customers changed at once: which ones, what each says now, and the change itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from salesboard.access import LEADERS, WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import db, in_parts
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome
from salesboard.errors import Refused
from salesboard.followups.customer_list import wanted

MOST_AT_ONCE, MOST_HANDED_OVER = 2_000, 500
"""Customers that one change may concern: it is one transaction, which others have to wait for. To hand one over takes
longer, for its deals and tasks go along."""
_IDS_AT_ONCE = 500


class Changeable(StrEnum):
    """What can be changed of many at once."""

    OWNER = "owner"
    LEVEL = "level"
    REGION = "region"


@dataclass(frozen=True)
class Picked:
    """Which customers are meant: those with these numbers, or where there are none all that the filters ask for."""

    numbers: tuple[str, ...]
    filters: CustomerFilters


@dataclass(frozen=True)
class Meant:
    """The customers as they are now, in the order in which they came; `left_out` are looked after by people whom the
    reader does not look after, so that somebody else decides whose they are."""

    what: Changeable
    customers: Sequence[Customer]
    left_out: int

    @property
    def stand(self) -> Counter[Any]:
        """How many say what now."""
        return Counter(value_of(customer, self.what) for customer in self.customers)

    @property
    def fingerprint(self) -> str:
        """Another one as soon as another customer is meant, or one of them says something else."""
        column = "owner_id" if self.what is Changeable.OWNER else self.what.value
        told = "\n".join(f"{each.id}={getattr(each, column)}" for each in self.customers)
        return sha256(told.encode("utf-8", "surrogatepass")).hexdigest()


def may_change(what: Changeable, viewer: Viewer) -> bool:
    """Who leads decides whose a customer is; the rest is for everybody who writes."""
    return viewer.role in (LEADERS if what is Changeable.OWNER else WRITERS)


def value_of(customer: Customer, what: Changeable) -> Any:
    """What the customer says: whose it is, its level, its region or nothing."""
    if what is Changeable.OWNER:
        return customer.owner.name
    return customer.level if what is Changeable.LEVEL else customer.region or ""


def meant(what: Changeable, picked: Picked, viewer: Viewer, *, for_change: bool = False) -> Meant:
    """The customers that are meant, as far as the reader sees them; `for_change` held against other writers.

    Raises Refused for more than may be changed at once.
    """
    conditions = [Customer.number.in_(picked.numbers)] if picked.numbers else wanted(picked.filters)
    asked = select(Customer).where(*conditions).order_by(Customer.id).options(joinedload(Customer.owner))
    if for_change:
        asked = asked.with_for_update(of=Customer)
    most = MOST_HANDED_OVER if what is Changeable.OWNER else MOST_AT_ONCE
    found = db.session.scalars(asked.limit(most + 1)).all()
    if len(found) > most:
        raise Refused(_("At most %(count)d customers at once. Narrow the list first.", count=most))
    if what is not Changeable.OWNER:
        return Meant(what, found, 0)
    theirs = [customer for customer in found if viewer.sees_person(customer.owner_id)]
    return Meant(what, theirs, len(found) - len(theirs))


def change_all(
    those: Meant, value: User | Level | str | None, *, with_deals: bool, by: User, now: datetime
) -> int:
    """Has each of them say this; how many said something else before. In the transaction under way.

    With a new owner, `with_deals`, go the open deals that the earlier one had with the customer.
    """
    if isinstance(value, User):
        return _hand_over(those.customers, value, with_deals, by, now)
    others = [each for each in those.customers if getattr(each, those.what) != value]
    for customer in others:
        customer.revise(by=by, now=now, expected_version=customer.version, **{those.what.value: value})
    return len(others)


def _hand_over(customers: Sequence[Customer], heir: User, with_deals: bool, by: User, now: datetime) -> int:
    others = [customer for customer in customers if customer.owner_id != heir.id]
    earlier = {customer.id: customer.owner_id for customer in others}
    for part in in_parts(list(earlier), _IDS_AT_ONCE) if with_deals else ():
        deals = select(Deal).where(Deal.customer_id.in_(part), Deal.outcome == Outcome.OPEN)
        held = deals.order_by(Deal.id).options(joinedload(Deal.owner)).with_for_update(of=Deal)
        for deal in db.session.scalars(held).all():
            if deal.owner_id == earlier[deal.customer_id]:
                deal.hand_over(heir, by=by, now=now)
    for customer in others:
        customer.hand_over(heir, by=by, now=now)
    return len(others)


def possible_owners(viewer: Viewer) -> Sequence[User]:
    """Those whom the viewer looks after and who may have customers of their own."""
    able = select(User).where(User.deactivated_at.is_(None), User.role.in_(WRITERS))
    return db.session.scalars(able.where(viewer.sees_owner(User.id)).order_by(User.name, User.id)).all()
