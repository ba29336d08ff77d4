"""My day while time goes by: over midnight, and over a week of holidays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from playwright.sync_api import Locator, Page, expect

from salesboard import clock
from salesboard.access import acting_as_system
from tests.browser.conftest import Site
from tests.browser.test_my_day import set_task, stored
from tests.standing import People

PageAs = Callable[..., Page]
SHANGHAI = ZoneInfo("Asia/Shanghai")
EVE = date(2026, 9, 30)
"""The day before the holidays of October 2026, which last to the 7th."""


@pytest.fixture
def it_is(monkeypatch: pytest.MonkeyPatch) -> Callable[[date, int, int], None]:
    """Sets the clock of everybody, of the server's threads too: the day, the hour and the minute in Shanghai."""

    def set_clock(day: date, hour: int, minute: int = 0) -> None:
        at = datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)
        monkeypatch.setattr(clock, "now", lambda: at.astimezone(ZoneInfo("UTC")))

    return set_clock


def part(page: Page, heading: str) -> Locator:
    """What stands under a heading of My day."""
    return page.locator("section.panel", has=page.get_by_role("heading", name=heading, exact=True))


def test_at_midnight_tomorrow_becomes_today_and_what_was_left_is_late(
    app: Flask, site: Site, people: People, page_as: PageAs, it_is: Callable[..., None]
) -> None:
    tuesday = date(2026, 9, 15)
    it_is(tuesday, 23, 59)
    set_task(people.owner, "Send the offer", tuesday)
    set_task(people.owner, "Call them", tuesday + timedelta(days=1))
    page = page_as(people.owner, "/today")
    expect(part(page, "Today")).to_contain_text("Send the offer")
    expect(part(page, "Tomorrow")).to_contain_text("Call them")
    it_is(tuesday + timedelta(days=1), 0, 1)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_contain_text("16")
    expect(part(page, "Late")).to_contain_text("1 day late")
    expect(part(page, "Late")).to_contain_text("Send the offer")
    expect(part(page, "Today")).to_contain_text("Call them")


def test_over_the_holidays_nothing_is_put_on_a_day_off_and_a_note_has_until_noon_after(
    app: Flask, site: Site, people: People, page_as: PageAs, it_is: Callable[..., None]
) -> None:
    it_is(EVE, 17)
    task_id = set_task(people.owner, "Call them", EVE)
    page = page_as(people.owner, "/today")
    expect(page.locator(".week")).to_contain_text("off")
    page.get_by_role("link", name="Another day: Call them").click()
    expect(page.locator("#due_on")).to_have_value("2026-10-08")
    page.locator("#reason").fill("They are on holiday")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert (stored(task_id).due_on, stored(task_id).postponed) == (date(2026, 10, 8), 1)
    after = date(2026, 10, 8)
    it_is(after, 11)
    page = page_as(people.owner, "/today")
    expect(part(page, "Today")).to_contain_text("Call them")
    expect(note_of_a_holiday(page, customer_of(task_id), "told at 11")).to_have_count(0)
    it_is(after, 13)
    expect(note_of_a_holiday(page, customer_of(task_id), "told at 13")).to_have_count(1)


def note_of_a_holiday(page: Page, customer: str, words: str) -> Locator:
    """Writes down a talk of 2 October; the answer is the mark that this was done late."""
    page.goto(f"/customers/{customer}")
    page.get_by_role("link", name="Write a note").first.click()
    page.locator("#occurred_at").fill("2026-10-02T10:00")
    page.locator("#content").fill(words)
    page.keyboard.press("Control+Enter")
    line = page.locator(".timeline li").filter(has_text=words)
    expect(line).to_be_visible()
    return line.get_by_text("written later")


def customer_of(task_id: int) -> str:
    with acting_as_system("a test looks"):
        return stored(task_id).customer.number
