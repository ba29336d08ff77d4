"""What a person writes down about a new lead, checked."""

from __future__ import annotations

import secrets

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from salesboard.customers.rules import Level
from salesboard.customers.wording import LEVEL_NAMES
from salesboard.deals.forms import PlanForm
from salesboard.fields import Amount, Line, choices_of

_TOO_LONG = _l("This is too long: at most %(max)d characters.")


def _line(label: object, longest: int, *rules: object) -> Line:
    return Line(label, validators=[*rules, Length(max=longest, message=_TOO_LONG)])


class LeadForm(PlanForm):
    """Customer, deal and where it came from; the rest is welcome."""

    customer = _line(_l("Customer"), 200, DataRequired(_l("Write the customer's name.")))
    deal = _line(_l("What they may buy"), 200, DataRequired(_l("Name the deal.")))
    amount = Amount(_l("Expected amount"), validators=[Optional()])
    level = RadioField(
        _l("Level"),
        coerce=Level,
        choices=choices_of(LEVEL_NAMES),
        default=Level.NORMAL,
    )
    source = _line(_l("Where it came from"), 500, DataRequired(_l("Say where the lead came from.")))
    contact = _line(_l("Contact"), 120)
    phone = _line(_l("Phone"), 60)
    request_key = HiddenField(
        default=lambda: secrets.token_urlsafe(16), validators=[Optional(), Regexp(r"^[\w-]{1,64}\Z")]
    )

    def validate_contact(self, field: Line) -> None:
        if self.phone.data and not field.data:
            raise ValidationError(_("Say whose number this is."))
