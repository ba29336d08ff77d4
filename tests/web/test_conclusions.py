"""What people write into a report: saved while they type, two at once, and comments."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.insight.conclusions import Conclusion, Part, ReportComment
from salesboard.insight.evaluation import evaluate
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from tests.browsing import Browser
from tests.standing import People

pytestmark = pytest.mark.databases("sqlite", "postgresql")
ClientAs = Callable[..., Browser]
MOMENT = datetime(2026, 4, 2, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_a_standstill(freeze: Callable[[datetime], None]) -> None:
    freeze(MOMENT)


@pytest.fixture
def report(app: Flask, people: People) -> int:
    """A finished report about the owner."""
    now, scope, period = clock.now(), Scope(person=people.owner), Period.parse("2026Q1")
    with acting_as_system("a test prepares"), writing():
        made = Report.request(period, scope, by=people.owner, now=now)
        made.finish(evaluate(period, scope, as_of=now), as_of=now, now=now)
        return made.id


def kept(part: Part = Part.WORKED) -> str:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return db.session.scalar(select(Conclusion.words).where(Conclusion.part == part)) or ""


def said() -> list[str]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return list(db.session.scalars(select(ReportComment.words).order_by(ReportComment.id)))


def test_what_is_typed_is_saved_and_the_next_saving_goes_on_from_it(
    people: People, client_as: ClientAs, report: int
) -> None:
    browser, address = client_as(people.owner), f"/reports/{report}/conclusions/worked"
    first = browser.post(address, {"words": "One line", "seen": "0"}, fragment=True, status=200)
    assert 'name="seen" type="hidden" value="1"' in first.get_data(True)
    assert "textarea" not in first.get_data(True), "what is being typed stays as it is"
    browser.post(address, {"words": "One line first", "seen": "1"}, fragment=True, status=200)

    assert kept() == "One line first"
    page = browser.get(f"/reports/{report}").get_data(True)
    assert "One line first" in page
    assert "Olive Owner, saved" in page


def test_without_a_script_the_button_saves_and_leads_back(
    people: People, client_as: ClientAs, report: int
) -> None:
    answer = client_as(people.supervisor).post(
        f"/reports/{report}/conclusions/causes", {"words": "Too late", "seen": "0"}, status=303
    )
    assert answer.location == f"/reports/{report}#conclusions"
    assert kept(Part.CAUSES) == "Too late"


def test_two_who_write_lose_nothing(people: People, client_as: ClientAs, report: int) -> None:
    address = f"/reports/{report}/conclusions/failed"
    client_as(people.owner).post(address, {"words": "Olive's view", "seen": "0"}, fragment=True, status=200)
    browser = client_as(people.supervisor)
    second = browser.post(address, {"words": "Sue's view", "seen": "0"}, fragment=True, status=409)
    told = second.get_data(True)
    assert "Olive&#39;s view" in told
    assert kept(Part.FAILED) == "Olive's view"

    alone = browser.post(address, {"words": "Sue's view", "seen": "0"}, status=409).get_data(True)
    assert "Sue&#39;s view" in alone, "on the page of its own what was typed is still there"
    assert "Olive&#39;s view" in alone
    mine = {"words": "Both views", "seen": "0", "over": "1"}
    browser.post(address, mine, fragment=True, status=200)
    assert kept(Part.FAILED) == "Both views"


def test_a_version_that_never_was_is_a_conflict_too(people: People, client_as: ClientAs, report: int) -> None:
    browser, address = client_as(people.owner), f"/reports/{report}/conclusions/worked"
    browser.post(address, {"words": "Mine", "seen": "7"}, status=409)
    browser.post(address, {"words": "Mine", "seen": "7", "over": "0"}, status=303)
    assert kept() == "Mine"


def test_whoever_leaves_the_other_s_words_gets_them(people: People, client_as: ClientAs, report: int) -> None:
    address = f"/reports/{report}/conclusions/worked"
    client_as(people.owner).post(address, {"words": "Olive's view", "seen": "0"}, fragment=True, status=200)
    left = {"words": "Sue's view", "seen": "0", "take": "1"}
    answer = client_as(people.supervisor).post(address, left, fragment=True, status=200)

    assert answer.headers["HX-Retarget"] == "#part-worked"
    assert "Olive&#39;s view" in answer.get_data(True)
    assert kept() == "Olive's view"


def test_the_same_words_again_change_nothing(people: People, client_as: ClientAs, report: int) -> None:
    browser, address = client_as(people.owner), f"/reports/{report}/conclusions/worked"
    for _again in range(2):
        browser.post(address, {"words": "One line", "seen": "0"}, fragment=True, status=200)
    browser.post(address, {"words": "One line and more", "seen": "1"}, fragment=True, status=200)

    with acting_as_system("a test looks"):
        told = select(func.count(AuditEvent.id)).where(AuditEvent.verb == "report.concluded")
        assert db.session.scalar(told) == 1, "what one person goes on typing is told once"


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"words": "x" * 5001, "seen": "0"}, "At most 5000 characters."),
        ({"words": "110101199003077897", "seen": "0"}, "identity-card number"),
        ({"words": "Fine"}, "Open this form again"),
    ],
    ids=["too long", "private", "incomplete"],
)
def test_what_cannot_be_kept_is_refused_beside_the_field(
    people: People, client_as: ClientAs, report: int, wrong: dict[str, str], why: str
) -> None:
    page = client_as(people.owner).post(f"/reports/{report}/conclusions/worked", wrong, status=422)
    assert why in page.get_data(True)
    assert wrong["words"] in page.get_data(True)
    assert kept() == ""


def test_what_is_not_theirs_or_not_done_cannot_be_written_into(
    people: People, client_as: ClientAs, report: int
) -> None:
    sent = {"words": "Not mine", "seen": "0"}
    client_as(people.outsider).post(f"/reports/{report}/conclusions/worked", sent, status=404)
    client_as(people.owner).post(f"/reports/{report}/conclusions/other", sent, status=404)
    with acting_as_system("a test prepares"), writing():
        waiting = Report.request(
            Period.parse("2026-03"), Scope(person=people.owner), by=people.owner, now=clock.now()
        ).id
    client_as(people.owner).post(f"/reports/{waiting}/conclusions/worked", sent, status=404)
    assert kept() == ""


def test_the_person_evaluated_and_their_supervisor_answer_each_other(
    people: People, client_as: ClientAs, report: int
) -> None:
    address = f"/reports/{report}/comments"
    client_as(people.owner).post(address, {"said": "May was <b>short</b>"}, status=303)
    client_as(people.supervisor).post(address, {"said": "True"}, status=303)
    client_as(people.supervisor).post(address, {"said": "True"}, status=303)
    client_as(people.supervisor).post(address, {"said": "  "}, status=422)
    client_as(people.teammate).post(address, {"said": "And me?"}, status=404)

    assert said() == ["May was <b>short</b>", "True"]
    page = client_as(people.owner).get(f"/reports/{report}").get_data(True)
    assert "May was &lt;b&gt;short&lt;/b&gt;" in page
    assert "evaluated here" in page
