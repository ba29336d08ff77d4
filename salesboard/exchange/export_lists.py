"""The lists that go out: customers, their contacts, deals and follow-ups."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, select
from sqlalchemy.orm import selectinload

from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject, typed
from salesboard.customers.custom_values import fields_of, values_of
from salesboard.customers.custom_wording import ANSWER_NAMES
from salesboard.customers.models import Contact, Customer
from salesboard.deals.models import Deal
from salesboard.exchange.export_facts import FACTS, Around, Fact
from salesboard.exchange.export_pages import (
    People,
    contacts_named,
    count_of,
    customers_named,
    deals_named,
    lines_in,
    lines_of,
    main_contacts,
    people_called,
)
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, Value
from salesboard.exchange.fields import OWN, Kind
from salesboard.exchange.wording import KIND_NAMES
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind

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
        *(
            _custom(kind, field, f"{OWN}{field.name}" if field.name in heads else field.name)
            for field in custom
        ),
    ]


def _custom(kind: Kind, field: FieldShape, head: str) -> Fact:
    def told(record: Any, around: Around) -> Value:
        text = around.custom.get(record.id, {}).get(field.id)
        if text is None:
            return None
        value = typed(field.kind, text)
        if value.flag is not None:
            return str(ANSWER_NAMES[text])
        return value.number if value.number is not None else value.day or text

    return Fact(head, told, _TYPES.get(field.kind, Type.TEXT), f"{kind.singular}.{OWN}{field.name}")


def list_table(kind: Kind, wanted: Select[Any], zone: ZoneInfo, ids: Sequence[int] | None = None) -> OutTable:
    """The list as a table, with heads in the reader's language; its rows are read when they are asked for, in the order
    of these `ids`, else as they came."""
    facts = facts_of(kind)
    people = people_called()

    def tell(page: Sequence[Any]) -> list[Line]:
        around = around_of(kind, page, people, zone)
        return [[fact.of(record, around) for fact in facts] for record in page]

    if kind is Kind.CUSTOMERS:
        wanted = wanted.options(selectinload(Customer.need_rows))
    if kind is Kind.FOLLOWUPS:
        wanted = wanted.options(selectinload(FollowUp.objections), selectinload(FollowUp.promises))
    columns = tuple(OutColumn(str(fact.label), fact.type) for fact in facts)
    if ids is not None:
        return OutTable(str(KIND_NAMES[kind]), columns, lines_in(ids, wanted, MODELS[kind], tell))
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


def around_of(kind: Kind, page: Sequence[Any], people: People, zone: ZoneInfo) -> Around:
    """What the lines of these records say of others, read in a fixed number of SELECTs."""
    custom = values_of(SUBJECTS[kind], [record.id for record in page]) if kind in SUBJECTS else {}
    if kind is Kind.CUSTOMERS:
        return Around(people, zone, contacts=main_contacts(record.id for record in page), custom=custom)
    customers = customers_named(record.customer_id for record in page)
    deals = deals_named(record.deal_id for record in page) if kind is Kind.FOLLOWUPS else {}
    superiors = contacts_named(each.reports_to_id for each in page) if kind is Kind.CONTACTS else {}
    return Around(people, zone, customers, deals, custom=custom, superiors=superiors)
