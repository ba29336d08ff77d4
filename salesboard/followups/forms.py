"""What a person may write down about a talk, checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any, cast

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from wtforms import FormField, HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Optional, Regexp, ValidationError

from salesboard import clock
from salesboard.deals.forms import PlanForm
from salesboard.deals.rules import Method
from salesboard.deals.wording import METHOD_NAMES
from salesboard.fields import (
    Day,
    Hour,
    Line,
    LocalMoment,
    PageForm,
    Picks,
    Version,
    Words,
    at_most,
    choices_of,
    moment_of,
)
from salesboard.followups.about import About, joined_names, split_names
from salesboard.followups.corrections import CORRECTABLE
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import (
    HandedOver,
    Note,
    ObjectionState,
    PromiseState,
    PromiseTold,
    objections_in,
)
from salesboard.followups.wording import PROMISE_STATES

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
    """What was said in a talk, when, and by whom. Whom and what one may choose is what it is `about`."""

    method = RadioField(
        _l("How"),
        coerce=Method,
        choices=choices_of(METHOD_NAMES),
        validators=[InputRequired(_l("Choose how you talked."))],
    )
    occurred_at = LocalMoment(
        _l("When it took place"), validators=[InputRequired(_l("Say when it took place."))]
    )
    ours = Picks(_l("Of ours"))
    theirs = Picks(_l("Of theirs"))
    participants = Line(_l("Others"), validators=[at_most(LONGEST_LINE)])
    content = Words(
        _l("What you talked about"),
        validators=[
            DataRequired(_l("Write what you talked about: it is the price of the move.")),
            at_most(LONGEST_CONTENT),
        ],
    )
    feedback = _words(_l("Customer's feedback"))
    agreed = _words(_l("Agreed"))
    papers = Picks(_l("Documents"))
    materials = _words(_l("Handed over"))
    new_needs = _words(_l("New needs"))
    competitor_news = _words(_l("Competitor"))
    opportunity_risk = _words(_l("Opportunity or risk"))

    EXTRA = ("new_needs", "competitor_news", "opportunity_risk")
    """Fields that wait behind a "+" until somebody has something to say."""

    def __init__(self, about: About, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.about_whom = about
        self.ours.choices = lambda: choices_of({key: who.name for key, who in about.people.items()})
        self.theirs.choices = lambda: choices_of({key: who.name for key, who in about.contacts.items()})
        self.papers.choices = lambda: choices_of({key: paper.name for key, paper in about.papers.items()})

    @property
    def who(self) -> str:
        """Everybody who is named so far, for the line that stands for the folded fields."""
        return joined_names(self.about_whom.took_part(*self._chosen()), self.participants.data or "")

    def validate_participants(self, field: Line) -> None:
        if not (self.ours.errors or self.theirs.errors) and len(self.who) > LONGEST_LINE:
            raise ValidationError(_("At most %(max)d characters.", max=LONGEST_LINE))

    def validate_occurred_at(self, field: LocalMoment) -> None:
        if field.data is not None and field.data > clock.now() + AHEAD:
            raise ValidationError(_("This has not happened yet. Choose now or earlier."))

    def said(self) -> dict[str, Any]:
        """What was said, by name, once it is valid."""
        names = (
            "method",
            "occurred_at",
            "content",
            "feedback",
            "agreed",
            "materials",
            *self.EXTRA,
        )
        people = self.about_whom.took_part(self.ours.chosen, self.theirs.chosen)
        return {name: self[name].data for name in names} | {
            "people": people,
            "participants": joined_names(people, self.participants.data or ""),
            "papers": self.handed_over(),
        }

    def handed_over(self) -> tuple[HandedOver, ...]:
        """The documents that were chosen."""
        return self.about_whom.handed_over(self.papers.chosen)

    def _chosen(self) -> tuple[list[int], list[int]]:
        """Those who were chosen, as far as they may be."""
        about = self.about_whom
        ours = [key for key in self.ours.chosen if key in about.people]
        return ours, [key for key in self.theirs.chosen if key in about.contacts]


class PromiseRow(PageForm):
    """A promise of the customer, and until when."""

    what = Line(_l("Promised"), validators=[at_most(LONGEST_LINE)])
    due = Day(_l("Until when"), validators=[Optional()])

    def validate_what(self, field: Line) -> None:
        if self.due.data and not field.data:
            raise ValidationError(_("Write what was promised by then."))


class TalkForm(SaidForm):
    """A talk that has taken place."""

    promise_1 = FormField(PromiseRow)
    promise_2 = FormField(PromiseRow)
    promise_3 = FormField(PromiseRow)
    promise_4 = FormField(PromiseRow)
    promise_5 = FormField(PromiseRow)
    objection = _words(_l("Objections"))
    objection_state = RadioField(
        _l("How it stands"),
        coerce=ObjectionState,
        choices=choices_of(OBJECTION_STATES),
        validators=[Optional()],
    )
    request_key = HiddenField(validators=[Optional(), Regexp(r"^[0-9A-Za-z-]{1,64}\Z")])

    @property
    def promises(self) -> list[PromiseRow]:
        """Room for some promises."""
        rows = (self.promise_1, self.promise_2, self.promise_3, self.promise_4, self.promise_5)
        return [row.form for row in rows]

    def note(self) -> Note:
        """What was written, once it is valid."""
        return Note(**self._told())

    def _told(self) -> dict[str, Any]:
        return self.said() | {
            "promises": tuple(
                PromiseTold(row.what.data, row.due.data) for row in self.promises if row.what.data
            ),
            "objections": objections_in(self.objection.data or ""),
            "objection_state": self.objection_state.data or ObjectionState.RAISED,
        }


class Taker(SelectField):
    """Who takes the next step; empty stands for whoever looks after what it is about."""

    def __init__(self, label: object = None, **kwargs: Any) -> None:
        super().__init__(label, coerce=lambda value: int(value) if value else None, choices=[], **kwargs)

    def pre_validate(self, form: Any) -> None:
        if self.data is not None:
            super().pre_validate(form)


class FreeNoteForm(TalkForm, PlanForm):
    """A talk, and what comes next if the writer decides about that."""

    next_hour = Hour(_l("Time"), validators=[Optional()])
    next_owner = Taker(_l("By whom"))

    def __init__(self, about: About, **kwargs: Any) -> None:
        super().__init__(about, **kwargs)
        self.next_owner.choices = self._takers

    def _takers(self) -> list[SelectChoice]:
        """Whoever looks after what it is about, by name where that is one person; then everybody else who may."""
        usual, able = self._usual_taker, self.about_whom.able
        name = able[usual].name if usual in able else _("Whoever looks after it")
        return choices_of({key: who.name for key, who in able.items() if key != usual}, blank=name)

    @property
    def _usual_taker(self) -> int | None:
        owners = {deal.owner_id for deal in self.about_whom.deals} or {current_user.id}
        return owners.pop() if len(owners) == 1 else None

    def note(self) -> Note:
        step, due, hour = self.next_step.data or "", self.next_due.data, self.next_hour.data
        return Note(
            **self._told(),
            next_step=step,
            next_due=due,
            next_method=self.next_method.data if step else None,
            next_at=moment_of(due, hour) if due and hour else None,
            next_owner_id=self.next_owner.data if step else None,
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

    def __init__(self, about: About, *, without_deal: bool, plans: bool, **kwargs: Any) -> None:
        super().__init__(about, **kwargs)
        self._plans = plans
        alone = {"": _("the customer, no deal")} if without_deal else {}
        self.about.choices = choices_of(alone | {deal.number: deal.name for deal in about.deals})
        if self.is_submitted():
            chosen = tuple(deal for deal in about.deals if deal.number == self.about.data)
            self.about_whom = About(about.customer, chosen)

    def validate_next_step(self, field: Line) -> None:
        if self.about.data and self._plans and not field.data:
            raise ValidationError(_("Write the next step: a deal without one is forgotten."))


class CorrectionForm(SaidForm):
    """Other words for some of a follow-up's, and why. `of` makes the one for a certain follow-up."""

    version = Version()
    why = Line(
        _l("Why it is corrected"),
        validators=[DataRequired(_l("Say why: the earlier words stay, with this.")), at_most(LONGEST_LINE)],
    )

    def __init__(self, corrected: FollowUp, about: About, **kwargs: Any) -> None:
        super().__init__(about, **kwargs)
        self._note = corrected
        self._kept = {
            each.document_id: HandedOver(each.document_id, each.name, each.edition)
            for each in corrected.papers
        }
        self.papers.choices = self._papers

    @classmethod
    def of(cls, note: FollowUp, *, filled: bool = False) -> CorrectionForm:
        """The form with a field for each objection and promise; `filled` with what the note says now."""
        fields: dict[str, Any] = {}
        for each in note.objections:
            fields[f"objection_{each.position}"] = _kept_words(_l("Objection"), LONGEST_WORDS)
        for promise in note.promises:
            fields[f"promise_{promise.position}"] = _kept_words(_l("Promised"), LONGEST_LINE)
        if note.promised:
            fields["promised"] = _words(_l("Promised"))
        kind, about = type("CorrectionFormOfOne", (cls,), fields), About.of(note.deal or note.customer)
        if not filled:
            return cast(CorrectionForm, kind(note, about))
        known = {name: getattr(note, name) for name in CORRECTABLE} | {"version": note.version}
        known |= about.known_among(note.participants)
        known |= {f"objection_{each.position}": each.text for each in note.objections}
        known |= {f"promise_{each.position}": each.what for each in note.promises}
        known["papers"] = [each.document_id for each in note.papers]
        return cast(CorrectionForm, kind(note, about, data=known))

    @property
    def each_said(self) -> list[Any]:
        """The fields of single objections and promises."""
        return [
            field
            for field in self
            if field.name.startswith(("objection_", "promise_")) or field.name == "promised"
        ]

    def said(self) -> dict[str, Any]:
        """What shall stand there, by name; the people only where others are named than before."""
        told, note = super().said(), self._note
        if sorted(split_names(told["participants"])) == sorted(split_names(note.participants)):
            del told["participants"], told["people"]
        told["objections"] = [self[f"objection_{each.position}"].data for each in note.objections]
        told["promises"] = [self[f"promise_{each.position}"].data for each in note.promises]
        return told | ({"promised": self["promised"].data} if "promised" in self else {})

    def handed_over(self) -> tuple[HandedOver, ...]:
        chosen, kept = self.papers.chosen, self._kept
        added = self.about_whom.handed_over(key for key in chosen if key not in kept)
        return (*(paper for key, paper in kept.items() if key in chosen), *added)

    def _papers(self) -> list[SelectChoice]:
        offered = {key: paper.name for key, paper in self.about_whom.papers.items()}
        return choices_of({key: paper.name for key, paper in self._kept.items()} | offered)


def _kept_words(label: object, longest: int) -> Words:
    needed = DataRequired(_l("Write it anew: what was said does not go away."))
    return Words(label, validators=[needed, at_most(longest)])


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


class PromiseForm(PageForm):
    """How a promise stands now: open until a day, kept, not kept, or withdrawn."""

    version = Version()
    state = RadioField(
        _l("How it stands"),
        coerce=PromiseState,
        choices=choices_of(PROMISE_STATES),
        validators=[InputRequired(_l("Choose how it stands."))],
    )
    due_on = Day(_l("Until when"), validators=[Optional()])
    words = _words(_l("What was said about it"))
