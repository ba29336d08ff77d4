"""Workbooks to fill in: for each kind a sheet with heads, choices and hints, and one that explains its columns."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

from flask_babel import LazyString, get_locale
from flask_babel import gettext as _

from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    LEVEL_NAMES,
    PRIORITY_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.deals.stages import STAGE_NAMES
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_NAMES
from salesboard.exchange.amounts import read_amount, read_percent
from salesboard.exchange.dates import read_date, read_moment
from salesboard.exchange.export_tables import breadth
from salesboard.exchange.export_xlsx import PlainSheet, open_workbook, write_text
from salesboard.exchange.fields import BY_KEY, Field, Kind
from salesboard.exchange.headings import EXPLAINING_SHEETS
from salesboard.exchange.reasons import listed
from salesboard.exchange.values import read_count
from salesboard.exchange.wording import KIND_NAMES
from salesboard.installation import installation

ROWS = 2_000
"""As far as the choices and formats of a column reach."""
LONGEST_HINT, LONGEST_TITLE = 255, 32
"""What Excel takes for the hint of a cell."""

_COLUMNS = {
    Kind.CUSTOMERS: (
        "customer.name customer.industry customer.employees customer.annual_revenue customer.main_business "
        "customer.region customer.source customer.first_contact_date customer.level customer.owner "
        "contact.contact_name contact.contact_title contact.phone contact.email contact.wechat "
        "contact.contact_role customer.needs customer.need_priorities customer.remarks"
    ),
    Kind.CONTACTS: (
        "customer.name contact.contact_name contact.contact_title contact.contact_role contact.phone "
        "contact.email contact.wechat contact.preferred_channel contact.attitude contact.reports_to"
    ),
    Kind.DEALS: (
        "customer.name deal.name deal.stage deal.amount deal.budget deal.probability deal.expected_close "
        "deal.owner deal.created_date deal.entered_date deal.closed_date deal.contract_amount "
        "deal.contract_number deal.payment_terms deal.lost_reason deal.lost_words deal.competitor deal.first_goal"
    ),
    Kind.FOLLOWUPS: (
        "customer.name deal.name followup.occurred_at followup.author followup.method followup.participants "
        "followup.content followup.feedback followup.agreed followup.materials followup.promised followup.needs "
        "followup.objection followup.competitor_news followup.opportunity_risk followup.next_step followup.next_due "
        "followup.next_method"
    ),
}
_CHOICES: Mapping[str, Mapping[Any, LazyString]] = {
    "customer.status": STATUS_NAMES,
    "customer.level": LEVEL_NAMES,
    "contact.contact_role": ROLE_NAMES,
    "contact.attitude": ATTITUDE_NAMES,
    "contact.preferred_channel": CHANNEL_NAMES,
    "deal.stage": STAGE_NAMES,
    "deal.lost_reason": LOST_REASON_NAMES,
    "followup.method": METHOD_NAMES,
    "followup.next_method": METHOD_NAMES,
}
_FORMATS: Mapping[Any, str] = {
    read_date: "yyyy-mm-dd",
    read_moment: "yyyy-mm-dd hh:mm",
    read_amount: "#,##0.00",
    read_percent: "0%",
    read_count: "0",
}


def fields_asked(kind: Kind) -> list[Field]:
    """The columns of the sheet for records of a kind."""
    return [BY_KEY[key] for key in _COLUMNS[kind].split()]


def write_blank(kind: Kind, target: Path | IO[bytes]) -> None:
    """Writes the workbook in the reader's language."""
    with open_workbook(target) as book:
        heading = book.add_format({"bold": True, "bottom": 1})
        wrapped = book.add_format({"text_wrap": True, "valign": "top"})
        top = book.add_format({"valign": "top"})
        sheet = book.add_worksheet(str(KIND_NAMES[kind]), worksheet_class=PlainSheet)
        sheet.freeze_panes(1, 0)
        fields = fields_asked(kind)
        for index, field in enumerate(fields):
            form = book.add_format({"num_format": _format_of(field)})
            sheet.set_column(index, index, max(breadth(_head(field, kind)) + 2, 14), form)
            sheet.data_validation(1, index, ROWS, index, _guidance(field, kind))
        for index, field in enumerate(fields):
            write_text(sheet, 0, index, _head(field, kind), heading)
        notes = book.add_worksheet(EXPLAINING_SHEETS[str(get_locale())], worksheet_class=PlainSheet)
        notes.set_column(0, 0, 24)
        notes.set_column(1, 1, 80)
        notes.freeze_panes(1, 0)
        for index, head in enumerate((_("Column"), _("What to write"))):
            write_text(notes, 0, index, head, heading)
        for row, field in enumerate(fields, start=1):
            write_text(notes, row, 0, _head(field, kind), top)
            write_text(notes, row, 1, _explained(field, kind), wrapped)


def _head(field: Field, kind: Kind) -> str:
    return f"{field.label}*" if _is_required(field, kind) else str(field.label)


def _is_required(field: Field, kind: Kind) -> bool:
    return field.key == "customer.name" or (field.is_required and field.kind is kind)


def _format_of(field: Field) -> str:
    """Of its cells: what is no figure or date is text, or Excel would turn telephone numbers into figures."""
    return _FORMATS.get(field.reads, "@") if field.reads is not None else "@"


def _guidance(field: Field, kind: Kind) -> dict[str, Any]:
    """A list to choose from where there are choices; words that are none of them are warned about, no more."""
    shown = {
        "input_title": str(field.label)[:LONGEST_TITLE],
        "input_message": _explained(field, kind)[:LONGEST_HINT],
    }
    if field.key not in _CHOICES:
        return {"validate": "any", **shown}
    return {"validate": "list", "source": _words(field), "error_type": "warning", **shown}


def _explained(field: Field, kind: Kind) -> str:
    """What to write in a column."""
    said = [_("Must be filled in.")] if _is_required(field, kind) else []
    if field.key == "customer.name" and kind is not Kind.CUSTOMERS:
        said.append(_("Whose it is. A customer who is not here yet is made."))
    elif field.key == "deal.name" and kind is Kind.FOLLOWUPS:
        said.append(_("Which deal the talk was about. Not needed where the customer has one."))
    if field.key in _CHOICES:
        said.append(_("One of: %(choices)s.", choices=listed(_words(field))))
    said.append(_how_written(field))
    return " ".join(filter(None, said))


def _words(field: Field) -> list[str]:
    """Those to choose from; a deal may also be lost."""
    words = [str(name) for name in _CHOICES[field.key].values()]
    return [*words, _("Lost")] if field.key == "deal.stage" else words


def _how_written(field: Field) -> str:
    if field.reads is read_date:
        return _("A date, such as 2026-05-31.")
    if field.reads is read_moment:
        return _("A date, with the time after it where you know it: 2026-05-31 14:30.")
    if field.reads is read_amount:
        return _("An amount in %(currency)s, such as 486000 or 48.6万.", currency=installation().currency)
    if field.reads is read_percent:
        return _("From 0% to 100%.")
    if field.reads is read_count:
        return _("A whole number.")
    if field.is_person:
        return _("The name or e-mail address of somebody in your team.")
    if field.key == "customer.need_priorities":
        words = listed(map(str, PRIORITY_NAMES.values()))
        return _(
            "For each need a line, in the same order: %(words)s. One word alone is for all.", words=words
        )
    if field.key == "contact.reports_to":
        return _("The name of another contact of the same customer.")
    if field.key == "contact.phone":
        return _("Several numbers have a / between them.")
    return ""
