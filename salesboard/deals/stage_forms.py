"""What an admin may send about a stage, checked."""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, Form
from wtforms.validators import ValidationError
from wtforms.widgets import TextInput

from salesboard.deals.rules import Stage, StageLimits
from salesboard.deals.stages import StageSetting
from salesboard.fields import Line, Words, at_most

MOST_DAYS = 999


class Whole(Field):
    """A whole number between two others."""

    widget = TextInput()
    data: int | None

    def __init__(self, label: Any, *, most: int, **kwargs: Any) -> None:
        super().__init__(label, **kwargs)
        self.most = most

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else str(self.data)

    def process_formdata(self, valuelist: list[str]) -> None:
        typed = valuelist[0].strip() if valuelist else ""
        self.data = None
        if not (typed.isascii() and typed.isdecimal()) or len(typed) > 6 or int(typed) > self.most:
            raise ValidationError(_("Write a whole number from 0 to %(most)d.", most=self.most))
        self.data = int(typed)


class StageForm(Form):
    """One stage of the six; its fields are named after it."""

    name = Line(_l("Own name"), validators=[at_most(40)])
    probability = Whole(_l("Probability"), most=100)
    warn_days = Whole(_l("Warning"), most=MOST_DAYS)
    limit_days = Whole(_l("Overdue"), most=MOST_DAYS)
    playbook = Words(_l("Playbook"), validators=[at_most(20_000)])

    def __init__(self, setting: StageSetting, formdata: Any = None) -> None:
        super().__init__(formdata, obj=setting, prefix=f"{setting.stage}-")
        self.stage: Stage = setting.stage

    def validate_limit_days(self, field: Whole) -> None:
        warned, limit = self.warn_days.data, field.data
        if warned and limit and warned > limit:
            raise ValidationError(_("The warning must come before the limit."))

    @property
    def chance(self) -> int:
        """The probability in percent, once the form is valid."""
        return self.probability.data or 0

    @property
    def limits(self) -> StageLimits:
        return StageLimits(self.warn_days.data or 0, self.limit_days.data or 0)
