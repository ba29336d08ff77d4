"""The decision chain of a customer, with the day on which each of its people was last talked with."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from salesboard import clock
from salesboard.customers.chain import Chain, Link, chain_of, is_named
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.followups.models import FollowUp
from salesboard.followups.of_customers import real_talks
from salesboard.installation import installation

MOST_TALKS = 500
"""So many of the latest talks are searched for names."""


def chain_with(customer: Customer) -> Chain:
    """The chain as it is today. One SELECT besides the customer's contacts."""
    here, met = installation(), met_on(customer)
    links = [
        Link(
            id=contact.id,
            name=contact.name,
            title=contact.title,
            role=contact.role,
            attitude=contact.attitude,
            boss_id=contact.reports_to_id,
            met_on=met.get(contact.id),
        )
        for contact in customer.contacts
    ]
    return chain_of(links, today=here.today, unmet_days=here.unmet_days)


def met_on(customer: Customer) -> dict[int, date]:
    """By contact the day of the last talk whose participants name them, of the talks that the reader sees."""
    talks = select(FollowUp.occurred_at, FollowUp.participants).where(
        FollowUp.customer_id == customer.id, FollowUp.participants != "", *real_talks()
    )
    latest = db.session.execute(talks.order_by(FollowUp.occurred_at.desc()).limit(MOST_TALKS)).all()
    zone, met = installation().timezone, {}
    for contact in customer.contacts:
        talk = next((talk for talk in latest if is_named(contact.name, talk.participants)), None)
        if talk is not None:
            met[contact.id] = clock.local_date(talk.occurred_at, zone)
    return met
