"""Lists in a real browser: narrowed, sorted, with columns of one's own, kept as a view; and two records made one."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.deals.rules import Stage
from tests.standing import People, make_customer, make_deal

PHONE = {"width": 390, "height": 844}
LISTS = ("/customers", "/deals")


def three_customers(people: People) -> None:
    """Two of the East, one of the West, each with a deal."""
    for name, region in (("Press Works", "East"), ("Paper Crane", "West"), ("Axle Works", "East")):
        customer = make_customer(people.owner, name, region=region)
        make_deal(people.owner, Stage.INTENT, customer=customer, name=f"Line for {name}")


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("with_script", [True, False])
def test_a_list_is_narrowed_sorted_and_kept_as_a_view(
    people: People, page_as: Callable[..., Page], path: str, with_script: bool
) -> None:
    three_customers(people)
    page = page_as(people.owner, path, java_script_enabled=with_script)
    rows = page.locator("tbody th[scope=row] a")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Filter", exact=True).click()
    page.locator("#filter-all").get_by_label("Region").select_option("East")
    page.locator("#filter-all").get_by_role("button", name="Show").click()
    expect(rows).to_have_count(2)
    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    expect(rows).to_have_text(["Axle Works", "Press Works"])
    page.get_by_role("columnheader", name="Customer").get_by_role("link").click()
    expect(rows).to_have_text(["Press Works", "Axle Works"])
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="Save as a view").click()
    page.get_by_label("Name of the view").fill("The East")
    page.get_by_role("button", name="Save", exact=True).click()
    expect(page.get_by_role("button", name="The East")).to_be_visible()
    page.goto(f"{path}?view=all")
    expect(rows).to_have_count(3)
    page.get_by_role("button", name="Saved views").click()
    page.get_by_role("link", name="The East", exact=True).click()
    expect(rows).to_have_text(["Press Works", "Axle Works"])


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize("with_script", [True, False])
def test_a_column_is_chosen_and_moved(
    people: People, page_as: Callable[..., Page], path: str, with_script: bool
) -> None:
    three_customers(people)
    page = page_as(people.owner, path, java_script_enabled=with_script)
    heads = page.locator("thead th")
    page.get_by_role("link", name="Columns").click()
    for ticked in ("Owner", "Level"):
        page.get_by_role("checkbox", name=ticked, exact=True).check()
    for other in page.locator("[name=col]:checked").all()[::-1]:
        if other.input_value() not in ("level", "owner"):
            other.uncheck()
    page.get_by_role("button", name="Level further down").click()
    expect(page.locator("[name=col]:checked").first).to_have_value("owner")
    page.get_by_role("button", name="Show", exact=True).last.click()
    expect(heads).to_have_text([re.compile("Customer"), "Owner", "Level"])
    page.goto(path)
    expect(heads).to_have_text([re.compile("Customer"), "Owner", "Level"])


def test_two_that_are_one_are_merged_and_parted_again(people: People, page_as: Callable[..., Page]) -> None:
    kept = make_customer(people.owner, "Press Works", region="East")
    gone = make_customer(people.owner, "Press Works Ltd", region="West", industry="Steel")
    make_deal(people.owner, Stage.INTENT, customer=gone, name="Rolls")
    page = page_as(people.owner, "/customers/duplicates")
    expect(page.get_by_role("link", name="Press Works Ltd")).to_be_visible()
    page.goto(f"/customers/{kept.number}/merge/{gone.number}")
    page.get_by_role("group", name="Region").get_by_text("West", exact=True).click()
    page.get_by_role("button", name="Merge them").click()
    page.goto(f"/customers/{kept.number}")
    expect(page.locator("#fact-region")).to_contain_text("West")
    expect(page.get_by_role("link", name="Rolls").first).to_be_visible()
    page.goto("/customers")
    expect(page.get_by_role("rowheader")).to_have_count(1)
    page.goto(f"/customers/{kept.number}/merges/1")
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Parted again")).to_be_visible()
    page.goto("/customers?sort=name")
    expect(page.get_by_role("rowheader")).to_have_count(2)
    page.goto(f"/customers/{kept.number}")
    expect(page.locator("#fact-region")).to_contain_text("East")


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark", "locale": "zh-CN"}])
def test_axe_finds_nothing_in_lists(
    people: People, context_as: Callable[..., BrowserContext], options: dict[str, Any]
) -> None:
    three_customers(people)
    page, faults = context_as(people.owner, bypass_csp=True, **options).new_page(), {}
    for path in ("/deals", "/deals?region=East&cols=region.number.contract_amount.talk", "/deals/columns"):
        page.goto(path)
        faults[path] = [found["id"] for found in Axe().run(page).response["violations"]]
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, path
    assert {path: found for path, found in faults.items() if found} == {}
