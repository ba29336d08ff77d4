"""What a person may write down of what customers say after a signing, checked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField
from wtforms.validators import DataRequired, InputRequired, ValidationError

from salesboard import clock
from salesboard.accounts.owner_choice import OwnerChoice
from salesboard.deals.models import Deal
from salesboard.fields import Day, Line, LocalMoment, PageForm, Version, Words, at_most, choices_of
from salesboard.formats import day
from salesboard.installation import installation
from salesboard.service.complaints import ComplaintKind, ComplaintState
from salesboard.service.wording import COMPLAINT_KIND_NAMES, COMPLAINT_STATE_NAMES

LONGEST_WORDS = 5_000


class SatisfactionForm(PageForm):
    """A score for a delivery, with the customer's words."""

    score = RadioField(
        _l("Score"),
        coerce=int,
        choices=choices_of({score: str(score) for score in range(1, 6)}),
        validators=[InputRequired(_l("Choose one."))],
    )
    delivery = Line(_l("Which delivery"), validators=[at_most(80)])
    day = Day(_l("Date"), validators=[InputRequired(_l("Write the date as 2026-05-31."))])
    words = Words(_l("In the customer's words"), validators=[at_most(LONGEST_WORDS)])

    def validate_day(self, field: Day) -> None:
        if field.data is not None and field.data > installation().today:
            raise ValidationError(_("%(day)s is still to come.", day=day(field.data)))

    def facts(self) -> dict[str, Any]:
        return {
            "score": self.score.data,
            "delivery": self.delivery.data or "",
            "day": self.day.data,
            "words": self.words.data or "",
        }


class SatisfactionRevisionForm(SatisfactionForm):
    """What was written down, said otherwise."""

    version = Version()


class _OwnedForm(OwnerChoice, PageForm):
    """By whom it is seen to."""

    owner = SelectField(_l("Who sees to it"), coerce=int, validators=[InputRequired(_l("Choose a person."))])


class ComplaintForm(_OwnedForm):
    """A complaint or question as it came in."""

    kind = RadioField(
        _l("What it is"),
        coerce=ComplaintKind,
        choices=choices_of(COMPLAINT_KIND_NAMES),
        validators=[InputRequired(_l("Choose one."))],
    )
    words = Words(
        _l("What the customer said"),
        validators=[DataRequired(_l("Write what the customer said.")), at_most(LONGEST_WORDS)],
    )
    deal = SelectField(_l("Belongs to"))
    opened_at = LocalMoment(_l("When it came in"), validators=[InputRequired(_l("Say when it came in."))])

    def offer_deals(self, deals: Sequence[Deal], *, may_be_none: bool) -> None:
        self._deals = {deal.number: deal for deal in deals}
        blank = [("", _("The customer as a whole"))] if may_be_none else []
        self.deal.choices = [*blank, *((deal.number, deal.name) for deal in deals)]

    def validate_opened_at(self, field: LocalMoment) -> None:
        moment: datetime | None = field.data
        if moment is not None and moment > clock.now():
            raise ValidationError(_("This is still to come."))

    @property
    def chosen_deal(self) -> Deal | None:
        return self._deals.get(self.deal.data or "")


class FollowingForm(_OwnedForm):
    """How a complaint stands, and what was answered."""

    state = RadioField(
        _l("How it stands"),
        coerce=ComplaintState,
        choices=choices_of(COMPLAINT_STATE_NAMES),
        validators=[InputRequired(_l("Choose one."))],
    )
    answer = Words(_l("What was answered"), validators=[at_most(LONGEST_WORDS)])
    version = Version()

    def validate_answer(self, field: Words) -> None:
        if not field.data and self.state.data in (ComplaintState.ANSWERED, ComplaintState.SETTLED):
            raise ValidationError(_("Write what was answered."))
