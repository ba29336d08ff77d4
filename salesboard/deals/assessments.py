"""What the note asks on entering each stage (阶段评估). Definition: PRODUCT.md 4.

An answer is kept with the wording it was given under, so that it reads the same after a question was changed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Any

from flask_babel import lazy_gettext as _l

from salesboard.deals.rules import Stage
from salesboard.formats import day, full_money

Answer = dict[str, Any]
"""`code`, `wording` of the question, `value` as a machine reads it, `words` as the person read it."""

ABSENT_FOR_INVALID = 2
"""So many of budget, need and authority absent suggest that the lead is not a valid one."""


class AnswerKind(StrEnum):
    CHOICE = "choice"
    SCALE = "scale"
    NEEDS = "needs"
    LINE = "line"
    WORDS = "words"
    DAY = "day"


@dataclass(frozen=True, kw_only=True, eq=False)
class Question:
    """One question: `options` of a choice, the words at both `ends` of a scale, a `hint` for the rest."""

    code: str
    wording: Any
    kind: AnswerKind
    options: tuple[tuple[str, Any], ...] = ()
    ends: tuple[Any, Any] | None = None
    hint: Any = ""

    def words(self, value: Any) -> str:
        """How an answer reads."""
        if self.kind is AnswerKind.CHOICE:
            return str(dict(self.options)[value])
        if self.kind is AnswerKind.SCALE:
            return f"{value} / {SCALE[-1]}"
        if self.kind is AnswerKind.NEEDS:
            return "; ".join(value)
        return day(value, "full") if isinstance(value, date) else str(value)


SCALE = (1, 2, 3, 4, 5)
_CERTAINTY = (("confirmed", _l("Confirmed")), ("unknown", _l("Unknown")), ("absent", _l("Absent")))
_DEGREES = (("low", _l("Low")), ("middle", _l("Middle")), ("high", _l("High")))

QUESTIONS: dict[Stage, tuple[Question, ...]] = {
    Stage.LEAD: (Question(code="source", wording=_l("Where it came from"), kind=AnswerKind.LINE),),
    Stage.INTENT: (
        Question(code="budget", wording=_l("Budget"), kind=AnswerKind.CHOICE, options=_CERTAINTY),
        Question(code="need", wording=_l("Need"), kind=AnswerKind.CHOICE, options=_CERTAINTY),
        Question(code="authority", wording=_l("Authority"), kind=AnswerKind.CHOICE, options=_CERTAINTY),
    ),
    Stage.PROPOSAL: (
        Question(
            code="need_clearness",
            wording=_l("How clear the need is"),
            kind=AnswerKind.SCALE,
            ends=(_l("Vague"), _l("Fit for a contract")),
        ),
        Question(
            code="approach_approval",
            wording=_l("Approval of our approach"),
            kind=AnswerKind.SCALE,
            ends=(_l("Against"), _l("Fully for it")),
        ),
        Question(
            code="must_meet",
            wording=_l("The proposal must meet"),
            kind=AnswerKind.NEEDS,
            hint=_l("Another need, one per line"),
        ),
    ),
    Stage.NEGOTIATION: (
        Question(
            code="proposal_met",
            wording=_l("Did the proposal meet the need?"),
            kind=AnswerKind.CHOICE,
            options=(("fully", _l("Fully")), ("partly", _l("Partly")), ("no", _l("No"))),
        ),
        Question(
            code="price_sensitivity",
            wording=_l("Price sensitivity"),
            kind=AnswerKind.CHOICE,
            options=_DEGREES,
        ),
        Question(
            code="decision_gaps",
            wording=_l("Gaps in the decision chain"),
            kind=AnswerKind.LINE,
            hint=_l("Who has not been heard yet"),
        ),
        Question(code="signing_risk", wording=_l("Signing risk"), kind=AnswerKind.LINE),
    ),
    Stage.WON: (
        Question(
            code="terms_checked",
            wording=_l("Terms checked"),
            kind=AnswerKind.CHOICE,
            options=(("yes", _l("Yes")), ("no", _l("Not yet"))),
        ),
    ),
    Stage.SERVICE: (
        Question(code="delivery_contact", wording=_l("Delivery contact"), kind=AnswerKind.LINE),
        Question(
            code="satisfaction_on", wording=_l("First satisfaction check"), kind=AnswerKind.DAY
        ),
        Question(code="renewal_on", wording=_l("Renewal date"), kind=AnswerKind.DAY),
    ),
}  # fmt: skip
ON_LOSING = (
    Question(code="lesson", wording=_l("What we learn"), kind=AnswerKind.WORDS),
)  # fmt: skip

PROBABILITY, CONTRACT_AMOUNT, SIGNED_ON = _l("Probability"), _l("Contract amount"), _l("Signing date")
LOST_REASON, COMPETITOR = _l("Reason"), _l("Lost to")


def answers_to(questions: Iterable[Question], values: Mapping[str, Any]) -> list[Answer]:
    """The answers that were given, in the order and the wording of the questions."""
    return [
        answer(question.code, question.wording, values[question.code], question.words(values[question.code]))
        for question in questions
        if values.get(question.code)
    ]


def answer(code: str, wording: object, value: Any, words: str = "") -> Answer:
    """One answer as it is kept."""
    if isinstance(value, Decimal):
        words = words or full_money(value)
    elif isinstance(value, date):
        words = words or day(value, "full")
    plain = str(value) if isinstance(value, Decimal | date) else value
    return {"code": code, "wording": str(wording), "value": plain, "words": words or str(value)}


def latest_answers(stays: Sequence[Sequence[Answer]]) -> dict[str, Answer]:
    """The last answer to each question, from the answers of a deal's stays, oldest first."""
    return {given["code"]: given for answers in stays for given in answers}


def suggests_invalid_lead(answers: Iterable[Answer]) -> bool:
    """Whether so much is absent that the lead is probably not a valid one."""
    absent = [given for given in answers if given["value"] == "absent"]
    return len(absent) >= ABSENT_FOR_INVALID
