"""What a person may send about a deal, checked."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import date
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import Field, HiddenField, IntegerField, RadioField, SelectField, SelectMultipleField
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import CheckboxInput, HiddenInput, ListWidget

from salesboard.addresses import LARGEST_ID
from salesboard.deals.assessments import SCALE, Answer, AnswerKind, Question, answers_to
from salesboard.deals.rules import LostReason, Method, Stage
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_NAMES
from salesboard.fields import (
    Amount,
    Day,
    Line,
    PageForm,
    Version,
    Words,
    at_most,
    choices_of,
    refuse_unwritable,
)
from salesboard.formats import day, own_today
from salesboard.installation import installation

LONGEST_NAME, LONGEST_LINE, LONGEST_WORDS, MOST_NEEDS = 200, 500, 5_000, 50
_CHANCE = NumberRange(0, 100, _l("A probability is a whole number from 0 to 100."))


def _line(label: object, longest: int = LONGEST_LINE, *rules: object) -> Line:
    return Line(label, validators=[*rules, at_most(longest)])


class VersionedForm(PageForm):
    """A form that says which version of the deal it was filled in on."""

    version = Version()


class PlacementForm(VersionedForm):
    """Where a deal goes, how likely it is there, and beside which cards it was dropped."""

    stage = HiddenField()
    probability = IntegerField(_l("Probability"), validators=[Optional(), _CHANCE])
    above = Line(widget=HiddenInput(), validators=[at_most(20)])
    below = Line(widget=HiddenInput(), validators=[at_most(20)])
    go = HiddenField()


class PositionForm(PageForm):
    """Between which cards of its own column a card was dropped; empty stands for the column's edge."""

    above = Line(widget=HiddenInput(), validators=[at_most(20)])
    below = Line(widget=HiddenInput(), validators=[at_most(20)])


class UndoForm(PageForm):
    placement = IntegerField(widget=HiddenInput(), validators=[InputRequired(), NumberRange(1, LARGEST_ID)])


class SigningForm(PageForm):
    """The contract of a won deal."""

    contract_amount = Amount(
        _l("Contract amount"), validators=[InputRequired(_l("Enter the amount of the contract."))]
    )
    signed_on = Day(_l("Signing date"), validators=[InputRequired(_l("Say when it was signed."))])
    contract_number = _line(_l("Contract number"), 80)
    payment_terms = Words(_l("Payment plan"), validators=[at_most(LONGEST_WORDS)])

    def validate_signed_on(self, field: Day) -> None:
        if field.data is not None and field.data > max(installation().today, own_today()):
            raise ValidationError(
                _("%(day)s is still to come. Choose the day of the signing.", day=day(field.data))
            )

    def terms(self) -> SigningTerms:
        """The contract, once the form is valid."""
        assert self.contract_amount.data is not None
        return SigningTerms(
            contract_amount=self.contract_amount.data,
            signed_on=self.signed_on.data,
            contract_number=self.contract_number.data or None,
            payment_terms=self.payment_terms.data or None,
        )


class ClosingForm(VersionedForm):
    """Why a deal was lost."""

    reason = RadioField(
        _l("Reason"),
        coerce=LostReason,
        choices=choices_of(LOST_REASON_NAMES),
        validators=[InputRequired(_l("Choose the reason."))],
    )
    words = _line(_l("In words"))
    go = HiddenField()
    competitor = _line(_l("Lost to"), LONGEST_NAME)

    def validate_words(self, field: Line) -> None:
        if self.reason.data is LostReason.OTHER and not field.data:
            raise ValidationError(_("“Other” needs a few words."))

    def closing(self) -> Closing:
        return Closing(
            reason=self.reason.data, words=self.words.data or None, competitor=self.competitor.data or None
        )


class ReopeningForm(VersionedForm):
    """That a lost deal goes on."""

    go = HiddenField()


class FactsForm(VersionedForm):
    """A deal's facts that change without a note."""

    name = _line(_l("Deal name"), LONGEST_NAME, DataRequired(_l("Give the deal a name.")))
    amount = Amount(_l("Expected amount"), validators=[Optional()])
    budget = Amount(_l("Budget"), validators=[Optional()])
    probability = IntegerField(
        _l("Probability"), validators=[InputRequired(_l("Enter a probability.")), _CHANCE]
    )
    expected_close = Day(_l("Expected close"), validators=[Optional()])
    first_goal = _line(_l("First goal"), LONGEST_NAME)

    def facts(self) -> dict[str, Any]:
        names = ("name", "amount", "budget", "probability", "expected_close")
        return {name: self[name].data for name in names} | {"first_goal": self.first_goal.data or None}


class PlanForm(PageForm):
    """What a deal waits for, and by when: both or neither."""

    next_step = _line(_l("What comes next"))
    next_due = Day(_l("By when"), validators=[Optional()])
    next_method = SelectField(
        _l("By which way"),
        coerce=lambda value: Method(value) if value else None,
        choices=choices_of(METHOD_NAMES, blank=_l("Any way")),
        validators=[Optional()],
    )

    def validate_next_due(self, field: Day) -> None:
        if field.data is not None and field.data < min(installation().today, own_today()):
            raise ValidationError(
                _("%(day)s has passed already. Choose today or a later day.", day=day(field.data))
            )

    def validate(self, extra_validators: Any = None) -> bool:
        valid = bool(super().validate(extra_validators))
        if valid and bool(self.next_step.data) != bool(self.next_due.data):
            lone = self.next_due if self.next_step.data else self.next_step
            lone.errors = [_("The next step and its date belong together.")]
            return False
        return valid


class NextStepForm(PlanForm, VersionedForm):
    """A deal's next step alone; all empty clears it."""


class PersonForm(PageForm):
    """One of the people who may be chosen."""

    person = SelectField(_l("Person"), coerce=int, validators=[InputRequired(_l("Choose a person."))])

    def offer(self, people: Iterable[Any]) -> None:
        self.person.choices = choices_of({person.id: person.name for person in people})


class NeedsField(SelectMultipleField):
    """Checkboxes of the needs that are known, each the need's own words; others may be sent too."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()
    validate_choice = False

    def pre_validate(self, form: object) -> None:
        for need in self.data or []:
            refuse_unwritable(need)
            if len(need) > LONGEST_LINE:
                raise ValidationError(_("At most %(max)d characters.", max=LONGEST_LINE))


class Assessment:
    """The questions of a stage as a form, filled in with what is known already; `needs` are read once it is shown."""

    def __init__(
        self,
        questions: Sequence[Question],
        known: Mapping[str, Any],
        needs: Callable[[], Iterable[str]] = list,
    ) -> None:
        self.questions = questions
        self.form = _form_of(tuple(questions))(prefix="answers-", data=dict(known))
        self._known, self._needs = known, needs

    def __iter__(self) -> Iterator[tuple[Question, Field, Field | None]]:
        """Each question with its field, and the field for what is not on its list."""
        for question in self.questions:
            if question.kind is AnswerKind.NEEDS:
                field = self.form[question.code]
                known = self._known.get(question.code, [])
                offered = dict.fromkeys([*(field.data or []), *known, *self._needs()])
                field.choices = choices_of({need: need for need in offered})
            more = self.form[f"{question.code}_more"] if question.kind is AnswerKind.NEEDS else None
            yield question, self.form[question.code], more

    @property
    def errors(self) -> dict[str, Any]:
        return dict(self.form.errors)

    def validate(self) -> bool:
        return bool(self.form.validate())

    def answers(self) -> list[Answer]:
        """What was answered, once it is valid."""
        values = {question.code: self.form[question.code].data for question in self.questions}
        for question in self.questions:
            if question.kind is AnswerKind.NEEDS:
                added = (self.form[f"{question.code}_more"].data or "").splitlines()
                needs = dict.fromkeys([*(values[question.code] or []), *map(str.strip, added)])
                values[question.code] = [need for need in needs if need][:MOST_NEEDS]
        return answers_to(self.questions, values)


@cache
def _form_of(questions: tuple[Question, ...]) -> type[PageForm]:
    fields = {name: field for question in questions for name, field in _fields_of(question)}
    return type("AssessmentForm", (PageForm,), fields)


def _fields_of(question: Question) -> Iterator[tuple[str, Any]]:
    longest = [at_most(LONGEST_LINE)]
    if question.kind is AnswerKind.CHOICE:
        field = RadioField(
            question.wording, choices=choices_of(dict(question.options)), validators=[Optional()]
        )
    elif question.kind is AnswerKind.SCALE:
        choices = choices_of({step: str(step) for step in SCALE})
        field = RadioField(question.wording, choices=choices, coerce=int, validators=[Optional()])
    elif question.kind is AnswerKind.NEEDS:
        field = NeedsField(question.wording, choices=[])
        longest = [at_most(LONGEST_WORDS)]
        yield f"{question.code}_more", Words(question.hint, validators=longest)
    elif question.kind is AnswerKind.DAY:
        field = Day(question.wording, validators=[Optional()])
    elif question.kind is AnswerKind.WORDS:
        field = Words(question.wording, validators=[at_most(LONGEST_WORDS)])
    else:
        field = Line(question.wording, validators=longest)
    yield question.code, field


def known_values(questions: Iterable[Question], latest: Mapping[str, Answer]) -> dict[str, Any]:
    """The last answers in the shape that the questions' fields take."""
    values = {
        question.code: latest[question.code]["value"] for question in questions if question.code in latest
    }
    for question in questions:
        if question.kind is AnswerKind.DAY and question.code in values:
            values[question.code] = date.fromisoformat(values[question.code])
    return values


def stage_from(text: str | None) -> Stage | None:
    """The stage of a code that was sent, or None."""
    return Stage(text) if text in list(Stage) else None
