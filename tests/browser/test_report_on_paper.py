"""A report on paper: A4, a few pages, all of what was written, nothing cut and nothing to press."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import writing
from salesboard.deals.rules import Stage
from salesboard.insight.conclusions import Conclusion, Part
from salesboard.insight.evaluation import evaluate
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from tests.standing import People, make_deal

PageAs = Callable[..., Page]
LONG = "\n".join(f"Line {number} of what worked" for number in range(1, 26))
PAPER = {"width": 680, "height": 990}
"""A4 without its margins, in pixels."""


@pytest.fixture
def report_id(app: Flask, people: People) -> int:
    """A finished report of this year, into which much was written."""
    for number in range(3):
        make_deal(people.owner, Stage.WON, name=f"Line {number}")
    make_deal(people.owner, Stage.PROPOSAL, name="Lost line", lost=True)
    now, period = clock.now(), Period.parse(f"{installation().today.year}")
    with acting_as_system("a test prepares"), writing():
        report = Report.request(period, Scope(person=people.owner), by=people.owner, now=now)
        report.finish(evaluate(period, report.scope, as_of=now), as_of=now, now=now)
    later = now + timedelta(minutes=1)
    with acting_as_system("a test prepares"), writing():
        Conclusion.write(report, Part.WORKED, LONG, by=people.owner, now=later, expected_version=0)
    return report.id


def test_three_to_five_pages_of_a4(page_as: PageAs, people: People, report_id: int) -> None:
    page = page_as(people.owner, f"/reports/{report_id}")
    paper = page.pdf(prefer_css_page_size=True, print_background=True)

    assert 3 <= len(re.findall(rb"/Type\s*/Page\b", paper)) <= 5
    sizes = set(re.findall(rb"/MediaBox\s*\[0 0 ([\d.]+) ([\d.]+)\]", paper))
    assert {(round(float(wide)), round(float(high))) for wide, high in sizes} == {(595, 842)}


def test_nothing_is_cut_and_nothing_to_press_is_left(page_as: PageAs, people: People, report_id: int) -> None:
    page = page_as(people.owner, f"/reports/{report_id}")
    page.set_viewport_size(PAPER)
    page.emulate_media(media="print")

    for gone in ("header.topbar", "nav.toc", "textarea", "button", "text=See the rows"):
        for each in page.locator(gone).all():
            expect(each).to_be_hidden()
    for panel in page.locator(".panel:visible").all():
        wide, room, high = panel.evaluate("it => [it.scrollWidth, it.clientWidth, it.offsetHeight]")
        assert wide <= room
        assert high <= PAPER["height"]


def test_all_that_was_written_is_on_it_also_what_was_typed_just_now(
    page_as: PageAs, people: People, report_id: int
) -> None:
    page = page_as(people.owner, f"/reports/{report_id}")
    page.get_by_label("The reasons").fill("No template for questions")
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")

    expect(page.get_by_text("Line 25 of what worked").last).to_be_visible()
    expect(page.locator("p", has_text="No template for questions")).to_be_visible()
