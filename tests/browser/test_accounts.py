"""The ways in and the settings, as a browser shows them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.accounts.setup import code_if_needed
from tests.standing import PASSWORD, People, make_deal

PageAs = Callable[..., Page]
ContextAs = Callable[..., BrowserContext]
PHONE = {"width": 390, "height": 844}
BEFORE_SIGN_IN = ("/sign-in", "/forgotten", "/links/none")
ADMIN_PAGES = (
    "/settings",
    "/settings/sessions",
    "/admin",
    "/admin/people/1",
    "/admin/teams",
    "/admin/stages",
    "/admin/calendar?month=2026-10",
    "/admin/installation",
    "/admin/work",
)


def test_the_first_start(app: Flask, page_as: PageAs) -> None:
    code = code_if_needed(app) or ""
    page = page_as(None, "/")
    page.get_by_label("The code of eight characters").fill(code.lower())
    page.get_by_label("Name", exact=False).first.fill("Ada Admin")
    page.get_by_label("E-mail").fill("ada@example.com")
    page.get_by_label("Password").fill("a few unrelated words")
    page.get_by_label("Once more").fill("a few unrelated sentences")
    page.get_by_label("Team name").fill("East One")
    page.get_by_role("button", name="Set up, next step").click()
    expect(page.get_by_text("The two are not the same.")).to_be_visible()
    expect(page.get_by_label("Team name")).to_have_value("East One")
    page.get_by_label("Password").fill("a few unrelated words")
    page.get_by_label("Once more").fill("a few unrelated words")
    page.get_by_role("button", name="Set up, next step").click()
    expect(page.get_by_role("heading", name="East One is ready")).to_be_visible()
    page.get_by_role("button", name="Load the invented data").click()
    expect(page.get_by_text("invented deals are there")).to_be_visible()


def test_signing_in_by_keyboard_leads_back_to_where_one_was(page_as: PageAs, people: People) -> None:
    page = page_as(None, "/settings")
    expect(page.get_by_label("E-mail")).to_be_focused()
    page.keyboard.type("olive@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Settings")).to_be_visible()


def test_dark_comes_at_once_and_stays(page_as: PageAs, people: People) -> None:
    page = page_as(people.owner, "/settings")
    page.get_by_role("button", name="Menu of Olive Owner").click()
    with page.expect_response("**/settings/appearance") as answer:
        page.get_by_role("button", name="Dark").click()
    assert answer.value.status == 204
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    page.reload()
    expect(page.locator("html")).to_have_attribute("data-theme", "dark")


def test_row_19_going_back_after_sign_out_shows_nothing_private(page_as: PageAs, people: People) -> None:
    make_deal(people.owner, name="A secret line")
    page = page_as(people.owner, "/deals")
    expect(page.get_by_text("A secret line").first).to_be_visible()
    page.goto("/settings")
    page.get_by_role("button", name="Menu of Olive Owner").click()
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    for _step in range(2):
        page.go_back()
        expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
        expect(page.get_by_text("A secret line")).to_have_count(0)


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark", "locale": "zh-CN"}])
def test_axe_finds_nothing(context_as: ContextAs, people: People, options: dict[str, Any]) -> None:
    faults = {}
    for person, paths in ((None, BEFORE_SIGN_IN), (people.admin, ADMIN_PAGES)):
        page = context_as(person, bypass_csp=True, **options).new_page()
        for path in paths:
            page.goto(path)
            faults[path] = [found["id"] for found in Axe().run(page).response["violations"]]
            sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
            assert sideways <= 0, f"{path} scrolls sideways"
    assert {path: found for path, found in faults.items() if found} == {}
