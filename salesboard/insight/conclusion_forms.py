"""What people may write into a report, checked."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from salesboard.accounts.owner_choice import OwnerChoice
from salesboard.addresses import LARGEST_ID
from salesboard.fields import Day, Line, PageForm, Version, Words, at_most
from salesboard.tasks.forms import LONGEST_LINE, DueForm

LONGEST = 5_000


class ConclusionForm(PageForm):
    """One field, on the version that the writer had before them; `over` is the one that they chose to write over."""

    words = Words(validators=[at_most(LONGEST)])
    seen = Version()
    over = IntegerField(validators=[Optional(), NumberRange(0, LARGEST_ID)])

    @property
    def expected_version(self) -> int:
        return int(self.seen.data if self.over.data is None else self.over.data)


class MeasureForm(OwnerChoice, PageForm):
    """What is to be done, by whom and by when."""

    what = Line(
        _l("Measure"), validators=[DataRequired(_l("Write what is to be done.")), at_most(LONGEST_LINE)]
    )
    owner = SelectField(_l("By whom"), coerce=int, validators=[InputRequired(_l("Choose a person."))])
    due_on = Day(_l("By when"), validators=[InputRequired(_l("Say by when."))])
    validate_due_on = DueForm.validate_due_on


class PlanStepForm(MeasureForm):
    """A step towards the targets of a period, and when one looks whether it leads there."""

    what = Line(_l("Step"), validators=[DataRequired(_l("Write what is to be done.")), at_most(LONGEST_LINE)])
    period = SelectField(_l("For the targets of"))
    checked_on = Day(_l("Check-point"), validators=[Optional()])

    def validate_checked_on(self, field: Day) -> None:
        DueForm.validate_due_on(self, field)
        if field.data is not None and self.due_on.data is not None and field.data > self.due_on.data:
            raise ValidationError(_("The check-point cannot come after the step itself."))


class CommentForm(PageForm):
    """What somebody says about a report."""

    said = Words(
        _l("Say something about this report"),
        validators=[DataRequired(_l("Write something first.")), at_most(LONGEST)],
    )
