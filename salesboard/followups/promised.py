"""Promises of customers that have become due, for those who look after them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import contains_eager

from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome
from salesboard.followups.models import FollowUp
from salesboard.followups.promises import Promise
from salesboard.followups.rules import PromiseState

MOST_PROMISES = 30


def promises_due(
    holds: Callable[[Any], ColumnElement[bool]], until: date, limit: int | None = MOST_PROMISES
) -> Sequence[Promise]:
    """Open promises of customers that are due by `until`, the earliest first, with their notes; of lost deals and of
    moves taken back none. One SELECT.

    `holds` says of the column of an owner whose they shall be: a promise belongs to whoever looks after the deal, or
    where it was given about none after the customer.
    """
    is_theirs = or_(holds(Deal.owner_id), FollowUp.deal_id.is_(None) & holds(Customer.owner_id))
    due = (
        select(Promise)
        .join(Promise.followup)
        .join(FollowUp.customer)
        .outerjoin(FollowUp.deal)
        .where(
            Promise.state == PromiseState.OPEN,
            Promise.due_on <= until,
            FollowUp.taken_back_at.is_(None),
            or_(FollowUp.deal_id.is_(None), Deal.outcome == Outcome.OPEN),
            is_theirs,
        )
        .options(
            contains_eager(Promise.followup).options(
                contains_eager(FollowUp.customer).joinedload(Customer.owner),
                contains_eager(FollowUp.deal).joinedload(Deal.owner),
            )
        )
        .order_by(Promise.due_on, Promise.id)
    )
    return db.session.scalars(due.limit(limit)).all()
