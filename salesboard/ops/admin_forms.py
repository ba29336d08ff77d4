"""What an admin may send about the installation and its working days, checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import BooleanField, IntegerField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from salesboard import clock
from salesboard.accounts.choices import LANGUAGES, currency_choices, zone_choices
from salesboard.fields import Amount, Day, Line, PageForm, at_most
from salesboard.installation import Installation

MOST_DAYS = 92
"""A range longer than a quarter is a slip of the pen."""


class InstallationForm(PageForm):
    name = Line(_l("Name of the board"), validators=[DataRequired(_l("Enter a name.")), at_most(80)])
    currency = SelectField(_l("Currency"))
    timezone = SelectField(_l("Time zone"))
    locale = RadioField(_l("Language"), choices=LANGUAGES)
    high_value = Amount(_l("A customer is of high value from"), validators=[Optional(), NumberRange(1)])
    unmet_days = IntegerField(
        _l("Days without a talk until a decision maker counts as not met"),
        validators=[Optional(), NumberRange(1, 365)],
    )
    check_sample = IntegerField(
        _l("Customers that each supervisor checks a week"), validators=[Optional(), NumberRange(1, 50)]
    )

    days_off_wait = BooleanField(
        _l("A talk on a day off is noted in time until noon of the next working day")
    )

    def __init__(self, here: Installation, *, may_change_currency: bool, **kwargs: Any) -> None:
        super().__init__(obj=here, **kwargs)
        self._kept_currency = None if may_change_currency else here.currency
        self.currency.choices = currency_choices(also=here.currency)
        self.timezone.choices = zone_choices(clock.now(), also=here.timezone)

    def rules(self) -> dict[str, Any]:
        """What holds for customers; what was left empty stays as it was."""
        names = ("high_value", "unmet_days", "check_sample")
        said = {name: self[name].data for name in names if self[name].data is not None}
        return {**said, "days_off_wait": bool(self.days_off_wait.data)}

    def validate_currency(self, field: SelectField) -> None:
        if self._kept_currency not in (None, field.data):
            raise ValidationError(
                _("There are amounts in %(currency)s already.", currency=self._kept_currency)
            )


class OwnDaysForm(PageForm):
    """A day, or several in a row, on which the team departs from the official calendar."""

    first = Day(_l("From"), validators=[InputRequired(_l("Enter a date."))])
    last = Day(_l("To, if it is several days"), validators=[Optional()])
    is_worked = RadioField(
        _l("What it is"),
        choices=[SelectChoice("0", _l("Free")), SelectChoice("1", _l("Worked"))],
        default="0",
    )
    label = Line(_l("Occasion"), validators=[at_most(80)])

    def validate_last(self, field: Day) -> None:
        if field.data is None or self.first.data is None:
            return
        if field.data < self.first.data:
            raise ValidationError(_("This is before the first day."))
        if (field.data - self.first.data).days >= MOST_DAYS:
            raise ValidationError(_("At most %(most)d days at once.", most=MOST_DAYS))

    @property
    def days(self) -> Sequence[date]:
        last = self.last.data or self.first.data
        return [self.first.data + timedelta(days=n) for n in range((last - self.first.data).days + 1)]
