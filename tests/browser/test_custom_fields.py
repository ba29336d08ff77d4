"""A field of one's own, from the admin's page to a list narrowed by it, as people do it in a browser."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.customers.custom_rules import FieldKind, FieldShape, Subject
from tests.own_fields import add_field, fill_in
from tests.standing import People, make_customer, make_deal

PHONE = {"width": 390, "height": 844}
KINDS = {
    FieldKind.CHOICE: ("Grade", "Gold"),
    FieldKind.DATE: ("Contract ends on", "2026-12-31"),
    FieldKind.NUMBER: ("Branches", "1200.5"),
    FieldKind.YES_NO: ("Met at a fair", "yes"),
    FieldKind.TEXT: ("Payment habits", "Thirty days after the invoice, tax included"),
}


@pytest.mark.parametrize("with_script", [True, False])
def test_a_field_is_added_ordered_filled_in_and_searched_for(
    people: People, page_as: Callable[..., Page], with_script: bool
) -> None:
    customer = make_customer(people.owner, "Paper Crane")
    make_customer(people.owner, "Trilobite")
    add_field(Subject.CUSTOMER, "Payment habits")
    admin = page_as(people.admin, "/admin/fields", java_script_enabled=with_script)
    admin.get_by_label("Field name").fill("Grade")
    expect(admin.get_by_label("Choices, one a line")).to_be_hidden()
    admin.get_by_text("Choice", exact=True).click()
    admin.get_by_label("Choices, one a line").fill("Gold\nSilver")
    admin.get_by_label("Shown in lists").check()
    admin.get_by_role("button", name="Add field").click()
    expect(admin.get_by_text("Grade is asked from now on.")).to_be_visible()
    admin.get_by_role("button", name="Move Grade up").click()
    names = admin.get_by_role("table", name="Fields of Customers").get_by_role("rowheader")
    expect(names).to_have_text(["Grade", "Payment habits"])

    owner = page_as(people.owner, f"/customers/{customer.number}", java_script_enabled=with_script)
    owner.get_by_role("link", name="Edit").last.click()
    owner.get_by_label("Grade").select_option("Gold")
    owner.get_by_role("button", name="Save").click()
    expect(owner.get_by_role("region", name="Further facts").get_by_text("Gold")).to_be_visible()
    owner.goto("/customers")
    owner.get_by_role("button", name="Filter").click()
    owner.get_by_label("Grade").select_option("Gold")
    owner.get_by_role("button", name="Show").click()
    expect(owner.get_by_role("rowheader")).to_have_text(["Paper Crane"])
    expect(owner.get_by_role("columnheader", name="Grade")).to_be_visible()
    owner.get_by_role("link", name="Grade Gold").click()
    expect(owner.get_by_role("rowheader")).to_have_count(2)


@pytest.mark.parametrize("options", [{}, {"viewport": PHONE, "color_scheme": "dark", "locale": "zh-CN"}])
def test_axe_finds_nothing(
    people: People, context_as: Callable[..., BrowserContext], options: dict[str, Any]
) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    fields: dict[Subject, FieldShape] = {}
    for subject, record in ((Subject.CUSTOMER, customer), (Subject.DEAL, deal)):
        for kind, (name, text) in KINDS.items():
            field = add_field(subject, name, kind, choices=["Gold", "Silver"], is_required=True)
            fill_in(record, {field: text}, people.owner)
            fields.setdefault(subject, field)
    grade, of_deal = fields[Subject.CUSTOMER].id, fields[Subject.DEAL].id
    page, faults = context_as(people.admin, bypass_csp=True, **options).new_page(), {}
    for path in (
        "/admin/fields",
        f"/admin/fields/{grade}",
        "/admin/fields/use",
        f"/customers?x.{grade}=Gold",
        f"/customers/{customer.number}",
        f"/customers/{customer.number}/edit",
        f"/deals?x.{of_deal}=Gold",
        f"/deals/{deal.number}",
        f"/deals/{deal.number}/edit",
        "/deals/new",
    ):
        page.goto(path)
        for menu in page.locator("[popovertarget=filter-own], [popovertarget=filter-all]").all():
            menu.click()
        faults[path] = [found["id"] for found in Axe().run(page).response["violations"]]
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        assert sideways <= 0, f"{path} scrolls sideways"
    assert {path: found for path, found in faults.items() if found} == {}
