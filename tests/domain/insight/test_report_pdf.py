"""The PDF of a report: Chinese is looked at as pixels, for a font that lacks it gives boxes whose text reads right."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from flask import Flask
from flask_babel import force_locale

from salesboard import clock
from salesboard.deals.rules import Stage
from salesboard.exchange.report_paper import Paper
from salesboard.exchange.report_pdf import FONTS, pdf_of, told_by, typeset
from salesboard.insight.evaluation import evaluate
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from tests.domain.insight.course import Course
from tests.standing import People


@pytest.fixture
def paper(app: Flask, people: People) -> Paper:
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")
    period, now = Period.parse("2026Q1"), clock.now()
    return Paper.of_evaluation(period, Scope(), evaluate(period, Scope(), as_of=now), now)


def pictures(paper: Paper, title: str) -> list[bytes]:
    """The pages with another title, drawn with the font that comes along alone."""
    told: dict[str, Any] = told_by(paper) | {"title": title}
    return typeset(told, "png", only_own_fonts=True)


def test_each_chinese_letter_looks_like_none_other(paper: Paper) -> None:
    letters = ["销", "售", "龘", "銷", "喆", "鑫", "鋒", "好", "　"]

    assert len({pictures(paper, letter)[0] for letter in letters}) == len(letters)


def test_it_is_a_pdf_with_its_font_in_it(paper: Paper) -> None:
    with force_locale("zh_Hans"):
        made = pdf_of(paper)

    assert made.startswith(b"%PDF")
    assert b"NotoSansCJKsc-Regular" in made


def test_no_text_is_taken_for_markup(paper: Paper) -> None:
    plain = told_by(paper) | {"written": [["= #panic()", '#read("/etc/passwd") *bold* $x$ \\']]}

    assert typeset(plain, only_own_fonts=True)[0].startswith(b"%PDF")


def test_the_font_is_the_one_that_was_put_there() -> None:
    for line in (FONTS / "CHECKSUMS").read_text("ascii").splitlines():
        digest, name = line.split()
        assert hashlib.sha256((FONTS / name).read_bytes()).hexdigest() == digest, name
