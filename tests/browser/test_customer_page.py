"""A customer's page in a real browser: facts changed where they stand, by keyboard; two who do so at once; axe."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Customer
from salesboard.customers.rules import Attitude, ContactRole, Need, Priority
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.installation import installation
from tests.standing import People, make_customer, make_deal, written

PageAs = Callable[..., Page]
ContextAs = Callable[..., BrowserContext]
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def customer(app: Flask, people: People) -> Customer:
    """A customer of whom much is known."""
    known = make_customer(people.owner, "Moonlight Cold Stores", region="East", source="Fair", employees=320)
    make_deal(people.owner, Stage.NEGOTIATION, customer=known, name="Three stores", amount=1_560_000)
    with acting_as_system("a test prepares"), writing():
        held, now, by = db.session.get_one(Customer, known.id), clock.now(), people.owner

        def add(name: str, role: ContactRole, attitude: Attitude, boss: int | None = None) -> int:
            facts = {"name": name, "role": role, "attitude": attitude, "reports_to_id": boss}
            return held.add_contact(by=by, now=now, expected_version=held.version, title="Chief", **facts).id

        boss = add("Shao Yizhou", ContactRole.DECISION_MAKER, Attitude.NEUTRAL)
        second = add("Ji Nanqiao", ContactRole.INFLUENCER, Attitude.SUPPORTER, boss)
        add("Huo Zhiqiu", ContactRole.INFLUENCER, Attitude.OPPONENT, boss)
        add("Ye Xiaoman", ContactRole.TECHNICAL, Attitude.UNKNOWN, second)
        needs = (Need("Never too warm", Priority.HIGH), Need("One map of all three"))
        held.revise(by=by, now=now, expected_version=held.version, needs=needs)
        note = written("We went through the points", by, now - timedelta(days=1), installation().today)
        note.participants = "Olive Owner; Ji Nanqiao"
        note.file(held)
    return known


def test_a_fact_is_changed_where_it_stands_by_keyboard(
    page_as: PageAs, people: People, customer: Customer
) -> None:
    page = page_as(people.owner, f"/customers/{customer.number}")
    value = page.locator("#fact-region .fact-value")
    value.focus()
    page.keyboard.press("Enter")
    field = page.get_by_label("Region", exact=True)
    expect(field).to_be_focused()
    page.keyboard.press("Escape")
    expect(value).to_be_focused()
    page.keyboard.press("Enter")
    expect(field).to_be_focused()
    field.fill("North")
    page.keyboard.press("Enter")
    expect(page.locator("#fact-region")).to_contain_text("North")
    expect(value).to_be_focused()
    expect(page.locator("#customer-head")).to_contain_text("North")
    expect(page.locator("#changes")).to_contain_text("East")


def test_two_who_change_one_fact_lose_no_words(page_as: PageAs, people: People, customer: Customer) -> None:
    here = f"/customers/{customer.number}"
    mine, hers = page_as(people.owner, here), page_as(people.supervisor, here)
    for page in (mine, hers):
        page.locator("#fact-industry .fact-value").click()
        page.locator("#fact-source .fact-value").click()
        expect(page.get_by_label("Source", exact=True)).to_be_visible()
    hers.get_by_label("Industry", exact=True).fill("Hers")
    hers.locator("#fact-industry").get_by_role("button", name="Save").click()
    expect(hers.locator("#fact-industry .fact-value")).to_contain_text("Hers")
    mine.get_by_label("Source", exact=True).fill("Mine alone")
    mine.locator("#fact-source").get_by_role("button", name="Save").click()
    expect(mine.locator("#fact-source .fact-value")).to_contain_text("Mine alone")
    mine.get_by_label("Industry", exact=True).fill("Mine")
    mine.locator("#fact-industry").get_by_role("button", name="Save").click()
    line = mine.locator("#fact-industry")
    expect(line).to_contain_text("Sue Supervisor changed this customer meanwhile")
    expect(line).to_contain_text("now: Hers")
    expect(mine.get_by_label("Industry", exact=True)).to_have_value("Mine")
    line.get_by_role("button", name="Save").click()
    expect(mine.locator("#fact-industry .fact-value")).to_contain_text("Mine")


def test_what_cannot_be_taken_is_told_in_its_place(
    page_as: PageAs, people: People, customer: Customer
) -> None:
    page = page_as(people.owner, f"/customers/{customer.number}")
    page.locator("#fact-employees .fact-value").click()
    page.get_by_label("Employees", exact=True).fill("-3")
    page.locator("#fact-employees").get_by_role("button", name="Save").click()
    expect(page.locator("#fact-employees")).to_contain_text("whole number")
    expect(page.get_by_label("Employees", exact=True)).to_have_value("-3")


def test_the_suggested_level_is_taken_over(page_as: PageAs, people: People, customer: Customer) -> None:
    page = page_as(people.owner, f"/customers/{customer.number}")
    expect(page.locator("#fact-level")).to_contain_text("as far as Negotiation")
    page.get_by_role("button", name="Take it over").click()
    expect(page.locator("#fact-level")).not_to_contain_text("Suggested")
    expect(page.locator("#customer-head")).to_contain_text("Key")


def test_without_script_a_fact_has_a_page_of_its_own(
    page_as: PageAs, people: People, customer: Customer
) -> None:
    page = page_as(people.owner, f"/customers/{customer.number}", java_script_enabled=False)
    page.locator("#fact-needs .fact-value").click()
    page.get_by_label("Need 3", exact=True).fill("Bills by tenant")
    page.get_by_label("Priority of need 3").select_option("low")
    page.get_by_role("button", name="Save").click()
    expect(page.locator("#fact-needs")).to_contain_text("Bills by tenant")


@pytest.mark.parametrize(
    "options",
    [{}, {"color_scheme": "dark"}, {"viewport": PHONE, "locale": "zh-CN"}],
    ids=["desk", "dark", "phone"],
)
def test_axe_finds_nothing(
    context_as: ContextAs, people: People, customer: Customer, options: dict[str, Any]
) -> None:
    page = context_as(people.supervisor, **options).new_page()
    here = f"/customers/{customer.number}"
    for path in (here, f"{here}/changes", "/customers/checks", f"{here}/facts/needs"):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
    page.goto(here)
    page.locator("#fact-level .fact-value").click()
    page.locator("#fact-needs .fact-value").click()
    expect(page.locator("#fact-needs form")).to_be_visible()
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
