"""The fields that an import fills: what each is called, whose it is, how its cells are read.

`code` is the contract's name and may belong to several kinds (a customer and a deal both have a `name`); `key` is
unique: `customer.name`, `deal.name`. Either can be named by `--map`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from salesboard.customers.custom_rules import FieldShape, name_key
from salesboard.exchange.amounts import read_amount, read_percent
from salesboard.exchange.channels import read_channels, read_wechat
from salesboard.exchange.dates import read_date, read_moment
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import Habits, read_count
from salesboard.exchange.words import (
    read_attitude,
    read_level,
    read_lost_reason,
    read_method,
    read_outcome,
    read_preferred,
    read_priorities,
    read_role,
    read_stage,
    read_status,
)

Reader = Callable[[Cell, Habits], Any]

FREE_TEXT = 20_000
"""Characters that a field for free text takes."""


class Kind(StrEnum):
    """What the rows of a sheet are about; a sheet may carry several at once."""

    CUSTOMERS = "customers"
    CONTACTS = "contacts"
    DEALS = "deals"
    FOLLOWUPS = "followups"

    @property
    def singular(self) -> str:
        return self.value.removesuffix("s")


@dataclass(frozen=True, eq=False)
class Field:
    """One fact of a customer, contact, deal or follow-up. A text field has no reader but a `longest`."""

    code: str
    kind: Kind
    label: LazyString | str
    reads: Reader | None = None
    longest: int = 500
    is_required: bool = False
    is_strict: bool = False
    """A row whose value here cannot be read is not taken: to leave it out would falsify a sum or a history."""
    is_person: bool = False
    """Names a member of the team."""
    own: FieldShape | None = None
    """The field of the installation's own that it is; its reader gives an `OwnValue`."""

    @property
    def key(self) -> str:
        return f"{self.kind.singular}.{self.code}"

    @property
    def is_free_text(self) -> bool:
        """Lines of text; any other text field is a single line."""
        return self.longest >= FREE_TEXT

    @property
    def is_channel(self) -> bool:
        """Several columns may say how a contact is reached; any other field has one."""
        return self.reads in (read_channels, read_wechat)


@dataclass(frozen=True)
class OwnValue:
    """What a cell says of a field of the installation's own."""

    shape: FieldShape
    text: str


def _text(kind: Kind, code: str, label: LazyString, longest: int, **traits: Any) -> Field:
    return Field(code, kind, label, None, longest, **traits)


_CU, _CO, _DE, _FO = Kind.CUSTOMERS, Kind.CONTACTS, Kind.DEALS, Kind.FOLLOWUPS

FIELDS: tuple[Field, ...] = (
    _text(_CU, "number", _l("Customer number"), 120),
    _text(_CU, "external_id", _l("Number elsewhere"), 120),
    _text(_CU, "name", _l("Customer"), 200, is_required=True),
    _text(_CU, "industry", _l("Industry"), 120),
    Field("employees", _CU, _l("Employees"), read_count),
    Field("annual_revenue", _CU, _l("Annual revenue"), read_amount),
    _text(_CU, "main_business", _l("Main business"), 500),
    _text(_CU, "region", _l("Region"), 120),
    _text(_CU, "source", _l("Source"), 120),
    Field("first_contact_date", _CU, _l("First contact"), read_date),
    Field("status", _CU, _l("Status"), read_status),
    Field("level", _CU, _l("Level"), read_level),
    _text(_CU, "owner", _l("Owner"), 120, is_person=True),
    _text(_CU, "needs", _l("Needs"), FREE_TEXT),
    Field("need_priorities", _CU, _l("Priorities of the needs"), read_priorities),
    _text(_CU, "remarks", _l("Remarks"), FREE_TEXT),
    _text(_CU, "created_by", _l("Created by"), 120, is_person=True),
    _text(_CU, "verified_by", _l("Verified by"), 120, is_person=True),
    Field("verified_date", _CU, _l("Verified on"), read_date),
    _text(_CO, "contact_name", _l("Contact"), 120, is_required=True),
    _text(_CO, "first_name", _l("First name"), 60),
    _text(_CO, "last_name", _l("Last name"), 60),
    _text(_CO, "contact_title", _l("Job title"), 120),
    Field("phone", _CO, _l("Phone"), read_channels),
    Field("email", _CO, _l("E-mail"), read_channels),
    Field("wechat", _CO, _l("WeChat"), read_wechat),
    Field("contact_role", _CO, _l("Role in the decision"), read_role),
    Field("attitude", _CO, _l("Attitude"), read_attitude),
    _text(_CO, "reports_to", _l("Reports to"), 120),
    Field("preferred_channel", _CO, _l("Likes to be reached by"), read_preferred),
    _text(_DE, "number", _l("Deal number"), 120),
    _text(_DE, "external_id", _l("Number elsewhere"), 120),
    _text(_DE, "name", _l("Deal"), 200, is_required=True),
    Field("stage", _DE, _l("Stage"), read_stage, is_strict=True),
    Field("outcome", _DE, _l("Outcome"), read_outcome),
    Field("amount", _DE, _l("Expected amount"), read_amount, is_strict=True),
    Field("budget", _DE, _l("Budget"), read_amount, is_strict=True),
    Field("probability", _DE, _l("Probability"), read_percent),
    Field("expected_close", _DE, _l("Expected close"), read_date),
    _text(_DE, "owner", _l("Owner"), 120, is_person=True),
    Field("created_date", _DE, _l("Created on"), read_date),
    Field("entered_date", _DE, _l("In this stage since"), read_date),
    Field("closed_date", _DE, _l("Closed on"), read_date, is_strict=True),
    _text(_DE, "contract_number", _l("Contract number"), 80),
    Field("contract_amount", _DE, _l("Contract amount"), read_amount, is_strict=True),
    _text(_DE, "payment_terms", _l("Payment plan"), FREE_TEXT),
    Field("lost_reason", _DE, _l("Reason for losing"), read_lost_reason),
    _text(_DE, "lost_words", _l("Reason for losing, in words"), FREE_TEXT),
    _text(_DE, "competitor", _l("Competitor"), 200),
    _text(_DE, "first_goal", _l("First goal"), 200),
    _text(_FO, "number", _l("Follow-up number"), 120),
    _text(_FO, "external_id", _l("Number elsewhere"), 120),
    Field("occurred_at", _FO, _l("Took place"), read_moment, is_required=True, is_strict=True),
    Field("previous_at", _FO, _l("Talk before"), read_date),
    _text(_FO, "author", _l("Written by"), 120, is_person=True),
    Field("method", _FO, _l("Method"), read_method),
    _text(_FO, "participants", _l("Participants"), 500),
    _text(_FO, "content", _l("What was said"), FREE_TEXT),
    _text(_FO, "feedback", _l("Customer's feedback"), FREE_TEXT),
    _text(_FO, "agreed", _l("Agreed"), FREE_TEXT),
    _text(_FO, "materials", _l("Material handed over"), FREE_TEXT),
    _text(_FO, "promised", _l("Promised"), FREE_TEXT),
    _text(_FO, "needs", _l("New needs"), FREE_TEXT),
    _text(_FO, "objection", _l("Objection"), FREE_TEXT),
    _text(_FO, "competitor_news", _l("News of competitors"), FREE_TEXT),
    _text(_FO, "opportunity_risk", _l("Opportunity or risk"), FREE_TEXT),
    _text(_FO, "next_step", _l("Next step"), 500),
    Field("next_due", _FO, _l("Next step by"), read_date),
    Field("next_method", _FO, _l("Method of the next step"), read_method),
)
BY_KEY = {field.key: field for field in FIELDS}
CALLED_OTHERWISE = {
    "contact.name": "contact.contact_name",
    "contact.title": "contact.contact_title",
    "contact.role": "contact.contact_role",
}
"""A record's own name for what a field calls otherwise."""

_REFERENCES = {"customer": "customer.name", "deal": "deal.name", "stage": "deal.stage"}
"""Codes by which a deal or follow-up names another record, or a fact of it."""
_SEARCHED = {
    Kind.CUSTOMERS: (_CU, _CO, _DE, _FO),
    Kind.CONTACTS: (_CO, _CU, _DE, _FO),
    Kind.DEALS: (_DE, _CU, _CO, _FO),
    Kind.FOLLOWUPS: (_FO, _DE, _CU, _CO),
}


OWN = "x:"
"""Before the name of a field of the installation's own, in a code or a head."""

_own: ContextVar[tuple[Field, ...]] = ContextVar("own_fields", default=())


@contextmanager
def knowing(own: Iterable[Field]) -> Iterator[None]:
    """Inside, these fields of the installation's own are known beside `FIELDS`."""
    token = _own.set(tuple(own))
    try:
        yield
    finally:
        _own.reset(token)


def fields_offered() -> tuple[Field, ...]:
    """All that a column can hold: ours, then the installation's own."""
    return (*FIELDS, *_own.get())


def field_of(key: str) -> Field | None:
    """The field of a key, be it one of the installation's own."""
    return BY_KEY.get(key) or next((field for field in _own.get() if field.key == key), None)


def own_code(head: str) -> str | None:
    """The code of the field of the installation's own that a head names, with or without `x:` before it."""
    wanted = name_key(head.removeprefix(OWN))
    return next((field.code for field in _own.get() if name_key(str(field.label)) == wanted), None)


def _own_named(code: str) -> list[Field]:
    """The customers' and the deals' fields that a code or key means."""
    wanted = name_key(code)
    return [field for field in _own.get() if wanted in (name_key(field.code), name_key(field.key))]


def kinds_of(code: str) -> frozenset[Kind]:
    """The kinds that have such a field: just one for a key, and none for an unknown code."""
    if own := _own_named(code):
        return frozenset(field.kind for field in own)
    wanted = _REFERENCES.get(code, code)
    if wanted in BY_KEY:
        return frozenset((BY_KEY[wanted].kind,))
    return frozenset(kind for kind in Kind if f"{kind.singular}.{code}" in BY_KEY)


def resolve(code: str, kind: Kind) -> Field:
    """The field that a code or key means on a sheet that is first of all about `kind`. Raises FileRefused."""
    if own := _own_named(code):
        return min(own, key=lambda field: _SEARCHED[kind].index(field.kind))
    wanted = _REFERENCES.get(code, code)
    if wanted in BY_KEY:
        return BY_KEY[wanted]
    for each in _SEARCHED[kind]:
        if field := BY_KEY.get(f"{each.singular}.{code}"):
            return field
    raise FileRefused("no_such_field", field=code)
