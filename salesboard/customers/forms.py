"""What a person may send about a customer or one of its people, checked."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

from email_validator import EmailNotValidError, validate_email
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import FieldList, FormField, IntegerField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from salesboard.customers.rules import (
    Attitude,
    Channel,
    CheckResult,
    ContactRole,
    CustomerStatus,
    Level,
    LostReason,
    Need,
    Priority,
)
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    CONTACT_FACT_NAMES,
    LEVEL_NAMES,
    LOST_REASON_NAMES,
    PRIORITY_NAMES,
    RESULT_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.errors import Conflict
from salesboard.fields import Amount, Day, Line, PageForm, Version, Words, at_most, choices_of

if TYPE_CHECKING:
    from salesboard.customers.models import Contact, Customer

MOST_NEEDS, NEEDS_TO_ADD = 60, 2
MOST_EMPLOYEES = 10_000_000
LONGEST_WORDS = 5_000


def _line(label: object, longest: int, *rules: object) -> Line:
    return Line(label, validators=[*rules, at_most(longest)])


def _words(label: object) -> Words:
    return Words(label, validators=[at_most(LONGEST_WORDS)])


class FactsForm(PageForm):
    """Facts of a record, and the version of the customer that the form was opened on."""

    version: Any = Version()

    def facts(self) -> dict[str, Any]:
        """What was entered, by column; what was left empty is None."""
        names = [name for name in self._fields if name not in ("version", "csrf_token")]
        return {name: self[name].data if self[name].data != "" else None for name in names}

    def go_on_from(self, conflict: Conflict, record: Any, version: int) -> None:
        """Lets the form be sent again on what the record is now: what only others changed is taken over."""
        self.version.go_on_from(version)
        for name in conflict.theirs:
            self[name].raw_data = None
            self[name].process_data(getattr(record, name))


class CustomerForm(FactsForm):
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


class ContactForm(FactsForm):
    """A person at a customer; whom they may report to is offered with `offer`."""

    name = _line(_l("Name"), 120, DataRequired(_l("Write the person's name.")))
    title = _line(_l("Job title"), 120)
    role = SelectField(
        _l("Role in the decision"),
        coerce=lambda code: ContactRole(code) if code else None,
        choices=choices_of(ROLE_NAMES, blank=_l("not known")),
        validators=[Optional()],
    )
    attitude = RadioField(
        _l("Attitude"), coerce=Attitude, choices=choices_of(ATTITUDE_NAMES), default=Attitude.UNKNOWN
    )
    reports_to_id = SelectField(
        _l("Reports to"), coerce=lambda code: int(code) if code else None, validators=[Optional()]
    )
    preferred_channel = SelectField(
        _l("Likes to be reached by"),
        coerce=lambda code: Channel(code) if code else None,
        choices=choices_of(CHANNEL_NAMES, blank=_l("not known")),
        validators=[Optional()],
    )
    phone = _line(_l("Phone"), 60)
    email = _line(_l("E-mail"), 254)
    wechat = _line(_l("WeChat"), 120)

    def offer(self, people: Iterable[Contact]) -> None:
        """Those whom this person could report to."""
        names = {person.id: person.name for person in people}
        if self.reports_to_id:
            self.reports_to_id.choices = choices_of(names, blank=_l("nobody known"))

    def validate_email(self, field: Line) -> None:
        if field.data:
            try:
                field.data = validate_email(field.data, check_deliverability=False).normalized
            except EmailNotValidError:
                raise ValidationError(_("This is not an e-mail address.")) from None


def contact_fact_form(name: str) -> type[ContactForm] | None:
    """The form of a single fact of a contact; None where there is no such fact."""
    return _contact_form_of(name) if name in CONTACT_FACT_NAMES else None


@cache
def _contact_form_of(name: str) -> type[ContactForm]:
    """The form of a contact with all other facts left out."""
    return type("ContactFactForm", (ContactForm,), dict.fromkeys(CONTACT_FACT_NAMES.keys() - {name}))


class NeedForm(PageForm):
    """One need; without words there is none."""

    text = _line(_l("Need"), LONGEST_WORDS)
    priority = SelectField(
        _l("Priority"), coerce=Priority, choices=choices_of(PRIORITY_NAMES), default=Priority.NORMAL
    )


class NeedsForm(FactsForm):
    """All the needs of a customer, in their order, and room for more."""

    needs = FieldList(FormField(NeedForm), max_entries=MOST_NEEDS)

    def facts(self) -> dict[str, Any]:
        told = [Need(entry.text.data, entry.priority.data) for entry in self.needs if entry.text.data]
        return {"needs": tuple(told)}


class StatusForm(FactsForm):
    """A customer's status, set by hand."""

    status = RadioField(_l("Status"), coerce=CustomerStatus, choices=choices_of(STATUS_NAMES))


class LostReasonForm(FactsForm):
    """Why a customer is lost, where no deal says so."""

    lost_reason = RadioField(
        _l("Reason for losing"),
        coerce=LostReason,
        choices=choices_of(LOST_REASON_NAMES),
        validators=[InputRequired(_l("Choose the reason."))],
    )


def fact_form(name: str) -> type[FactsForm] | None:
    """The form of a single fact of a customer; None where there is no such fact."""
    if name == "needs":
        return NeedsForm
    if name in _CHOSEN:
        return _CHOSEN[name]
    is_fact = name in vars(CustomerForm) and hasattr(vars(CustomerForm)[name], "field_class")
    return _form_of(name) if is_fact else None


@cache
def _form_of(name: str) -> type[FactsForm]:
    return type("FactForm", (FactsForm,), {name: vars(CustomerForm)[name]})


_CHOSEN: dict[str, type[FactsForm]] = {"status": StatusForm, "lost_reason": LostReasonForm}


def filled_with(form: type[FactsForm], customer: Customer) -> FactsForm:
    """The form as it stands to be changed."""
    if form is NeedsForm:
        needs = [{"text": need.text, "priority": need.priority} for need in customer.needs_told]
        room = [{"text": "", "priority": Priority.NORMAL}] * NEEDS_TO_ADD
        return form(data={"version": customer.version, "needs": (needs + room)[:MOST_NEEDS]})
    return form(obj=customer)


class CheckForm(PageForm):
    """What a spot check found; what is not right needs words."""

    result = RadioField(
        _l("Result"),
        coerce=CheckResult,
        choices=choices_of(RESULT_NAMES),
        validators=[InputRequired(_l("Choose the result."))],
    )
    words = _words(_l("What was found"))

    def validate_words(self, field: Words) -> None:
        if self.result.data is CheckResult.WRONG and not field.data:
            raise ValidationError(_("Say what is not right."))
