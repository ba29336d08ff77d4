"""The month's housekeeping in a real browser: ticked, confirmed and undone, with script and without; axe."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.customers.rules import CustomerStatus
from tests.standing import People, make_customer

PHONE = {"width": 390, "height": 844}
HERE = "/customers/housekeeping"


@pytest.mark.parametrize("with_script", [True, False])
def test_customers_are_ticked_confirmed_and_given_back(
    people: People, page_as: Callable[..., Page], with_script: bool
) -> None:
    for n in range(3):
        make_customer(people.owner, f"Bygone {n}", status=CustomerStatus.LOST)
    page = page_as(people.owner, HERE, java_script_enabled=with_script)
    page.get_by_label("Bygone 0", exact=True).check()
    page.get_by_label("Bygone 2", exact=True).focus()
    page.keyboard.press("Space")
    page.get_by_text("Set the reason and move to the archive").click()
    page.get_by_label("Reason for losing").select_option("No answer")
    page.get_by_role("button", name="Confirm for those ticked").click()
    expect(page.get_by_text("Done for 2 customers.")).to_be_visible()
    expect(page.get_by_role("rowheader")).to_have_text(["Bygone 1"])
    page.goto("/customers?archived=1")
    expect(page.get_by_role("rowheader")).to_have_text([re.compile("Bygone 2"), re.compile("Bygone 0")])
    page.goto(HERE)
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Every customer is as it was before.")).to_be_visible()
    page.goto(HERE)
    expect(page.get_by_role("rowheader")).to_have_count(3)


def test_one_tick_in_the_head_ticks_every_row(people: People, page_as: Callable[..., Page]) -> None:
    for n in range(3):
        make_customer(people.owner, f"Bygone {n}", status=CustomerStatus.LOST)
    page = page_as(people.owner, HERE)
    page.get_by_label("Tick all on this page").check()
    expect(page.get_by_role("checkbox", name="Bygone", checked=True)).to_have_count(3)
    page.get_by_label("Bygone 1", exact=True).uncheck()
    expect(page.get_by_label("Tick all on this page")).not_to_be_checked()


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark", "locale": "zh-CN"}])
def test_axe_finds_nothing(
    people: People, context_as: Callable[..., BrowserContext], options: dict[str, Any]
) -> None:
    customer = make_customer(people.owner, "Bygone", status=CustomerStatus.LOST)
    page, faults = context_as(people.admin, bypass_csp=True, **options).new_page(), {}
    page.goto(HERE)
    page.locator("tbody [type=checkbox]").check()
    page.locator("[name=act][value=leave]").check(force=True)
    page.locator("form[data-tick-all] [type=submit]").click()
    done = page.locator(".done-list a").get_attribute("href")
    for path in (
        HERE,
        f"{HERE}?proposal=no_channel",
        done,
        f"/customers/{customer.number}",
        "/customers?archived=1",
    ):
        page.goto(str(path))
        faults[path] = [found["id"] for found in Axe().run(page).response["violations"]]
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, f"{path} scrolls sideways"
    assert {path: found for path, found in faults.items() if found} == {}
