"""The list of customers as its page shows it: the columns that somebody chose, in their order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import selectinload

from salesboard.customers.columns import BETWEEN, Columns
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.models import Customer
from salesboard.deals.of_customers import next_steps, signed_sums, under_way
from salesboard.exchange.export_facts import Around, Fact
from salesboard.exchange.export_lists import around_of, facts_of
from salesboard.exchange.export_pages import lines_in, lines_of, people_called
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type
from salesboard.exchange.fields import BY_KEY, OWN, Kind
from salesboard.exchange.wording import KIND_NAMES
from salesboard.followups.of_customers import last_talks_with

_FIELDS = {
    "contact": ("contact.contact_name", "contact.phone"),
    "first_contact": ("customer.first_contact_date",),
    "verified": ("customer.verified_date",),
}
"""Columns that are not called like the field which an import fills from them."""

_CREATED = Fact(_l("Created"), lambda it, around: around.clock(it.created_at), Type.MOMENT)
_UPDATED = Fact(_l("Last changed"), lambda it, around: around.clock(it.updated_at), Type.MOMENT)
_TALK = Fact(_l("Last talk"), lambda it, around: around.day(around.listed["talk"].get(it.id)), Type.DAY)
_STEP = Fact(BY_KEY["followup.next_step"].label, lambda it, around: _part(around, "next", it, "words"))
_DUE = Fact(BY_KEY["followup.next_due"].label, lambda it, around: _part(around, "next", it, "due"), Type.DAY)
_OPEN = Fact(_l("Under way"), lambda it, around: _part(around, "open", it, "worth"), Type.AMOUNT)
_SIGNED = Fact(_l("Signed"), lambda it, around: _part(around, "signed", it, "worth"), Type.AMOUNT)
_FACTS = {
    "created": (_CREATED,),
    "updated": (_UPDATED,),
    "talk": (_TALK,),
    "next": (_STEP, _DUE),
    "open": (_OPEN,),
    "signed": (_SIGNED,),
}
_READ = {"talk": last_talks_with, "next": next_steps, "open": under_way, "signed": signed_sums}
"""What some columns say of deals and talks, read for a page of customers in one SELECT each."""


def columns_asked(codes: str) -> Columns | None:
    """The columns that an address names; None where it names none."""
    found = Columns.of(fields_of(Subject.CUSTOMER), codes.split(BETWEEN)[:100])
    return found if found.are_chosen else None


def shown_table(
    columns: Columns, wanted: Select[Any], zone: ZoneInfo, ids: Sequence[int] | None = None
) -> OutTable:
    """The list as a table of the name and these columns; its rows are read when they are asked for, in the order of
    these `ids`, else as they came."""
    facts, people = _facts(columns), people_called()

    def tell(page: Sequence[Customer]) -> list[Line]:
        ids = [customer.id for customer in page]
        listed: dict[str, Any] = {code: read(ids) for code, read in _READ.items() if code in columns}
        around = replace(around_of(Kind.CUSTOMERS, page, people, zone), listed=listed)
        return [[fact.of(customer, around) for fact in facts] for customer in page]

    heads = tuple(OutColumn(str(fact.label), fact.type) for fact in facts)
    loaded = wanted.options(selectinload(Customer.need_rows))
    lines = lines_of(loaded, Customer, tell) if ids is None else lines_in(ids, loaded, Customer, tell)
    return OutTable(str(KIND_NAMES[Kind.CUSTOMERS]), heads, lines)


def _facts(columns: Columns) -> list[Fact]:
    by_key = {fact.key: fact for fact in facts_of(Kind.CUSTOMERS) if fact.key}
    facts = [by_key["customer.name"]]
    for column in columns.shown:
        own = f"{Kind.CUSTOMERS.singular}.{OWN}{column.field.name}" if column.field else ""
        keys = (own,) if own else _FIELDS.get(column.code, (f"customer.{column.code}",))
        facts += _FACTS.get(column.code) or [by_key[key] for key in keys if key in by_key]
    return facts


def _part(around: Around, code: str, customer: Customer, name: str) -> Any:
    return getattr(around.listed[code].get(customer.id), name, None)
