"""What a person may write down about a talk, checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import HiddenField, RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp, ValidationError

from salesboard import clock
from salesboard.deals.forms import PlanForm
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method
from salesboard.deals.wording import METHOD_NAMES
from salesboard.fields import Day, Line, LocalMoment, PageForm, Version, Words, at_most, choices_of
from salesboard.followups.rules import Note, ObjectionState, objections_in
from salesboard.followups.wording import SAID_NAMES

LONGEST_CONTENT, LONGEST_WORDS, LONGEST_LINE = 20_000, 5_000, 500
AHEAD = timedelta(minutes=5)
"""How far the clock of a person's device may run ahead of ours."""

OBJECTION_STATES = {
    ObjectionState.ANSWERED: _l("Answered"),
    ObjectionState.SETTLED: _l("Settled"),
    ObjectionState.RAISED: _l("Open"),
}


def _words(label: object) -> Words:
    return Words(label, validators=[at_most(LONGEST_WORDS)])


class SaidForm(PageForm):
    """What was said in a talk, and when."""

    method = RadioField(
        _l("How"),
        coerce=Method,
        choices=choices_of(METHOD_NAMES),
        validators=[InputRequired(_l("Choose how you talked."))],
    )
    occurred_at = LocalMoment(
        _l("When it took place"), validators=[InputRequired(_l("Say when it took place."))]
    )
    participants = Line(_l("Who took part"), validators=[at_most(LONGEST_LINE)])
    content = Words(
        _l("What you talked about"),
        validators=[
            DataRequired(_l("Write what you talked about: it is the price of the move.")),
            at_most(LONGEST_CONTENT),
        ],
    )
    feedback = _words(_l("Customer's feedback"))
    agreed = _words(_l("Agreed"))
    materials = _words(_l("Handed over"))
    promised = _words(_l("Promised"))
    new_needs = _words(_l("New needs"))
    competitor_news = _words(_l("Competitor"))
    opportunity_risk = _words(_l("Opportunity or risk"))

    EXTRA = ("materials", "promised", "new_needs", "competitor_news", "opportunity_risk")
    """Fields that wait behind a "+" until somebody has something to say."""

    def validate_occurred_at(self, field: LocalMoment) -> None:
        if field.data is not None and field.data > clock.now() + AHEAD:
            raise ValidationError(_("This has not happened yet. Choose now or earlier."))


class TalkForm(SaidForm):
    """A talk that has taken place."""

    objection = _words(_l("Objections"))
    objection_state = RadioField(
        _l("How it stands"),
        coerce=ObjectionState,
        choices=choices_of(OBJECTION_STATES),
        validators=[Optional()],
    )
    request_key = HiddenField(validators=[Optional(), Regexp(r"^[0-9A-Za-z-]{1,64}\Z")])

    def note(self) -> Note:
        """What was written, once it is valid."""
        return Note(**self._told())

    def _told(self) -> dict[str, Any]:
        told = {
            name: self[name].data
            for name in (
                "method",
                "occurred_at",
                "participants",
                "content",
                "feedback",
                "agreed",
            )
        }
        told |= {name: self[name].data for name in self.EXTRA}
        told["objections"] = objections_in(self.objection.data or "")
        told["objection_state"] = self.objection_state.data or ObjectionState.RAISED
        return told


class FreeNoteForm(TalkForm, PlanForm):
    """A talk, and what comes next if the writer decides about that."""

    def note(self) -> Note:
        return Note(
            **self._told(),
            next_step=self.next_step.data or "",
            next_due=self.next_due.data,
            next_method=self.next_method.data if self.next_step.data else None,
        )


class NoteForm(FreeNoteForm):
    """A talk, and what must come next."""

    next_step = Line(
        _l("What comes next"),
        validators=[
            DataRequired(_l("Write the next step: a deal without one is forgotten.")),
            at_most(LONGEST_LINE),
        ],
    )
    next_due = Day(_l("By when"), validators=[InputRequired(_l("Say by when."))])


class CustomerNoteForm(FreeNoteForm):
    """A talk with a customer, about one of its deals or none. A deal wants its next step from whoever `plans`."""

    about = SelectField(_l("About"))

    def __init__(self, deals: Sequence[Deal], *, without_deal: bool, plans: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._plans = plans
        alone = [("", _("the customer, no deal"))] if without_deal else []
        self.about.choices = [*alone, *((deal.number, deal.name) for deal in deals)]

    def validate_next_step(self, field: Line) -> None:
        if self.about.data and self._plans and not field.data:
            raise ValidationError(_("Write the next step: a deal without one is forgotten."))


class CorrectionForm(SaidForm):
    """Other words for some of a follow-up's, and why."""

    version = Version()
    why = Line(
        _l("Why it is corrected"),
        validators=[DataRequired(_l("Say why: the earlier words stay, with this.")), at_most(LONGEST_LINE)],
    )

    SAID = tuple(SAID_NAMES)

    def said(self) -> dict[str, Any]:
        """What shall stand there, by name."""
        return {name: self[name].data for name in self.SAID}


class ObjectionForm(PageForm):
    """How an objection stands now."""

    version = Version()
    state = RadioField(
        _l("How it stands"),
        coerce=ObjectionState,
        choices=choices_of(OBJECTION_STATES),
        validators=[InputRequired(_l("Choose how it stands."))],
    )
    words = _words(_l("How it was answered"))
