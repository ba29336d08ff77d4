"""Answers that somebody might have given on moving a deal. The questions are the deals' own."""

from __future__ import annotations

from datetime import date, timedelta
from random import Random
from typing import Any

from salesboard.deals.assessments import ON_LOSING, QUESTIONS, Answer, answer, answers_to
from salesboard.deals.rules import LostReason, PlacementKind, Stage
from salesboard.ops.invention import words

SHEETS_A_STAGE = 24
"""So many different sheets are filled in for each stage and handed out again and again."""

CERTAINTY = {"confirmed": 6, "unknown": 3, "absent": 1}
MET = {"fully": 11, "partly": 7, "no": 2}


class Answers:
    """Sheets filled in beforehand: putting a question into words takes longer than the rest of a story."""

    def __init__(self, rng: Random) -> None:
        self._rng = rng
        self._sheets = {
            stage: [answers_to(QUESTIONS[stage], self._values(stage)) for _ in range(SHEETS_A_STAGE)]
            for stage in (Stage.INTENT, Stage.PROPOSAL, Stage.NEGOTIATION, Stage.WON)
        }
        self._lessons = {
            reason: answers_to(ON_LOSING, {"lesson": words()["lessons"][reason]}) for reason in LostReason
        }

    def given(
        self, kind: PlacementKind, stage: Stage, reason: LostReason | None, who: str, day: date
    ) -> list[Answer]:
        """What was answered on coming into `stage` on `day`, or on losing the deal; `who` is the contact."""
        if kind is PlacementKind.LOST:
            return self._lessons[reason] if reason else []
        if kind is not PlacementKind.MOVED:
            return []
        if stage is Stage.SERVICE:
            days = {"satisfaction_on": day + timedelta(days=30), "renewal_on": day + timedelta(days=365)}
            dated = [
                answer(question.code, question.wording, str(on), f"{on.year}年{on.month}月{on.day}日")
                for question in QUESTIONS[stage]
                if (on := days.get(question.code))
            ]
            return [*answers_to(QUESTIONS[stage], {"delivery_contact": who}), *dated]
        return self._rng.choice(self._sheets[stage]) if stage in self._sheets else []

    def _values(self, stage: Stage) -> dict[str, Any]:
        rng, texts = self._rng, words()
        if stage is Stage.INTENT:
            return {code: self._one_of(CERTAINTY) for code in ("budget", "need", "authority")}
        if stage is Stage.PROPOSAL:
            return {
                "need_clearness": rng.randint(2, 5),
                "approach_approval": rng.randint(2, 5),
                "must_meet": rng.sample(texts["pains"], rng.randint(1, 3)),
            }
        if stage is Stage.NEGOTIATION:
            return {
                "proposal_met": self._one_of(MET),
                "price_sensitivity": rng.choice(("low", "middle", "high")),
                "decision_gaps": rng.choice(("", "", *texts["gaps"])),
                "signing_risk": rng.choice(("", *texts["risks"])),
            }
        return {"terms_checked": rng.choice(("yes", "yes", "no"))}

    def _one_of(self, weights: dict[str, int]) -> str:
        return self._rng.choices(list(weights), list(weights.values()))[0]
