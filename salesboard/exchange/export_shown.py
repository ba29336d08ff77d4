"""The lists of customers and deals as their pages show them: the columns that somebody chose, in their order."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from salesboard.customers.column_choice import Columns
from salesboard.customers.columns import CUSTOMER_COLUMNS
from salesboard.customers.custom_values import fields_of
from salesboard.customers.models import Customer
from salesboard.customers.wording import FACT_NAMES
from salesboard.deals.list_columns import DEAL_COLUMNS
from salesboard.deals.of_customers import next_steps, signed_sums, under_way
from salesboard.exchange.export_facts import Around, Fact
from salesboard.exchange.export_lists import MODELS, around_of, facts_of
from salesboard.exchange.export_pages import lines_in, lines_of, people_called
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type
from salesboard.exchange.fields import BY_KEY, OWN, Kind
from salesboard.exchange.wording import KIND_NAMES
from salesboard.followups.latest import last_talks
from salesboard.followups.of_customers import last_talks_with

_FIELDS = {
    Kind.CUSTOMERS: {
        "contact": ("contact.contact_name", "contact.phone"),
        "first_contact": ("customer.first_contact_date",),
        "verified": ("customer.verified_date",),
    },
    Kind.DEALS: {
        "level": ("customer.level",),
        "age": ("deal.entered_date",),
        "next": ("followup.next_step", "followup.next_due"),
        "close": ("deal.expected_close",),
        "customer_number": ("customer.number",),
        "created_on": ("deal.created_date",),
    },
}
"""Columns that are not called like the field which an import fills from them."""


def _of_customer(name: str) -> Fact:
    """What a deal's customer has in this column."""
    return Fact(FACT_NAMES[name], lambda it, around: getattr(around.customers[it.customer_id], name))


_CREATED = Fact(_l("Created"), lambda it, around: around.clock(it.created_at), Type.MOMENT)
_UPDATED = Fact(_l("Last changed"), lambda it, around: around.clock(it.updated_at), Type.MOMENT)
_TALK = Fact(_l("Last talk"), lambda it, around: around.day(around.listed["talk"].get(it.id)), Type.DAY)
_STEP = Fact(BY_KEY["followup.next_step"].label, lambda it, around: _part(around, "next", it, "words"))
_DUE = Fact(BY_KEY["followup.next_due"].label, lambda it, around: _part(around, "next", it, "due"), Type.DAY)
_OPEN = Fact(_l("Under way"), lambda it, around: _part(around, "open", it, "worth"), Type.AMOUNT)
_SIGNED = Fact(_l("Signed"), lambda it, around: _part(around, "signed", it, "worth"), Type.AMOUNT)
_CUSTOMERS_FACTS = {
    "created": (_CREATED,),
    "updated": (_UPDATED,),
    "talk": (_TALK,),
    "next": (_STEP, _DUE),
    "open": (_OPEN,),
    "signed": (_SIGNED,),
}
_WORTH = Fact(_l("Amount"), lambda it, _around: it.worth, Type.AMOUNT)
_SIGNED_ON = Fact(_l("Signed on"), lambda it, _around: it.signed_on, Type.DAY)
_FACTS: dict[Kind, dict[str, tuple[Fact, ...]]] = {
    Kind.CUSTOMERS: _CUSTOMERS_FACTS,
    Kind.DEALS: {
        "talk": (_TALK,),
        "amount": (_WORTH,),
        "signed_on": (_SIGNED_ON,),
        "updated_at": (_UPDATED,),
        **{name: (_of_customer(name),) for name in ("industry", "region", "source")},
    },
}
_READ: dict[Kind, dict[str, Callable[[list[int]], dict[int, Any]]]] = {
    Kind.CUSTOMERS: {"talk": last_talks_with, "next": next_steps, "open": under_way, "signed": signed_sums},
    Kind.DEALS: {"talk": last_talks},
}
"""What some columns say of deals and talks, read for a page of records in one SELECT each."""

_CHOICES = {Kind.CUSTOMERS: CUSTOMER_COLUMNS, Kind.DEALS: DEAL_COLUMNS}
_NAMES = {Kind.CUSTOMERS: ("customer.name",), Kind.DEALS: ("customer.name", "deal.name")}


def columns_asked(kind: Kind, codes: str) -> Columns | None:
    """The columns that an address names; None where it names none, or the list has none to choose."""
    choice = _CHOICES.get(kind)
    return choice.named(codes, fields_of(choice.subject)) if choice else None


def shown_table(
    kind: Kind, columns: Columns, wanted: Select[Any], zone: ZoneInfo, ids: Sequence[int] | None = None
) -> OutTable:
    """The list as a table of the name and these columns; its rows are read when they are asked for, in the order of
    these `ids`, else as they came."""
    facts, people = _facts(kind, columns), people_called()

    def tell(page: Sequence[Any]) -> list[Line]:
        ids = [record.id for record in page]
        listed: dict[str, Any] = {code: read(ids) for code, read in _READ[kind].items() if code in columns}
        around = replace(around_of(kind, page, people, zone), listed=listed)
        return [[fact.of(record, around) for fact in facts] for record in page]

    heads = tuple(OutColumn(str(fact.label), fact.type) for fact in facts)
    loaded = wanted.options(selectinload(Customer.need_rows)) if kind is Kind.CUSTOMERS else wanted
    model = MODELS[kind]
    lines = lines_of(loaded, model, tell) if ids is None else lines_in(ids, loaded, model, tell)
    return OutTable(str(KIND_NAMES[kind]), heads, lines)


def _facts(kind: Kind, columns: Columns) -> list[Fact]:
    by_key = {fact.key: fact for fact in facts_of(kind) if fact.key}
    facts = [by_key[key] for key in _NAMES[kind]]
    for column in columns.shown:
        own = f"{kind.singular}.{OWN}{column.field.name}" if column.field else ""
        keys = (own,) if own else _FIELDS[kind].get(column.code, (f"{kind.singular}.{column.code}",))
        facts += _FACTS[kind].get(column.code) or [by_key[key] for key in keys if key in by_key]
    return facts


def _part(around: Around, code: str, customer: Customer, name: str) -> Any:
    return getattr(around.listed[code].get(customer.id), name, None)
