"""The facts of customers: those that are new, and those that were won before."""

from __future__ import annotations

from sqlalchemy import and_, exists, func, or_, select

from salesboard import clock
from salesboard.customers.models import Customer
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.insight.asked import SIGNED, Asked, customers, fact_of_customer, read
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
    found = customers(asked, Customer.first_contact_date, Customer.created_at).where(or_(met, entered))
    rows = (
        (row, row.first_contact_date or clock.local_date(row.created_at, asked.zone)) for row in read(found)
    )
    return [fact_of_customer(row, day=day, is_hit=day >= asked.period.starts_on) for row, day in rows]


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
    found = customers(asked, won.c.signed_on, or_(talked, began).label("was_kept")).join(
        won, won.c.customer_id == Customer.id
    )
    return [fact_of_customer(row, day=row.signed_on, is_hit=bool(row.was_kept)) for row in read(found)]
