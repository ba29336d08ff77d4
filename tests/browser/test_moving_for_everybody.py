"""The note and a deal's page keep nobody out: axe finds nothing, in light and dark, on a desk and on a phone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import Page, expect

from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from tests.standing import People, make_customer, make_deal

PageAs = Callable[..., Page]
LONG = "A Company Whose Name Was Chosen Long Before Screens Were Small"
PATHS = (
    "",
    "/placement",
    "/placement?to=intent",
    "/placement?to=proposal",
    "/placement?to=negotiation",
    "/placement?to=won",
    "/placement?to=service",
    "/closure",
    "/edit",
    "/next-step",
    "/followups",
    "/collaborators",
)


@pytest.fixture
def deal(app: Flask, people: People) -> Deal:
    customer = make_customer(people.owner, name=LONG, needs="By the shift; Half a day")
    return make_deal(people.owner, Stage.LEAD, name="Line one", customer=customer)


def faults(page: Page) -> list[str]:
    found = Axe().run(page).response["violations"]
    return [f"{fault['id']}: {node['html'][:160]}" for fault in found for node in fault["nodes"]]


def is_too_wide(page: Page) -> bool:
    return bool(
        page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth + 1")
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_on_the_pages_of_a_deal(
    page_as: PageAs, people: People, deal: Deal, scheme: str
) -> None:
    page = page_as(people.owner, color_scheme=scheme)
    found = {}
    for path in PATHS:
        page.goto(f"/deals/{deal.number}{path}")
        found[path] = faults(page)
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_axe_finds_nothing_in_the_dialog(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner)
    page.locator(f"#deal-{deal.number} h3 a").focus()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    assert faults(page) == []
    page.get_by_role("dialog").get_by_role("link", name="Proposal").click()
    expect(page.locator("#note")).to_be_visible()
    page.locator("button[form=note]").click()
    expect(page.locator("#note .error").first).to_be_visible()
    assert faults(page) == []


@pytest.mark.parametrize("width", [390, 1024])
def test_nothing_stands_out_at_the_side(page_as: PageAs, people: People, deal: Deal, width: int) -> None:
    page = page_as(people.owner, viewport={"width": width, "height": 800})
    for path in PATHS:
        page.goto(f"/deals/{deal.number}{path}")
        assert not is_too_wide(page), path
