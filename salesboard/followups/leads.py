"""A new lead: its customer, the deal, and the record of where it came from, in one transaction."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal

from sqlalchemy import Select, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.custom_values import set_values
from salesboard.customers.doubles import called
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.deals.stages import stage_settings
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Note
from salesboard.installation import installation


@dataclass(frozen=True, kw_only=True)
class Lead:
    """What is known of a lead; `level` and the contact are a new customer's, `note` says where it came from."""

    customer: str
    deal: str
    note: Note
    amount: Decimal | None = None
    level: Level = Level.NORMAL
    contact: str = ""
    phone: str = ""
    own: Mapping[int, str] = field(default_factory=dict)
    """What stands in the deal's fields of the installation's own; `own_of_customer` in a new customer's."""
    own_of_customer: Mapping[int, str] = field(default_factory=dict)


def known_customer(name: str) -> Customer | None:
    """The customer of this name whom the reader sees, the oldest where there are several."""
    return db.session.scalar(_named(name))


def unseen_owner(name: str) -> str | None:
    """Who looks after a customer of this name whom the reader does not see; None where there is no such customer.

    Their name alone is told, so that two people do not court one customer unknowingly.
    """
    with acting_as_system("who else has this customer may be asked for by name"):
        return db.session.scalar(
            select(User.name)
            .join(Customer, Customer.owner_id == User.id)
            .where(called(name))
            .order_by(Customer.id)
            .limit(1)
        )


def begin_lead(lead: Lead, request_key: str | None, by: User) -> Deal:
    """Begins the deal, with a new customer where the reader sees none of this name. The same request again: once."""
    now, day = clock.now(), installation().today
    with writing():
        by.hold()
        sent = FollowUp.of_request(request_key, by) if request_key else None
        if sent is not None and sent.deal is not None:
            return sent.deal
        customer = known_customer(lead.customer) or _new_customer(lead, by, now, day)
        if lead.contact and all(person.name != lead.contact for person in customer.contacts):
            db.session.add(
                Contact(customer_id=customer.id, name=lead.contact, phone=lead.phone or None, created_at=now)
            )
        note = FollowUp.write(
            lead.note, by=by, now=now, day=day, kind=FollowUpKind.RECORD, request_key=request_key
        )
        deal = Deal.begin(
            lead.deal,
            customer=customer,
            owner=by,
            note=note,
            by=by,
            now=now,
            day=day,
            probability=stage_settings()[Stage.LEAD].probability,
            amount=lead.amount,
            next_step=lead.note.next_step,
            next_due=lead.note.next_due,
            next_method=lead.note.next_method,
        )
        set_values(deal, lead.own, by=by, now=now)
        return deal


def _new_customer(lead: Lead, by: User, now: datetime, day: date) -> Customer:
    customer = Customer.register(
        lead.customer, owner=by, by=by, now=now, day=day, level=lead.level, source=lead.note.content[:120]
    )
    set_values(customer, lead.own_of_customer, by=by, now=now)
    return customer


def _named(name: str) -> Select[Customer]:
    return select(Customer).where(called(name)).order_by(Customer.id).limit(1)
