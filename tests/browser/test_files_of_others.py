"""Files of teams and of other programs in the browser, by somebody who reads no documentation: dropped, tried out,
brought in, and taken out again in the file's own shape, equal to what was put in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from salesboard.exchange.reading import open_book
from tests.browser.test_importing import PageAs, drop, try_out, work_off
from tests.domain.exchange.test_in_the_files_shape import OWN, THEIRS, rows_of
from tests.rules.exchange.making import GIVEN, needs_given
from tests.standing import People

NO_RECORDS = [
    GIVEN / "maven" / name for name in ("products.csv", "sales_teams.csv", "data_dictionary.transcribed.csv")
]
NOT_TAKEN = re.compile(r"is empty\.$")


def bring_in(page: Page, path: Path) -> None:
    page.goto("/import")
    drop(page, path)
    page.locator("label.option", has_text="Create an account").click()
    try_out(page)
    work_off()
    confirm = page.get_by_role("button", name=re.compile(r"^Bring [\d,]+ records? in$"))
    expect(confirm).to_be_visible()
    if page.get_by_label("Customer of rows that name none").count() and page.get_by_text(NOT_TAKEN).count():
        page.get_by_label("Customer of rows that name none").fill("Unknown account")
        page.get_by_role("button", name="Try it out anew").first.click()
        work_off()
        expect(confirm).to_be_visible()
        expect(page.get_by_text(NOT_TAKEN)).to_have_count(0)
    confirm.click()
    work_off()
    expect(page.get_by_role("heading", name=re.compile(r"^[\d,]+ records? came in"))).to_be_visible()


def out_again(page: Page, folder: Path, *, is_long: bool) -> Path:
    page.get_by_role("button", name="Out again in the shape of the file").click()
    ask = page.locator("#export-menu").get_by_role("button", name="Export")
    if is_long:
        ask.click()
        page.wait_for_url("**/exports/*")
        work_off()
        ask = page.get_by_role("link", name="Fetch the file")
    with page.expect_download() as download:
        ask.click()
    path = folder / "got.xlsx"
    download.value.save_as(path)
    return path


def prove_whole_way(page: Page, path: Path, folder: Path) -> None:
    bring_in(page, path)
    got = out_again(page, folder, is_long=path.stem == "sales_pipeline")
    for sheet in sheets_of(got):
        lines, before = rows_of(got, sheet), rows_of(path, sheet)
        wanted = [row for row in before if any(row) and row[0] != "合计"]
        if sheet == "客户基本信息":  # below a title; a customer who stands there twice comes out once
            wanted = [wanted[1], *(row for row in wanted[2:] if row[0])]
        assert [_padded(row, wanted[0]) for row in lines] == [_padded(row, wanted[0]) for row in wanted], (
            sheet
        )


def sheets_of(path: Path) -> list[str]:
    return [sheet.name for sheet in open_book(path).sheets]


def _padded(row: list[str], heads: list[str]) -> list[str]:
    return row + [""] * (len(heads) - len(row))


@pytest.mark.parametrize("path", [OWN[0], OWN[2]], ids=lambda path: path.stem)
def test_a_file_goes_in_and_comes_out_as_it_was(
    page_as: PageAs, people: People, tmp_path: Path, path: Path
) -> None:
    prove_whole_way(page_as(people.admin), path, tmp_path)


@needs_given
@pytest.mark.parametrize("path", THEIRS, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_so_does_each_given_file(page_as: PageAs, people: People, tmp_path: Path, path: Path) -> None:
    prove_whole_way(page_as(people.admin), path, tmp_path)


@needs_given
@pytest.mark.parametrize("path", NO_RECORDS, ids=lambda path: path.stem)
def test_a_table_of_something_else_says_what_it_lacks(page_as: PageAs, people: People, path: Path) -> None:
    """Products, teams and words about columns are no customers: nothing comes in by mistake."""
    page = page_as(people.admin, "/import")
    drop(page, path)
    try_out(page)
    work_off()

    expect(page.get_by_text("no column holds this yet: Customer")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("^Bring"))).to_have_count(0)
