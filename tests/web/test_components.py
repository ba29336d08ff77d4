"""The parts that every page is made of say what they mean to eyes, to screen readers and without script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest
from flask import Flask, render_template, render_template_string
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    PasswordField,
    RadioField,
    SelectChoice,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.validators import InputRequired

from salesboard.deals.rules import StageAge, StageLimits
from tests.browsing import faults_of

LIMITS = StageLimits(warn_days=7, limit_days=14)


class NoteForm(FlaskForm):  # type: ignore[misc]
    name = StringField("Name", validators=[InputRequired("Write a name.")])
    secret = PasswordField("Password")
    stage = SelectField("Stage", choices=[SelectChoice("lead", "Lead")])
    text = TextAreaField("Note")
    method = RadioField("Method", choices=[SelectChoice("phone", "Phone"), SelectChoice("visit", "Visit")])
    keep = BooleanField("Keep")


@pytest.fixture(autouse=True)
def request_context(app: Flask) -> Iterator[None]:
    with app.test_request_context("/", headers={"Accept-Language": "en"}):
        yield


def rendered(source: str, **context: Any) -> str:
    return " ".join(render_template_string(source, **context).split())


def field(form_field: Any, **options: Any) -> str:
    return rendered(
        '{% from "components/field.html" import field %}{{ field(f, **options) }}',
        f=form_field,
        options=options,
    )


@pytest.mark.parametrize("name", ["name", "secret", "stage", "text", "method", "keep"])
def test_every_kind_of_field_has_a_label(name: str) -> None:
    assert faults_of(field(NoteForm(formdata=None)[name]), whole_page=False) == []


def test_a_wrong_field_is_tied_to_what_is_wrong_and_to_its_hint() -> None:
    form = NoteForm(formdata=None)
    form.validate()
    html = field(form.name, hint="As on the card.", aside="short")
    described_by = re.search(r'aria-describedby="([^"]+)"', html)
    assert described_by is not None
    assert described_by[1].split() == ["name-aside", "name-hint", "name-error"]
    assert 'aria-invalid="true"' in html
    assert all(f'id="{part}"' in html for part in described_by[1].split())
    assert "Write a name." in html


def test_a_field_that_is_right_says_nothing_about_errors() -> None:
    html = field(NoteForm(formdata=None).text)
    assert "aria-invalid" not in html
    assert "aria-describedby" not in html


def test_radio_buttons_stand_in_a_named_group() -> None:
    html = field(NoteForm(formdata=None).method)
    assert "<legend" in html
    assert html.count('type="radio"') == 2


def test_an_amount_is_short_for_eyes_and_whole_as_a_value() -> None:
    html = rendered(
        '{% from "components/money.html" import money %}{{ money(amount) }}', amount=Decimal("486000")
    )
    assert html == '<data value="486000" title="CNY 486,000.00">486<span class="unit">K</span></data>'


def test_no_amount_is_a_dash() -> None:
    assert "–" in rendered('{% from "components/money.html" import money %}{{ money(none) }}')


@pytest.mark.parametrize(
    ("days", "words", "shape", "colour"),
    [
        (1, "1 day", None, None),
        (3, "3 days", None, None),
        (9, "9 days", "#t-warn", "age-warn"),
        (18, "18 days · 4 over", "#t-late", "age-late"),
    ],
)
def test_an_age_warns_by_colour_shape_and_word(
    days: int, words: str, shape: str | None, colour: str | None
) -> None:
    html = rendered(
        '{% from "components/age.html" import age_badge %}{{ age_badge(age) }}', age=StageAge(days, LIMITS)
    )
    assert words in html
    assert [sign for sign in ("#t-warn", "#t-late") if sign in html] == ([shape] if shape else [])
    assert [sign for sign in ("age-warn", "age-late") if sign in html] == ([colour] if colour else [])


def test_a_stage_without_limits_has_no_meter() -> None:
    source = '{% from "components/age.html" import age_meter %}{{ age_meter(age) }}'
    assert rendered(source, age=StageAge(9, StageLimits(0, 0))) == ""
    assert rendered(source, age=StageAge(9, LIMITS)).count('class="fill"') == 2


def test_a_name_is_shown_by_its_first_sign() -> None:
    source = '{% from "components/person.html" import avatar %}{{ avatar(person) }}'
    assert ">M</span>" in rendered(source, person=SimpleNamespace(id=7, name="maximiliana"))
    assert ">陆</span>" in rendered(source, person=SimpleNamespace(id=7, name="陆见微"))


def test_what_people_typed_is_never_markup() -> None:
    person = SimpleNamespace(id=1, name="<img src=x onerror=alert(1)>")
    html = rendered(
        '{% from "components/person.html" import person_card %}{% from "components/notice.html" import notice %}'
        "{{ person_card(person, person.name) }}{{ notice(person.name, person.name) }}",
        person=person,
    )
    assert "<img" not in html


STATUSES = [400, 401, 403, 404, 405, 409, 413, 422, 429, 500, 503, 507]


@pytest.mark.parametrize("status", STATUSES)
def test_every_error_has_a_page_without_fault(status: int) -> None:
    html = render_template("errors/error.html", status=status, message="", kept=[], resend_to=None)
    assert faults_of(html, whole_page=True) == []


def test_an_unknown_status_has_a_page_too() -> None:
    html = render_template("errors/error.html", status=418, message="", kept=[], resend_to=None)
    assert faults_of(html, whole_page=True) == []


@pytest.mark.parametrize("status", STATUSES)
def test_an_error_gives_the_words_back_and_sends_them_again(status: int) -> None:
    kept = [("content", "Two lines\n<b>kept</b>"), ("next_step", "Call")]
    html = render_template(
        "errors/error.html",
        status=status,
        message="Nothing was saved.",
        kept=kept,
        resend_to="/deals/O1/placement",
    )
    assert faults_of(html, whole_page=True) == []
    assert html.count("Two lines\n&lt;b&gt;kept&lt;/b&gt;") == 2, "once to be read, once to be sent"
    assert 'action="/deals/O1/placement"' in html
    assert '<input type="hidden" name="next_step" value="Call">' in html
