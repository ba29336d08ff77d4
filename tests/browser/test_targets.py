"""Targets pasted from a spreadsheet into the grid, and saved."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.database import db
from salesboard.insight.targets import Target
from tests.browser.conftest import Site
from tests.standing import People

PageAs = Callable[..., Page]
PASTE = """([cell, text]) => {
  const data = new DataTransfer();
  data.setData("text/plain", text);
  cell.focus();
  cell.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
}"""


def test_cells_pasted_from_a_spreadsheet_fill_the_grid_and_are_saved(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    page = page_as(people.supervisor)
    page.goto(f"{site.url}/targets?by=quarter&year=2026")
    cell = page.get_by_label("Olive Owner, 2nd quarter")
    page.evaluate(PASTE, [cell.element_handle(), '180\t48.6万\r\n"1,000"\t\r\n'])
    expect(page.get_by_label("Olive Owner, 2nd quarter")).to_have_value("180")
    expect(page.get_by_label("Olive Owner, 3rd quarter")).to_have_value("48.6万")
    expect(page.get_by_label("Olive Owner, 1st quarter")).to_have_value("")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("3 targets are set.")).to_be_visible()
    with acting_as_system("a test looks"):
        db.session.rollback()
        rows = db.session.execute(select(Target.person_id, Target.period_key, Target.value)).all()
    first_below = next(row for row in rows if row.value == 1000)
    assert {(row.person_id, row.period_key, int(row.value)) for row in rows} == {
        (people.owner.id, "2026Q2", 180),
        (people.owner.id, "2026Q3", 486_000),
        (first_below.person_id, "2026Q2", 1000),
    }
