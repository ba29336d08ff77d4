"""What a person may send about a customer or one of its people, checked."""

from __future__ import annotations

from typing import Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput

from salesboard.customers.rules import ContactRole, Level
from salesboard.customers.wording import LEVEL_NAMES, ROLE_NAMES
from salesboard.fields import Amount, Day, Line, PageForm, Words, at_most, choices_of

MOST_EMPLOYEES = 10_000_000
LONGEST_WORDS = 5_000


def _line(label: object, longest: int, *rules: object) -> Line:
    return Line(label, validators=[*rules, at_most(longest)])


def _words(label: object) -> Words:
    return Words(label, validators=[at_most(LONGEST_WORDS)])


class _FactsForm(PageForm):
    """Facts of a record, and the version of the customer that the form was opened on."""

    version = IntegerField(
        widget=HiddenInput(), validators=[InputRequired(_l("Open this form again, it is incomplete."))]
    )

    def facts(self) -> dict[str, Any]:
        """What was entered, by column; what was left empty is None."""
        names = [name for name in self._fields if name not in ("version", "csrf_token")]
        return {name: self[name].data if self[name].data != "" else None for name in names}


class CustomerForm(_FactsForm):
    """What is known about a customer; only the name has to be."""

    name = _line(_l("Full name"), 200, DataRequired(_l("Write the customer's name.")))
    industry = _line(_l("Industry"), 120)
    main_business = _line(_l("Main business"), 500)
    region = _line(_l("Region"), 120)
    source = _line(_l("Source"), 120)
    first_contact_date = Day(_l("First contact on"), validators=[Optional()])
    employees = IntegerField(
        _l("Employees"),
        validators=[Optional(), NumberRange(0, MOST_EMPLOYEES, _l("Write a whole number of people."))],
    )
    annual_revenue = Amount(_l("Annual revenue"), validators=[Optional()])
    level = RadioField(_l("Level"), coerce=Level, choices=choices_of(LEVEL_NAMES), default=Level.NORMAL)
    needs = _words(_l("Needs and pain points"))
    remarks = _words(_l("Remarks"))


class NewCustomerForm(CustomerForm):
    """A customer that is not known yet."""

    version = None


class ContactForm(_FactsForm):
    """A person at a customer."""

    name = _line(_l("Name"), 120, DataRequired(_l("Write the person's name.")))
    title = _line(_l("Job title"), 120)
    role = SelectField(
        _l("Role in the decision"),
        coerce=lambda code: ContactRole(code) if code else None,
        choices=choices_of(ROLE_NAMES, blank=_l("not known")),
        validators=[Optional()],
    )
    phone = _line(_l("Phone"), 60)
    email = _line(_l("E-mail"), 254)
    wechat = _line(_l("WeChat"), 120)

    def validate_email(self, field: Line) -> None:
        if field.data:
            try:
                field.data = validate_email(field.data, check_deliverability=False).normalized
            except EmailNotValidError:
                raise ValidationError(_("This is not an e-mail address.")) from None
