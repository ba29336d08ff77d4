"""The lists that go out: customers, their contacts, deals and follow-ups, each with its columns.

A column that an import knows bears the name of that field, so that a list comes in again as it went out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Row, Select, select
from sqlalchemy.orm import selectinload

from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject, typed
from salesboard.customers.custom_values import fields_of, values_of
from salesboard.customers.custom_wording import ANSWER_NAMES
from salesboard.customers.models import Contact, Customer
from salesboard.customers.wording import LEVEL_NAMES, ROLE_NAMES, STATUS_NAMES
from salesboard.deals.models import Deal
from salesboard.deals.rules import LostReason
from salesboard.deals.stages import STAGE_NAMES
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_NAMES
from salesboard.exchange.export_pages import (
    People,
    count_of,
    customers_named,
    deals_named,
    lines_of,
    main_contacts,
    people_called,
)
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, Value
from salesboard.exchange.fields import BY_KEY, Kind
from salesboard.exchange.wording import KIND_NAMES
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind


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

    def clock(self, moment: datetime) -> datetime:
        """The moment as the reader's clock shows it, to the minute."""
        return moment.astimezone(self.zone).replace(tzinfo=None, second=0, microsecond=0)


@dataclass(frozen=True)
class Fact:
    """A column: its head, what its cells hold, and how they are got from a record."""

    label: LazyString | str
    of: Callable[[Any, Around], Value]
    type: Type = Type.TEXT


def _field(key: str, of: Callable[[Any, Around], Value], kind: Type = Type.TEXT) -> Fact:
    return Fact(BY_KEY[key].label, of, kind)


def _own(head: str | LazyString, attribute: str, kind: Type = Type.TEXT) -> Fact:
    """What the record itself holds; `head` is a field's key or a text."""
    label = BY_KEY[head].label if isinstance(head, str) else head
    return Fact(label, lambda record, _around: getattr(record, attribute), kind)


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
    _own("customer.remarks", "remarks"),
    _field("customer.created_by", lambda it, around: around.people[it.created_by_id]),
    _field("customer.verified_by", lambda it, around: around.people[it.verified_by_id]),
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
    _own(_l("Contract number"), "contract_number"),
    _own("deal.contract_amount", "contract_amount", Type.AMOUNT),
    _own(_l("Payment plan"), "payment_terms"),
    _field("deal.lost_reason", lambda it, _around: _why_lost(it)),
    _own(_l("In words"), "lost_words"),
    _own("deal.competitor", "competitor"),
    _own(_l("First goal"), "first_goal"),
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
    _own(_l("Promised"), "promised"),
    _own("followup.needs", "new_needs"),
    _own("followup.objection", "objection"),
    _own(_l("News of competitors"), "competitor_news"),
    _own(_l("Opportunity or risk"), "opportunity_risk"),
    _own("followup.next_step", "next_step"),
    _own("followup.next_due", "next_due", Type.DAY),
    Fact(_l("Written down at"), lambda it, around: around.clock(it.recorded_at), Type.MOMENT),
    _own("followup.external_id", "external_id"),
)
FACTS = {
    Kind.CUSTOMERS: CUSTOMER_FACTS,
    Kind.CONTACTS: CONTACT_FACTS,
    Kind.DEALS: DEAL_FACTS,
    Kind.FOLLOWUPS: FOLLOWUP_FACTS,
}
MODELS: dict[Kind, Any] = {
    Kind.CUSTOMERS: Customer,
    Kind.CONTACTS: Contact,
    Kind.DEALS: Deal,
    Kind.FOLLOWUPS: FollowUp,
}


SUBJECTS = {Kind.CUSTOMERS: Subject.CUSTOMER, Kind.DEALS: Subject.DEAL}
_TYPES = {FieldKind.NUMBER: Type.NUMBER, FieldKind.DATE: Type.DAY}


def facts_of(kind: Kind) -> list[Fact]:
    """The columns of a list, the team's own fields last. One that is called like another column is marked."""
    heads = {str(fact.label) for fact in FACTS[kind]}
    custom = fields_of(SUBJECTS[kind]) if kind in SUBJECTS else ()
    return [
        *FACTS[kind],
        *(_custom(field, f"x:{field.name}" if field.name in heads else field.name) for field in custom),
    ]


def _custom(field: FieldShape, head: str) -> Fact:
    def told(record: Any, around: Around) -> Value:
        text = around.custom.get(record.id, {}).get(field.id)
        if text is None:
            return None
        value = typed(field.kind, text)
        if value.flag is not None:
            return str(ANSWER_NAMES[text])
        return value.number if value.number is not None else value.day or text

    return Fact(head, told, _TYPES.get(field.kind, Type.TEXT))


def _of_deal(talk: FollowUp, around: Around, name: str) -> Value:
    return getattr(around.deals[talk.deal_id], name) if talk.deal_id in around.deals else None


def list_table(kind: Kind, wanted: Select[Any], zone: ZoneInfo) -> OutTable:
    """The list as a table, with heads in the reader's language; its rows are read when they are asked for."""
    facts = facts_of(kind)
    people = people_called()

    def tell(page: Sequence[Any]) -> list[Line]:
        around = _around(kind, page, people, zone)
        return [[fact.of(record, around) for fact in facts] for record in page]

    if kind is Kind.CUSTOMERS:
        wanted = wanted.options(selectinload(Customer.need_rows))
    columns = tuple(OutColumn(str(fact.label), fact.type) for fact in facts)
    return OutTable(str(KIND_NAMES[kind]), columns, lines_of(wanted, MODELS[kind], tell))


def count_list(kind: Kind, wanted: Select[Any]) -> int:
    """How many rows the list will have."""
    return count_of(wanted, MODELS[kind])


def all_of(kind: Kind) -> Select[Any]:
    """Everything of a kind that the viewer may see; of follow-ups the talks that were not taken back."""
    wanted = select(MODELS[kind])
    if kind is Kind.FOLLOWUPS:
        return wanted.where(FollowUp.kind == FollowUpKind.TALK, FollowUp.taken_back_at.is_(None))
    return wanted


def _around(kind: Kind, page: Sequence[Any], people: People, zone: ZoneInfo) -> Around:
    custom = values_of(SUBJECTS[kind], [record.id for record in page]) if kind in SUBJECTS else {}
    if kind is Kind.CUSTOMERS:
        return Around(people, zone, contacts=main_contacts(record.id for record in page), custom=custom)
    customers = customers_named(record.customer_id for record in page)
    deals = deals_named(record.deal_id for record in page) if kind is Kind.FOLLOWUPS else {}
    return Around(people, zone, customers, deals, custom=custom)
