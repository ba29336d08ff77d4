"""What a person may say about payments, checked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from flask import request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from salesboard.addresses import LARGEST_ID
from salesboard.fields import Amount, Day, Line, PageForm, Version, all_valid, at_most
from salesboard.formats import day
from salesboard.installation import installation
from salesboard.service.models import Instalment, Payment
from salesboard.service.rules import shared_out

MOST_INSTALMENTS = 24
LONGEST_NAME = 80
SPARE_LINES = 2
FEWEST_LINES = 3
"""Lines that a plan offers at least, and beyond those that are filled in."""

_POSITIVE = _l("An amount is more than nothing.")


class Part(Amount):
    """An amount of money, or a share of the contract: 48.6万, 30%. `percent` is the share, `data` the amount."""

    percent: Decimal | None = None

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = self.percent = None
        written = valuelist[0].strip().replace("％", "%") if valuelist else ""
        if not written.endswith("%"):
            super().process_formdata(valuelist)
            return
        try:
            self.percent = Decimal(written.removesuffix("%").strip())
        except InvalidOperation:
            self.percent = None
        if self.percent is None or not self.percent.is_finite() or not 0 < self.percent <= 100:
            self.percent = None
            raise ValidationError(_("Write a share of the contract, or an amount."))
        self.percent = self.percent.quantize(Decimal("0.01"))

    @property
    def is_given(self) -> bool:
        return self.data is not None or self.percent is not None


class InstalmentForm(PageForm):
    """One line of a payment plan; an empty one is none."""

    payment = IntegerField(widget=HiddenInput(), validators=[Optional(), NumberRange(1, LARGEST_ID)])
    name = Line(_l("What for"), validators=[at_most(LONGEST_NAME)])
    due_on = Day(_l("Due on"), validators=[Optional()])
    amount = Part(_l("Amount or share"), validators=[Optional()])

    @property
    def is_empty(self) -> bool:
        return not (self.name.data or self.due_on.data or self.amount.is_given)

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if self.is_empty:
            return True
        if self.due_on.data is None:
            self.due_on.errors = [_("Say when it is due.")]
        if not self.amount.is_given:
            self.amount.errors = [_("Enter the amount.")]
        elif self.amount.percent is None and not self.amount.data:
            self.amount.errors = [str(_POSITIVE)]
        return not self.due_on.errors and not self.amount.errors


class PlanForm:
    """The lines of a payment plan, filled in with what is planned already, and some that are free."""

    def __init__(self, planned: Sequence[Payment]) -> None:
        sent = _lines_sent() if request.method == "POST" else 0
        self.is_sent, self.is_planned = bool(sent), bool(planned)
        count = sent or max(FEWEST_LINES, len(planned) + SPARE_LINES)
        self.lines = [
            _line(place, planned[place] if place < len(planned) and not sent else None)
            for place in range(min(count, MOST_INSTALMENTS))
        ]
        self.form_errors: list[str] = []

    def __iter__(self) -> Iterator[InstalmentForm]:
        return iter(self.lines)

    @property
    def errors(self) -> dict[str, Any]:
        return {name: errors for line in self.lines for name, errors in line.errors.items()}

    def validate(self) -> bool:
        return all_valid(*self.lines)

    def instalments(self, contract: Decimal) -> list[Instalment]:
        """The plan, once it is valid; shares are shares of the contract."""
        lines = [line for line in self.lines if not line.is_empty]
        percents = [line.amount.percent for line in lines if line.amount.percent is not None]
        parts = iter(shared_out(contract, percents))
        amounts = [next(parts) if line.amount.data is None else line.amount.data for line in lines]
        return [
            Instalment(line.payment.data, line.name.data or "", line.due_on.data, amount)
            for line, amount in zip(lines, amounts, strict=True)
        ]


class PlanVersionForm(PageForm):
    """Which version of the deal a plan was written on."""

    version = Version()


class ReceiptForm(PageForm):
    """What came in, and when."""

    amount = Amount(_l("Received"), validators=[InputRequired(_l("Enter the amount."))])
    day = Day(_l("Received on"), validators=[InputRequired(_l("Say when it came in."))])
    version = Version()

    def validate_amount(self, field: Amount) -> None:
        if field.data is not None and not field.data:
            raise ValidationError(str(_POSITIVE))

    def validate_day(self, field: Day) -> None:
        if field.data is not None and field.data > installation().today:
            raise ValidationError(_("%(day)s is still to come.", day=day(field.data)))


class TakingBackForm(PageForm):
    """That a receipt was written down wrongly."""

    version = Version()


def _line(place: int, payment: Payment | None) -> InstalmentForm:
    known = {}
    if payment is not None:
        known = {
            "payment": payment.id,
            "name": payment.name,
            "due_on": payment.due_on,
            "amount": payment.amount,
        }
    return InstalmentForm(prefix=f"plan-{place}-", data=known)


def _lines_sent() -> int:
    """How many lines the form had, counted by one of their fields."""
    return next(
        (place for place in range(MOST_INSTALMENTS) if f"plan-{place}-due_on" not in request.form),
        MOST_INSTALMENTS,
    )
