"""What the answers to a stage's questions say together."""

from __future__ import annotations

import pytest

from salesboard.deals.assessments import QUESTIONS, latest_answers, suggests_invalid_lead
from salesboard.deals.rules import STAGES


def answers(**values: str) -> list[dict[str, str]]:
    return [
        {"code": code, "wording": code.title(), "value": value, "words": value.title()}
        for code, value in values.items()
    ]


@pytest.mark.parametrize(
    ("given", "suggests"),
    [
        (answers(budget="absent", need="absent", authority="confirmed"), True),
        (answers(budget="absent", need="absent", authority="absent"), True),
        (answers(budget="absent", need="unknown", authority="confirmed"), False),
        ([], False),
    ],
)
def test_two_absent_of_three_suggest_an_invalid_lead(given: list[dict[str, str]], suggests: bool) -> None:
    assert suggests_invalid_lead(given) is suggests


def test_the_last_answer_to_each_question_counts() -> None:
    known = latest_answers([answers(budget="unknown", need="confirmed"), [], answers(budget="confirmed")])
    assert {code: given["value"] for code, given in known.items()} == {
        "budget": "confirmed",
        "need": "confirmed",
    }


def test_every_stage_asks_something_and_no_question_stands_under_two_stages() -> None:
    codes = [question.code for stage in STAGES for question in QUESTIONS[stage]]
    assert set(QUESTIONS) == set(STAGES)
    assert len(codes) == len(set(codes))
