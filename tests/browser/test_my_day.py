"""My day by keyboard, and a task dragged to another day of the week."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

from flask import Flask
from playwright.sync_api import Page, expect

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.tasks.models import Task
from tests.browser.conftest import Site
from tests.standing import People, make_customer

PageAs = Callable[..., Page]


def set_task(person: User, what: str, due_on: date) -> int:
    customer = make_customer(person, f"{what} works")
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        facts = {"owner": person, "by": person, "now": clock.now()}
        return Task.set(what, customer=held, deal=None, due_on=due_on, **facts).id  # type: ignore[arg-type]


def stored(task_id: int) -> Task:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return db.session.get_one(Task, task_id, populate_existing=True)


def test_a_task_is_done_by_keyboard_with_its_note(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    task_id = set_task(people.owner, "Call them", clock.today("Asia/Shanghai"))
    page = page_as(people.owner)
    page.goto(f"{site.url}/today")
    page.get_by_role("link", name="Done: Call them (").focus()
    page.keyboard.press("Enter")
    expect(page.locator("dialog[open]")).to_be_visible()
    page.locator("label.choice", has_text="Phone").click()
    page.locator("#content").fill("They like it")
    page.keyboard.press("Control+Enter")
    expect(page.get_by_role("link", name="Done: Call them (")).to_have_count(0)
    expect(page.get_by_text("They like it").first).to_be_visible()
    assert stored(task_id).done_on == clock.today("Asia/Shanghai")


def test_a_task_is_put_off_by_keyboard_with_its_reason(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    today = clock.today("Asia/Shanghai")
    task_id, later = set_task(people.owner, "Call them", today), today + timedelta(days=9)
    page = page_as(people.owner, "/today")
    page.get_by_role("link", name="Another day: Call them").focus()
    page.keyboard.press("Enter")
    page.locator("#due_on").fill(later.isoformat())
    page.keyboard.press("Control+Enter")
    expect(page.get_by_text("Say why it is put off: it is counted.")).to_be_visible()
    page.locator("#reason").focus()
    page.keyboard.type("They are away")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(page.get_by_text("put off 1 time")).to_be_visible()
    assert (stored(task_id).due_on, stored(task_id).postponed) == (later, 1)


def test_a_task_dragged_to_a_later_day_goes_there_with_its_reason(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    today = clock.today("Asia/Shanghai")
    monday = today + timedelta(days=7 - today.weekday())
    task_id = set_task(people.owner, "Send the offer", monday)
    thursday = monday + timedelta(days=3)
    page = page_as(people.owner)
    page.goto(f"{site.url}/today/week?of={monday}")
    drag(page, "[data-task]", f"[data-day='{thursday}']")
    expect(page.locator("dialog[open]")).to_be_visible()
    expect(page.locator("#due_on")).to_have_value(thursday.isoformat())
    assert stored(task_id).due_on == monday, "a drop only asks"
    page.locator("#reason").fill("They are away")
    page.keyboard.press("Control+Enter")
    expect(page.locator(f"[data-day='{thursday}']")).to_contain_text("Send the offer")
    assert (stored(task_id).due_on, stored(task_id).postponed) == (thursday, 1)


def drag(page: Page, what: str, to: str) -> None:
    """By mouse, in steps, as a hand does."""
    start, end = page.locator(what).bounding_box(), page.locator(to).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] - 10, start["y"] + 10)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] + 20, start["y"] + 20, steps=5)
    page.mouse.move(end["x"] + 30, end["y"] + 20, steps=12)
    page.mouse.move(end["x"] + 34, end["y"] + 22, steps=3)
    page.mouse.up()
