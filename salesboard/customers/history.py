"""The changes of a customer's facts as people read them: what of whom, from what to what, by whom."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from salesboard.customers.archiving import IN_ARCHIVE
from salesboard.customers.changes import SEALED, FieldChange
from salesboard.customers.models import Customer
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    CONTACT_FACT_NAMES,
    DEAL_FACT_NAMES,
    FACT_NAMES,
    LEVEL_NAMES,
    LOST_REASON_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.database import db
from salesboard.formats import day, full_money

CHANGES_SHOWN = 5
"""So many stand on the customer's own page."""

_CODES: dict[str, Mapping[Any, Any]] = {
    "level": LEVEL_NAMES,
    "status": STATUS_NAMES,
    "lost_reason": LOST_REASON_NAMES,
    "role": ROLE_NAMES,
    "attitude": ATTITUDE_NAMES,
    "preferred_channel": CHANNEL_NAMES,
    "archived": {IN_ARCHIVE: _l("in the archive")},
}
_DAYS = frozenset({"first_contact_date", "expected_close"})


@dataclass(frozen=True)
class ToldChange:
    """`about` names the contact or the deal, and is empty for the customer itself; so is what was not known."""

    at: datetime
    by: str | None
    about: str
    field: str
    before: str
    after: str


@dataclass(frozen=True)
class ChangePage:
    """Some changes, the latest first; `before` is the id of the last one where there are earlier ones."""

    changes: list[ToldChange]
    before: int | None


def changes_of(
    customer: Customer,
    deal_names: Mapping[int, str],
    *,
    most: int,
    before: int | None = None,
    deal_id: int | None = None,
) -> ChangePage:
    """The latest changes that the reader may see, or those before the one with this id; with `deal_id` those of this
    deal alone. One SELECT, besides the customer's contacts."""
    of_customer = select(FieldChange).where(FieldChange.customer_id == customer.id)
    if deal_id is not None:
        of_customer = of_customer.where(FieldChange.deal_id == deal_id)
    if before is not None:
        of_customer = of_customer.where(FieldChange.id < before)
    latest = of_customer.options(joinedload(FieldChange.by)).order_by(FieldChange.id.desc())
    rows = db.session.scalars(latest.limit(most + 1)).all()
    contact_names = {} if deal_id else {contact.id: contact.name for contact in customer.contacts}
    told = [_told(row, contact_names, deal_names) for row in rows[:most]]
    return ChangePage(told, rows[most - 1].id if len(rows) > most else None)


def _told(row: FieldChange, contacts: Mapping[int, str], deals: Mapping[int, str]) -> ToldChange:
    names: Mapping[str, Any] = FACT_NAMES
    about = ""
    if row.contact_id is not None:
        names, about = CONTACT_FACT_NAMES, contacts.get(row.contact_id, _("a contact"))
    elif row.deal_id is not None:
        names, about = DEAL_FACT_NAMES, deals.get(row.deal_id, _("a deal"))
    label = str(names.get(row.field, row.field.removeprefix("x:")))
    before, after = (_words(row.field, value, contacts) for value in (row.before, row.after))
    return ToldChange(row.at, row.by.name if row.by else None, about, label, before, after)


def _words(field: str, value: str | None, contacts: Mapping[int, str]) -> str:
    if value is None:
        return ""
    if field in _CODES:
        return str(_CODES[field].get(value, value))
    if field == "reports_to_id":
        return contacts.get(int(value), _("a contact"))
    if field in _DAYS:
        return day(date.fromisoformat(value), "full")
    if field == "amount" and field not in SEALED:
        return full_money(Decimal(value))
    return f"{value}%" if field == "probability" else value
