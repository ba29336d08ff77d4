"""How a deal reads on its card and in the list: every word and number ready, so that the template only places them.

A board writes the same few ages, days and amounts again and again: each is worded once per page.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from functools import cache, lru_cache
from typing import Any, NamedTuple

from flask import url_for
from flask_babel import get_locale, ngettext
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import Row

from salesboard.access import WRITERS
from salesboard.amounts import short_amount
from salesboard.customers.rules import Level
from salesboard.deals.rules import AgeSign, Method, Stage, StageAge, StepState, step_state
from salesboard.deals.stages import Ages
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_DRAWINGS
from salesboard.formats import day, stay
from salesboard.meter import lit_parts

AGE_CLASSES = {AgeSign.SAFE: "", AgeSign.WARNED: " age-warn", AgeSign.OVERDUE: " age-late"}
"""Beside a card's or line's own class, hence the blank."""

AGE_DRAWINGS = {AgeSign.SAFE: "", AgeSign.WARNED: "t-warn", AgeSign.OVERDUE: "t-late"}
STEP_CLASSES = {
    StepState.LATE: " next-late",
    StepState.TODAY: " next-today",
    StepState.NONE: " next-none",
    StepState.PLANNED: "",
}
BROADEST = 36
"""Up to here names stand beside the amount; longer ones have the card's whole breadth. In half ideographs."""
LEVEL_DRAWINGS = {Level.KEY: "star", Level.POTENTIAL: "sprout", Level.NORMAL: ""}


class AgeFace(NamedTuple):
    """The age of a stay: its class, its second sign beside colour, its words, and the lit parts of the meter."""

    cls: str
    drawing: str
    words: str
    has_meter: bool
    lit: tuple[tuple[int, float], ...]


class StepFace(NamedTuple):
    """When the next step is due, in words, and how loudly that is said."""

    cls: str
    when: str


class MoneyFace(NamedTuple):
    value: str
    short: str
    unit: str


class CardWords(NamedTuple):
    """What every card says alike, in the reader's language."""

    move: str
    no_step: str
    plan: str


class DealFace(NamedTuple):
    """One card, or one line of the list. `url` is the deal's own page; its other pages lie below it."""

    words: CardWords
    may_change: bool
    id: int
    number: str
    url: str
    is_long: bool
    stage: Stage
    customer: str
    name: str
    level: Level
    level_drawing: str
    level_words: str
    amount: MoneyFace | None
    probability: str
    owner: str
    owner_sign: str
    owner_hue: int
    age: AgeFace
    step: StepFace
    step_drawing: str
    step_words: str
    expected_close: date | None
    entered_on: date
    lost_reason: str


class Faces:
    """Words the deals of one page."""

    def __init__(self, ages: Ages) -> None:
        self._ages = ages
        self._deals_url = url_for("deals.deal", number="-").removesuffix("-")
        self._level_words = {
            Level.KEY: _("Key customer"),
            Level.POTENTIAL: _("Customer with growth potential"),
            Level.NORMAL: "",
        }
        self._words = CardWords(
            move=_("Move to…"),
            no_step=_("No next step"),
            plan=_("Plan"),
        )
        self._language = str(get_locale())
        self._may_change = current_user.role in WRITERS
        self.age, self.step = cache(self._age), cache(self._step)

    def of(self, row: Row[Any]) -> DealFace:
        """The face of a row of `facts_of`."""
        step = self.step(row.next_due)
        return DealFace(
            words=self._words,
            may_change=self._may_change,
            id=row.id,
            number=row.number,
            url=self._deals_url + row.number,
            is_long=max(_breadth(row.customer_name), _breadth(row.name)) > BROADEST,
            stage=row.stage,
            customer=row.customer_name,
            name=row.name,
            level=row.level,
            level_drawing=LEVEL_DRAWINGS[row.level],
            level_words=self._level_words[row.level],
            amount=_money_face(row.worth, self._language) if row.worth or row.amount is not None else None,
            probability="" if row.stage.is_signed else f"{row.probability}%",
            owner=row.owner_name,
            owner_sign=row.owner_name[:1].upper(),
            owner_hue=row.owner_id % 6 + 1,
            age=self.age(row.stage, row.entered_on),
            step=step,
            step_drawing=self._step_drawing(step, row.next_method),
            step_words=row.next_step or self._words.no_step,
            expected_close=row.expected_close,
            entered_on=row.entered_on,
            lost_reason=str(LOST_REASON_NAMES[row.lost_reason]) if row.lost_reason else "",
        )

    def _age(self, stage: Stage, entered_on: date) -> AgeFace:
        return _age_face(self._ages.of(stage, entered_on), self._language)

    def _step(self, due: date | None) -> StepFace:
        today = self._ages.today
        state = step_state(due, today)
        if due is None:
            return StepFace(STEP_CLASSES[state], "")
        if state is StepState.TODAY:
            return StepFace(STEP_CLASSES[state], _("Today"))
        late = (today - due).days
        when = ngettext("%(num)d day late", "%(num)d days late", late) if late > 0 else day(due)
        return StepFace(STEP_CLASSES[state], when)

    def _step_drawing(self, step: StepFace, method: Method | None) -> str:
        if step.cls == STEP_CLASSES[StepState.NONE]:
            return "alert"
        if step.cls == STEP_CLASSES[StepState.LATE]:
            return "clock"
        return METHOD_DRAWINGS[method] if method else "calendar"


@lru_cache(maxsize=4096)
def _age_face(age: StageAge, _language: str) -> AgeFace:
    """Kept by language, for the ages of a team's deals are much the same from page to page."""
    warn, limit = age.limits.warn_days, age.limits.limit_days
    return AgeFace(
        cls=AGE_CLASSES[age.sign],
        drawing=AGE_DRAWINGS[age.sign],
        words=stay(age.days, age.days_over),
        has_meter=bool(warn or limit),
        lit=lit_parts(age.days, warn, limit),
    )


@lru_cache(maxsize=4096)
def _money_face(amount: Decimal, language: str) -> MoneyFace:
    return MoneyFace(f"{amount:f}".removesuffix(".00"), *short_amount(amount, language))


def _breadth(name: str) -> int:
    """How much room a name takes: an ideograph counts two."""
    return sum(2 if character > "\u2e80" else 1 for character in name)
