"""What a person may say about tasks, checked."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import IntegerField, SelectField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError

from salesboard.accounts.models import User
from salesboard.accounts.owner_choice import OwnerChoice
from salesboard.customers.rules import Level
from salesboard.customers.wording import LEVEL_NAMES
from salesboard.deals.rules import Method
from salesboard.deals.wording import METHOD_NAMES
from salesboard.fields import Day, Hour, Line, PageForm, Version, Words, at_most, choices_of, moment_of
from salesboard.formats import day, own_today
from salesboard.installation import installation
from salesboard.tasks.models import Task
from salesboard.tasks.rules import LONGEST_CADENCE, KeyNode

LONGEST_LINE, LONGEST_NAME = 500, 200
_DAYS = NumberRange(1, LONGEST_CADENCE, _l("Between 1 and %(max)s days."))


class DueForm(PageForm):
    """A day, and an hour where one was agreed."""

    due_on = Day(_l("By when"), validators=[InputRequired(_l("Say by when."))])
    hour = Hour(_l("Time"), validators=[Optional()])

    def validate_due_on(self, field: Day) -> None:
        if field.data is not None and field.data < min(installation().today, own_today()):
            raise ValidationError(
                _("%(day)s has passed already. Choose today or a later day.", day=day(field.data))
            )

    def due_at(self) -> datetime | None:
        """The moment, where an hour was said."""
        if self.hour.data is None or self.due_on.data is None:
            return None
        return moment_of(self.due_on.data, self.hour.data)


class TaskFactsForm(OwnerChoice, PageForm):
    """What is to be done, by whom, how and what for."""

    what = Line(
        _l("What is to be done"),
        validators=[DataRequired(_l("Write what is to be done.")), at_most(LONGEST_LINE)],
    )
    method = SelectField(
        _l("By which way"),
        coerce=lambda value: Method(value) if value else None,
        choices=choices_of(METHOD_NAMES, blank=_l("Any way")),
        validators=[Optional()],
    )
    goal = Line(_l("Expected goal"), validators=[at_most(LONGEST_LINE)])
    owner = SelectField(_l("By whom"), coerce=int, validators=[Optional()])


class NewTaskForm(TaskFactsForm, DueForm):
    """A task for a customer, or one of the customer's deals."""

    with_customer = Line(
        _l("Customer"),
        validators=[DataRequired(_l("Say with which customer.")), at_most(LONGEST_NAME)],
    )
    deal = SelectField(
        _l("Deal"), coerce=lambda value: str(value or ""), validators=[Optional()], validate_choice=False
    )


class TaskForm(TaskFactsForm):
    """A task as it is changed; its day is moved by itself."""

    hour = Hour(_l("Time"), validators=[Optional()])
    version = Version()


class MoveForm(DueForm):
    """Another day for a task; a later one says why."""

    reason = Line(_l("Why later"), validators=[at_most(LONGEST_LINE)])
    version = Version()

    def __init__(self, due_on: date, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._before = due_on

    def validate_reason(self, field: Line) -> None:
        if not field.data and self.due_on.data is not None and self.due_on.data > self._before:
            raise ValidationError(_("Say why it is put off: it is counted."))


class LateForm(PageForm):
    """One day and one reason for everything that is late."""

    due_on = Day(_l("To which day"), validators=[InputRequired(_l("Say by when."))])
    reason = Line(
        _l("Why later"),
        validators=[DataRequired(_l("Say why it is put off: it is counted.")), at_most(LONGEST_LINE)],
    )
    validate_due_on = DueForm.validate_due_on


class OutcomeForm(PageForm):
    """What came of a measure."""

    outcome = Words(
        _l("What came of it"),
        validators=[DataRequired(_l("Say what came of it.")), at_most(LONGEST_LINE)],
    )
    version = Version()


class StrikeForm(PageForm):
    """That a task is no longer to be done."""

    version = Version()


class RhythmForm(PageForm):
    """How often a customer is to be talked with, where that differs from its level's cadence."""

    days = IntegerField(_l("Every so many days"), validators=[Optional(), _DAYS])
    paused_until = Day(_l("Not before the day after"), validators=[Optional()])
    reason = Line(_l("Why"), validators=[at_most(LONGEST_LINE)])

    validate_paused_until = DueForm.validate_due_on

    def validate_reason(self, field: Line) -> None:
        if not field.data and self.paused_until.data is not None:
            raise ValidationError(_("Say why the customer is left alone until then."))


class NodeForm(OwnerChoice, PageForm):
    """The day of one key node, and who sees to it; without a day it is not set."""

    due_on = Day(_l("By when"), validators=[Optional()])
    owner = SelectField(_l("By whom"), coerce=int, validators=[InputRequired(_l("Choose a person."))])

    @classmethod
    def of(cls, node: KeyNode, task: Task | None, people: dict[int, User], usual_id: int) -> NodeForm:
        """The form of one node among those of a deal, filled in with what was set."""
        known = {"due_on": task.due_on if task else None, "owner": task.owner_id if task else usual_id}
        form = cls(prefix=f"{node}-", data=known)
        form.offer(people.values())
        return form


class ReasonForm(PageForm):
    """Why days are put off."""

    reason = Line(_l("Why later"), validators=[at_most(LONGEST_LINE)])


class CadenceForm(PageForm):
    """Days between two talks, for each level."""

    key = IntegerField(LEVEL_NAMES[Level.KEY], validators=[InputRequired(_l("Enter the days.")), _DAYS])
    normal = IntegerField(LEVEL_NAMES[Level.NORMAL], validators=[InputRequired(_l("Enter the days.")), _DAYS])
    potential = IntegerField(
        LEVEL_NAMES[Level.POTENTIAL], validators=[InputRequired(_l("Enter the days.")), _DAYS]
    )

    def days(self) -> dict[Level, int]:
        return {level: int(self[level.value].data) for level in Level}


def own_zone() -> str:
    """The zone of the person's own clock."""
    return str(get_timezone())
