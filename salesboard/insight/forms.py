"""What a person may ask to be evaluated: one of the usual periods or any days, of a scope that is theirs."""

from __future__ import annotations

from datetime import date

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import SelectField
from wtforms.validators import Optional

from salesboard.errors import Refused
from salesboard.fields import Day, PageForm
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.scopes import Scope
from salesboard.insight.wording import period_name

KINDS = (PeriodKind.WEEK, PeriodKind.MONTH, PeriodKind.QUARTER, PeriodKind.HALF, PeriodKind.YEAR)


class RequestForm(PageForm):
    """Two dates, where they are given, take the place of the chosen period."""

    period = SelectField(_l("Period"))
    starts_on = Day(_l("First day"), validators=[Optional()])
    ends_on = Day(_l("Last day"), validators=[Optional()])
    scope = SelectField(_l("Whose"))

    def __init__(self, scopes: list[Scope], today: date) -> None:
        super().__init__()
        self._scopes = {scope.key: scope for scope in scopes}
        self.scope.choices = [(scope.key, scope.label) for scope in scopes]
        self.period.choices = [(period.key, period_name(period)) for period in usual_periods(today)]
        if not self.is_submitted():
            self.period.data = Period.around(PeriodKind.MONTH, today).previous().key

    def validate(self, extra_validators: object = None) -> bool:
        """Fields first; then the two dates together, both or neither."""
        if not super().validate(extra_validators):
            return False
        if bool(self.starts_on.data) != bool(self.ends_on.data):
            self.ends_on.errors = [_("Give both days, or neither.")]
            return False
        try:
            self.chosen_period()
        except Refused:
            self.ends_on.errors = [_("The last day cannot be before the first, nor five years after it.")]
            return False
        return True

    def chosen_period(self) -> Period:
        if self.starts_on.data and self.ends_on.data:
            return Period.between(self.starts_on.data, self.ends_on.data)
        return Period.parse(self.period.data)

    def chosen_scope(self) -> Scope:
        return self._scopes[self.scope.data]


def usual_periods(today: date) -> list[Period]:
    """This week, month, quarter, half and year, and the one before each."""
    current = [Period.around(kind, today) for kind in KINDS]
    return [period for each in current for period in (each, each.previous())]
