"""The facts of customers: those that are new, and those that were won before."""

from __future__ import annotations

from typing import Any

from sqlalchemy import and_, exists, func, null, or_, select

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.insight.asked import OF_CUSTOMERS, SIGNED, Asked, fact, read
from salesboard.insight.facts import Fact


def newcomers(asked: Asked) -> list[Fact]:
    """Customers first spoken with in the period (a hit) or in the one before; without such a date by when they were
    entered here."""
    start, end = asked.period.previous().starts_on, asked.period.ends_on
    entered_from, entered_to = asked.period.previous().moments(asked.zone)[0], asked.moments()[1]
    met = and_(Customer.first_contact_date >= start, Customer.first_contact_date <= end)
    entered = and_(
        Customer.first_contact_date.is_(None),
        Customer.created_at >= entered_from,
        Customer.created_at < entered_to,
    )
    found = _customers(asked, Customer.first_contact_date, Customer.created_at).where(or_(met, entered))
    rows = (
        (row, row.first_contact_date or clock.local_date(row.created_at, asked.zone)) for row in read(found)
    )
    return [
        fact(
            ("", "", *row[2:10]),
            day=day,
            is_hit=day >= asked.period.starts_on,
            customer_number=row.customer_number,
        )
        for row, day in rows
    ]


def kept(asked: Asked) -> list[Fact]:
    """Customers won before the period; a hit is one with a follow-up or a new deal in it."""
    start, end = asked.moments()
    won = (
        select(Deal.customer_id, func.max(Deal.signed_on).label("signed_on"))
        .where(Deal.outcome == Outcome.OPEN, Deal.stage.in_(SIGNED), Deal.signed_on < asked.period.starts_on)
        .group_by(Deal.customer_id)
        .subquery()
    )
    talked = exists().where(
        FollowUp.customer_id == Customer.id,
        *real_talks(),
        FollowUp.occurred_at >= start,
        FollowUp.occurred_at < end,
    )
    began = exists().where(Deal.customer_id == Customer.id, asked.within(Deal.created_on))
    found = _customers(asked, won.c.signed_on, or_(talked, began).label("was_kept")).join(
        won, won.c.customer_id == Customer.id
    )
    return [
        fact(
            ("", "", *row[2:10]),
            day=row.signed_on,
            is_hit=bool(row.was_kept),
            customer_number=row.customer_number,
        )
        for row in read(found)
    ]


def _customers(asked: Asked, *columns: Any) -> Any:
    """Customers of the scope's people; no deal is meant."""
    return (
        select(null(), null(), *OF_CUSTOMERS, null(), Customer.number.label("customer_number"), *columns)
        .select_from(Customer)
        .join(User, User.id == Customer.owner_id)
        .where(asked.scope.holds(Customer.owner_id))
        .order_by(Customer.id)
    )
