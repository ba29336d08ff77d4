"""What the codes of custom fields are called, and why a text is no value of one."""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from decimal import Decimal

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.customers.custom_rules import (
    LONGEST_TEXT,
    NO,
    YES,
    FieldKind,
    FieldShape,
    NotReadable,
    Subject,
)
from salesboard.formats import day

SUBJECT_NAMES = {Subject.CUSTOMER: _l("Customers"), Subject.DEAL: _l("Deals")}
KIND_NAMES = {
    FieldKind.TEXT: _l("Text"),
    FieldKind.NUMBER: _l("Numeric"),
    FieldKind.DATE: _l("Date"),
    FieldKind.CHOICE: _l("Choice"),
    FieldKind.YES_NO: _l("Yes or no"),
}
ANSWER_NAMES = {YES: _l("Yes"), NO: _l("No")}
_REASONS = {
    "not_a_number": _l("“%(value)s” is not a number. Write it in figures, such as 1200.5."),
    "number_too_large": _l("“%(value)s” is more than can be recorded."),
    "not_a_date": _l("“%(value)s” is not a date. Write it as 2026-05-31."),
    "not_yes_or_no": _l("“%(value)s” is neither yes nor no."),
    "no_such_choice": _l("“%(value)s” is not one of these: %(choices)s."),
    "too_long": _l("At most %(max)d characters."),
}
SHOWN_OF_VALUE, SHOWN_CHOICES = 60, 10


def why_not(refusal: NotReadable, text: str, field: FieldShape) -> str:
    """Why `text` is no value of the field, as a sentence."""
    choices = _(", ").join(field.choices[:SHOWN_CHOICES])
    more = len(field.choices) - SHOWN_CHOICES
    return str(_REASONS[refusal.code]) % {
        "value": text[:SHOWN_OF_VALUE],
        "choices": choices if more <= 0 else _("%(choices)s and %(count)d more", choices=choices, count=more),
        "max": LONGEST_TEXT,
    }


def shown(field: FieldShape, text: str | None) -> str:
    """A value as pages show it: dates and answers in the reader's language, figures in groups of three.

    What somebody wrote into the database by hand, and is no such value, is shown as it stands there.
    """
    if not text:
        return "–"
    with suppress(ValueError, ArithmeticError, KeyError):
        return _worded(field, text)
    return text


def _worded(field: FieldShape, text: str) -> str:
    if field.kind is FieldKind.DATE:
        return day(date.fromisoformat(text), "full")
    if field.kind is FieldKind.YES_NO:
        return str(ANSWER_NAMES[text])
    return f"{Decimal(text):,f}" if field.kind is FieldKind.NUMBER else text
