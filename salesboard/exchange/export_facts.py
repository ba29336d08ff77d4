"""The columns of the lists that go out, and how each is got from a record.

A column that an import knows bears the name of that field, so that a list comes in again as it went out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row

from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Attitude, Priority
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    LEVEL_NAMES,
    PRIORITY_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.deals.models import Deal
from salesboard.deals.rules import LostReason
from salesboard.deals.stages import STAGE_NAMES
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_NAMES
from salesboard.exchange.export_pages import (
    People,
)
from salesboard.exchange.export_tables import Type, Value
from salesboard.exchange.fields import BY_KEY, Kind


@dataclass
class Around:
    """What the lines of one page say of other records."""

    people: People
    zone: ZoneInfo
    customers: dict[int, Row[Any]] = field(default_factory=dict)
    deals: dict[int | None, Row[Any]] = field(default_factory=dict)
    contacts: dict[int, Contact] = field(default_factory=dict)
    custom: dict[int, dict[int, str]] = field(default_factory=dict)
    """What stands in the team's own fields, by record and field."""
    superiors: dict[int | None, str] = field(default_factory=dict)
    """The names of those to whom contacts report."""
    listed: dict[str, dict[int, Any]] = field(default_factory=dict)
    """What columns of the list of customers say of deals and talks, by column and customer."""

    def clock(self, moment: datetime) -> datetime:
        """The moment as the reader's clock shows it, to the minute."""
        return moment.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)

    def day(self, moment: datetime | None) -> date | None:
        return moment.astimezone(self.zone).date() if moment else None


@dataclass(frozen=True)
class Fact:
    """A column: its head, what its cells hold, and how they are got from a record."""

    label: LazyString | str
    of: Callable[[Any, Around], Value]
    type: Type = Type.TEXT
    key: str = ""
    """Of the field that an import fills from it, where there is one."""


def _field(key: str, of: Callable[[Any, Around], Value], kind: Type = Type.TEXT) -> Fact:
    return Fact(BY_KEY[key].label, of, kind, key)


def _own(head: str | LazyString, attribute: str, kind: Type = Type.TEXT) -> Fact:
    """What the record itself holds; `head` is a field's key or a text."""
    label = BY_KEY[head].label if isinstance(head, str) else head
    key = head if isinstance(head, str) else ""
    return Fact(label, lambda record, _around: getattr(record, attribute), kind, key)


def _customers(key: str, attribute: str) -> Fact:
    """Of the customer whom a contact, deal or talk belongs to."""
    return _field(key, lambda record, around: getattr(around.customers[record.customer_id], attribute))


def _contact(key: str, attribute: str) -> Fact:
    """Of the customer's main contact."""
    return _field(key, lambda customer, around: getattr(around.contacts.get(customer.id), attribute, None))


def _name_of(names: dict[Any, LazyString], code: Any) -> str | None:
    return None if code is None else str(names[code])


def _role_of(contact: Contact | None) -> str | None:
    return _name_of(ROLE_NAMES, contact.role) if contact else None


def stage_of(deal: Deal) -> str:
    """Where a deal stands, in a word that an import knows: also where the installation has names of its own."""
    return _("Lost") if deal.is_lost else str(STAGE_NAMES[deal.stage])


def _of_deal(talk: Any, around: Around, name: str) -> Value:
    return getattr(around.deals[talk.deal_id], name) if talk.deal_id in around.deals else None


def _priorities(customer: Customer) -> str | None:
    """A word a line for each need; nothing where all weigh as usual."""
    told = [need.priority for need in customer.needs_told]
    return "\n".join(str(PRIORITY_NAMES[each]) for each in told) if set(told) - {Priority.NORMAL} else None


def _attitude(contact: Contact) -> str | None:
    return None if contact.attitude is Attitude.UNKNOWN else str(ATTITUDE_NAMES[contact.attitude])


def _why_lost(deal: Deal) -> str | None:
    if deal.lost_reason is LostReason.OTHER and deal.lost_words:
        return deal.lost_words
    return _name_of(LOST_REASON_NAMES, deal.lost_reason)


CUSTOMER_FACTS = (
    _own("customer.number", "number"),
    _own("customer.name", "name"),
    _own("customer.industry", "industry"),
    _own("customer.employees", "employees", Type.WHOLE),
    _own("customer.annual_revenue", "annual_revenue", Type.AMOUNT),
    _own("customer.main_business", "main_business"),
    _own("customer.region", "region"),
    _own("customer.source", "source"),
    _own("customer.first_contact_date", "first_contact_date", Type.DAY),
    _field("customer.status", lambda it, _around: _name_of(STATUS_NAMES, it.status)),
    _field("customer.level", lambda it, _around: _name_of(LEVEL_NAMES, it.level)),
    _field("customer.owner", lambda it, around: around.people[it.owner_id]),
    _contact("contact.contact_name", "name"),
    _contact("contact.contact_title", "title"),
    _contact("contact.phone", "phone"),
    _contact("contact.email", "email"),
    _contact("contact.wechat", "wechat"),
    _field("contact.contact_role", lambda it, around: _role_of(around.contacts.get(it.id))),
    _own("customer.needs", "needs"),
    _field("customer.need_priorities", lambda it, _around: _priorities(it)),
    _own("customer.remarks", "remarks"),
    _field("customer.created_by", lambda it, around: around.people[it.created_by_id]),
    _field("customer.verified_by", lambda it, around: around.people[it.verified_by_id]),
    _field("customer.verified_date", lambda it, around: around.day(it.verified_at), Type.DAY),
    Fact(_l("Last changed"), lambda it, around: around.clock(it.updated_at), Type.MOMENT),
    _own("customer.external_id", "external_id"),
)
CONTACT_FACTS = (
    _customers("customer.number", "number"),
    _customers("customer.name", "name"),
    _own("contact.contact_name", "name"),
    _own("contact.contact_title", "title"),
    _field("contact.contact_role", lambda it, _around: _role_of(it)),
    _own("contact.phone", "phone"),
    _own("contact.email", "email"),
    _own("contact.wechat", "wechat"),
    _field("contact.preferred_channel", lambda it, _around: _name_of(CHANNEL_NAMES, it.preferred_channel)),
    _field("contact.attitude", lambda it, _around: _attitude(it)),
    _field("contact.reports_to", lambda it, around: around.superiors.get(it.reports_to_id)),
)
DEAL_FACTS = (
    _own("deal.number", "number"),
    _customers("customer.number", "number"),
    _customers("customer.name", "name"),
    _own("deal.name", "name"),
    _field("deal.stage", lambda it, _around: stage_of(it)),
    _field(
        "customer.level", lambda it, around: _name_of(LEVEL_NAMES, around.customers[it.customer_id].level)
    ),
    _own("deal.amount", "amount", Type.AMOUNT),
    _own("deal.budget", "budget", Type.AMOUNT),
    _own("deal.probability", "probability", Type.SHARE),
    _own("deal.expected_close", "expected_close", Type.DAY),
    _field("deal.owner", lambda it, around: around.people[it.owner_id]),
    _own("deal.created_date", "created_on", Type.DAY),
    _own("deal.entered_date", "entered_on", Type.DAY),
    _field("deal.closed_date", lambda it, _around: it.closed_on or it.signed_on, Type.DAY),
    _own("deal.contract_number", "contract_number"),
    _own("deal.contract_amount", "contract_amount", Type.AMOUNT),
    _own("deal.payment_terms", "payment_terms"),
    _field("deal.lost_reason", lambda it, _around: _why_lost(it)),
    _own("deal.lost_words", "lost_words"),
    _own("deal.competitor", "competitor"),
    _own("deal.first_goal", "first_goal"),
    _own("followup.next_step", "next_step"),
    _own("followup.next_due", "next_due", Type.DAY),
    _own("deal.external_id", "external_id"),
)
FOLLOWUP_FACTS = (
    _own("followup.number", "number"),
    _customers("customer.number", "number"),
    _customers("customer.name", "name"),
    _field("deal.number", lambda it, around: _of_deal(it, around, "number")),
    _field("deal.name", lambda it, around: _of_deal(it, around, "name")),
    _field("followup.occurred_at", lambda it, around: around.clock(it.occurred_at), Type.MOMENT),
    _field("followup.author", lambda it, around: around.people[it.author_id]),
    _field("followup.method", lambda it, _around: _name_of(METHOD_NAMES, it.method)),
    _own("followup.participants", "participants"),
    _own("followup.content", "content"),
    _own("followup.feedback", "feedback"),
    _own("followup.agreed", "agreed"),
    _own("followup.materials", "materials"),
    _own("followup.promised", "promised_in_all"),
    _own("followup.needs", "new_needs"),
    _own("followup.objection", "objection"),
    _own("followup.competitor_news", "competitor_news"),
    _own("followup.opportunity_risk", "opportunity_risk"),
    _own("followup.next_step", "next_step"),
    _own("followup.next_due", "next_due", Type.DAY),
    _field("followup.next_method", lambda it, _around: _name_of(METHOD_NAMES, it.next_method)),
    Fact(_l("Written down at"), lambda it, around: around.clock(it.recorded_at), Type.MOMENT),
    _own("followup.external_id", "external_id"),
)
FACTS = {
    Kind.CUSTOMERS: CUSTOMER_FACTS,
    Kind.CONTACTS: CONTACT_FACTS,
    Kind.DEALS: DEAL_FACTS,
    Kind.FOLLOWUPS: FOLLOWUP_FACTS,
}
