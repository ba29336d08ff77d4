"""A report in the browser: asked for, watched while it is made, read, and opened down to its rows."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.insight.evaluation import STEPS, evaluate
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from tests.standing import People, make_deal

PageAs = Callable[..., Page]


@pytest.fixture(autouse=True)
def _deals(app: Flask, people: People) -> None:
    for number in range(3):
        make_deal(people.owner, Stage.WON, name=f"Line {number}")
    make_deal(people.teammate, Stage.PROPOSAL, name="Lost line", lost=True)


def ask_for_this_month(page: Page) -> None:
    asking = page.get_by_role("region", name="Have an evaluation made")
    asking.get_by_label("Whose").select_option(label="North")
    asking.get_by_label("Period").select_option(index=2)
    asking.get_by_role("button", name="Make the report").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()


def show_progress(steps_done: int) -> None:
    """As the worker does in the middle of its work."""
    with acting_as_system("a test stands in for the worker"), writing():
        db.session.scalars(select(Report)).one().advance(steps_done)


def work_through() -> None:
    for work_id in outbox.due(clock.now()):
        perform(work_id)


def test_progress_comes_by_itself_and_then_the_report(page_as: PageAs, people: People) -> None:
    page = page_as(people.supervisor, "/reports")
    ask_for_this_month(page)
    show_progress(2)
    expect(page.get_by_text(f"Being made: step 3 of {STEPS}")).to_be_visible()
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "2")

    work_through()
    expect(page.get_by_role("heading", name="Key figures")).to_be_visible()
    expect(page.get_by_role("link", name="Reminders, 1 unread")).to_be_visible()


def test_each_number_opens_its_rows(page_as: PageAs, people: People) -> None:
    page = page_as(people.supervisor, "/reports")
    ask_for_this_month(page)
    work_through()
    line = page.get_by_role("row", name="Win rate")
    expect(line).to_contain_text("75%")
    line.get_by_role("link", name="4 deals").click()

    expect(page.get_by_role("heading", name="Win rate")).to_be_visible()
    expect(page.locator("tbody tr")).to_have_count(4)
    expect(page.get_by_role("cell", name="Lost", exact=True)).to_have_count(1)
    page.go_back()
    page.locator("#funnel").get_by_role("link", name="4", exact=True).first.click()
    expect(page.locator("tbody tr")).to_have_count(4)
    page.get_by_role("link", name="Lost line").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Lost line")


def test_the_bell_leads_to_the_report_and_is_quiet_once_read(page_as: PageAs, people: People) -> None:
    page = page_as(people.supervisor, "/reports")
    ask_for_this_month(page)
    work_through()
    page.get_by_role("link", name="Reminders, 1 unread").click()
    page.get_by_role("button", name="Mark as read").click()
    expect(page.get_by_text("Nothing waits for you")).to_be_visible()
    page.get_by_role("link", name="Earlier").click()
    page.locator(".task h3 a").click()
    expect(page.get_by_role("heading", name="Key figures")).to_be_visible()


def test_without_script_one_looks_again_oneself(page_as: PageAs, people: People) -> None:
    page = page_as(people.supervisor, "/reports", java_script_enabled=False)
    ask_for_this_month(page)
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_text("Waiting for a worker")).to_be_visible()
    work_through()
    page.get_by_role("link", name="See how far it is").click()

    expect(page.get_by_role("heading", name="Key figures")).to_be_visible()
    expect(page.get_by_role("button", name="Print")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 1024, 390])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_and_are_accessible(page_as: PageAs, people: People, width: int, scheme: str) -> None:
    page = page_as(
        people.supervisor, "/reports", viewport={"width": width, "height": 900}, color_scheme=scheme
    )
    ask_for_this_month(page)
    work_through()
    expect(page.get_by_role("heading", name="Key figures")).to_be_visible()
    report = page.url

    for path in (report, f"{report}/rows/win_rate", f"{report}/rows/stage_days", "/reports", "/reminders"):
        page.goto(path)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        violations = Axe().run(page).response["violations"]
        assert [(each["id"], each["nodes"][0]["html"]) for each in violations] == [], path


def made_of(people: People) -> int:
    """A finished report of this year about the owner."""
    now, period = clock.now(), Period.parse(f"{installation().today.year}")
    with acting_as_system("a test prepares"), writing():
        report = Report.request(period, Scope(person=people.owner), by=people.owner, now=now)
        report.finish(evaluate(period, report.scope, as_of=now), as_of=now, now=now)
        return report.id


def test_the_fields_are_saved_as_one_types_and_two_who_type_are_told(page_as: PageAs, people: People) -> None:
    report_id = made_of(people)
    page, other = (page_as(each, f"/reports/{report_id}") for each in (people.owner, people.supervisor))
    field, state = page.get_by_label("What worked"), page.locator("#part-worked-state")
    field.press_sequentially("One line first")
    expect(state).to_contain_text("Olive Owner, saved")

    others = other.get_by_label("What worked")
    others.press_sequentially("Take an engineer along")
    expect(other.get_by_text("Olive Owner wrote here meanwhile")).to_be_visible()
    expect(other.locator("blockquote")).to_have_text("One line first")
    others.press_sequentially(", and one line first")
    other.get_by_role("button", name="Save mine").click()
    expect(other.locator("#part-worked-state")).to_contain_text("Sue Supervisor, saved")

    page.reload()
    expect(field).to_have_value("Take an engineer along, and one line first")
    assert Axe().run(page).response["violations"] == []


def test_what_is_typed_without_a_connection_goes_out_later(page_as: PageAs, people: People) -> None:
    page = page_as(people.owner, f"/reports/{made_of(people)}")
    page.context.set_offline(True)
    page.get_by_label("What did not").press_sequentially("Clarifications took five days")
    expect(page.locator("#part-failed").get_by_text("No connection.")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("#part-failed-state")).to_contain_text("Olive Owner, saved")
