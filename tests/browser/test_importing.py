"""A team's workbook in the browser: dropped, looked at, brought in, on the board, and taken back."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from flask import Flask
from playwright.sync_api import BrowserContext, Page, expect
from python_calamine import CalamineWorkbook

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.exchange.models import Import
from tests.domain.exchange.bringing import brought, confirmed, count, table, tried, workbook
from tests.standing import People

PageAs = Callable[..., Page]
ContextAs = Callable[..., BrowserContext]


def work_off() -> None:
    """What the workers do."""
    db.session.rollback()
    while waiting := outbox.due(clock.now()):
        for work_id in waiting:
            perform(work_id)
        db.session.rollback()


def choose(page: Page, path: Path) -> None:
    page.locator("input[type=file]").set_input_files(path)


def drop(page: Page, path: Path, *, has_script: bool = True) -> None:
    """As from the desktop, onto the place for it, which lights up by script."""
    place = page.locator(".drop").bounding_box()
    assert place
    at = {"x": place["x"] + place["width"] / 2, "y": place["y"] + place["height"] / 2}
    carried = {"items": [], "files": [str(path)], "dragOperationsMask": 1}
    hand = page.context.new_cdp_session(page)
    for kind in ("dragEnter", "dragOver", "drop"):
        hand.send("Input.dispatchDragEvent", {"type": kind, **at, "data": carried})
        if kind == "dragOver" and has_script:
            expect(page.locator(".drop")).to_have_class("drop is-over")


def try_out(page: Page) -> None:
    page.get_by_role("button", name="Try it out").click()
    expect(page.get_by_text("Reading the file")).to_be_visible()


def show_progress(done: int) -> None:
    """As the worker does in the middle of its work."""
    with acting_as_system("a test stands in for the worker"), writing():
        db.session.get_one(Import, 1).done = done


def test_from_the_file_to_the_board_and_back(page_as: PageAs, people: People, tmp_path: Path) -> None:
    page = page_as(people.admin, "/import")
    drop(page, workbook(tmp_path))
    expect(page.locator(".drop")).to_have_class("drop")
    expect(page.locator(".drop")).to_contain_text("客户管理数据库.xlsx")
    page.locator("label.option", has_text="Create an account").click()
    try_out(page)
    work_off()

    expect(page.get_by_text("12 records come in.")).to_be_visible()
    expect(page.get_by_role("row", name="客户名称* is empty.")).to_be_visible()
    page.get_by_role("link", name="销售机会").click()
    expect(page.get_by_role("row", name=re.compile("^当前阶段"))).to_contain_text("Stage")
    assert count(Customer) == 0

    page.get_by_role("button", name="Bring 12 records in").click()
    expect(page.get_by_text("Coming in: 0 of 12 records")).to_be_visible()
    show_progress(5)
    expect(page.get_by_role("progressbar")).to_have_attribute("aria-valuenow", "5")
    work_off()
    expect(page.get_by_role("heading", name="12 records came in")).to_be_visible()

    page.get_by_role("link", name="To the board").click()
    expect(page.locator("#cards-proposal .card")).to_contain_text("纸鹤一期")
    expect(page.locator("#head-won .count")).to_have_text("1")

    page.goto("/import")
    page.get_by_role("link", name="客户管理数据库.xlsx").click()
    with page.expect_download() as download:
        page.get_by_role("link", name="Rows not taken").click()
    sheet = CalamineWorkbook.from_path(download.value.path()).get_sheet_by_index(0).to_python()
    assert sheet[1][0] == "客户名称* is empty."

    page.get_by_text("Undo the whole import").click()
    page.get_by_role("button", name="Undo it all").click()
    expect(page.get_by_text("Being taken back")).to_be_visible()
    work_off()
    expect(page.get_by_text("The import is undone")).to_be_visible()
    page.goto("/")
    expect(page.locator(".card")).to_have_count(0)


def test_names_that_nobody_knows_are_made_accounts_with_one_press(
    page_as: PageAs, people: People, tmp_path: Path
) -> None:
    page = page_as(
        people.supervisor, f"/import/{tried(workbook(tmp_path), by=people.supervisor, owners='match').id}"
    )
    expect(page.get_by_text("Nobody here is called so: 陈景行, 李佳宁")).to_be_visible()
    page.get_by_role("button", name="Create accounts for them").click()
    expect(page.get_by_text("Reading the file")).to_be_visible()
    work_off()

    expect(page.get_by_role("button", name="Bring 12 records in")).to_be_visible()
    expect(page.get_by_text("Nobody here is called so")).to_have_count(0)


def test_a_file_that_cannot_be_read_is_refused_beside_the_field(
    page_as: PageAs, people: People, tmp_path: Path
) -> None:
    picture = tmp_path / "picture.xlsx"
    picture.write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(64))
    page = page_as(people.owner, "/import")
    choose(page, picture)
    page.get_by_role("button", name="Try it out").click()

    expect(page.get_by_role("alert")).to_have_text("The file is PNG, not a spreadsheet.")
    choose(page, workbook(tmp_path))
    expect(page.get_by_role("alert")).to_have_count(0)
    try_out(page)


def test_a_file_that_is_too_large_is_not_even_sent(page_as: PageAs, people: People, tmp_path: Path) -> None:
    page = page_as(people.owner, "/import")
    page.evaluate("document.querySelector('[data-drop-file]').dataset.mostBytes = '1000'")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    choose(page, workbook(tmp_path))
    expect(page.get_by_role("alert")).to_have_text("The file is larger than 50 MB.")
    page.get_by_role("button", name="Try it out").click()

    expect(page.locator("input[type=file]")).to_be_focused()
    assert "POST" not in sent
    choose(page, table(tmp_path, "客户名称", ("First Works",)))
    try_out(page)


def test_without_script_it_is_the_same_way(page_as: PageAs, people: People, tmp_path: Path) -> None:
    page = page_as(people.owner, "/import", java_script_enabled=False)
    path = table(tmp_path, "客户名称 机会名称 当前阶段", ("First Works", "Line one", "意向"))
    drop(page, path, has_script=False)
    try_out(page)
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_text("Reading the file")).to_be_visible()
    work_off()
    page.get_by_role("link", name="See how far it is").click()
    page.get_by_role("button", name="Bring 2 records in").click()
    work_off()
    page.get_by_role("link", name="See how far it is").click()
    expect(page.get_by_role("heading", name="2 records came in")).to_be_visible()
    page.get_by_text("Undo the whole import").click()
    page.get_by_role("button", name="Undo it all").click()
    work_off()
    page.get_by_role("link", name="See how far it is").click()

    expect(page.get_by_text("The import is undone")).to_be_visible()
    assert count(Customer) == 0


def test_it_is_done_with_the_keyboard(page_as: PageAs, people: People, tmp_path: Path) -> None:
    page = page_as(people.owner, "/import")
    choose(page, table(tmp_path, "客户名称", ("First Works",)))
    page.locator("input[type=file]").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("radio", name="Skip")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.get_by_role("radio", name="Fill what is empty")).to_be_checked()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Reading the file")).to_be_visible()
    work_off()
    page.get_by_role("button", name="Bring 1 record in").press("Enter")
    expect(page.get_by_text("Coming in")).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"viewport": {"width": 1024, "height": 800}, "color_scheme": "dark"},
        {"viewport": {"width": 390, "height": 844}, "has_touch": True},
        {"viewport": {"width": 390, "height": 844}, "color_scheme": "dark"},
    ],
    ids=["desk", "tablet-dark", "phone", "phone-dark"],
)
def test_axe_finds_nothing(
    app: Flask, context_as: ContextAs, people: People, tmp_path: Path, options: dict[str, Any]
) -> None:
    long = table(
        tmp_path, "客户名称 备注", ("纸鹤" * 90, "x" * 300), ("", "y" * 300), name="纸鹤" * 35 + ".csv"
    )
    found = [
        tried(workbook(tmp_path), by=people.admin, owners="match"),
        tried(long, by=people.admin),
        confirmed(tried(workbook(tmp_path), by=people.admin)),
        brought(table(tmp_path, "客户名称", ("First Works",), ("",)), by=people.admin),
    ]
    page = context_as(people.admin, bypass_csp=True, **options).new_page()
    faults = {}
    for path in ("/import", *(f"/import/{each.id}?fate=all" for each in found)):
        page.goto(path)
        for summary in page.locator("summary").all():
            summary.click()
        faults[path] = [each["id"] for each in Axe().run(page).response["violations"]]
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            faults[path].append("scrolls sideways")
    assert {path: faults_there for path, faults_there in faults.items() if faults_there} == {}


def test_a_strange_file_is_matched_by_hand_and_remembered(
    page_as: PageAs, people: People, tmp_path: Path
) -> None:
    """Somebody who reads no documentation: columns, a word, a name and a row are said on the page alone."""
    page = page_as(people.supervisor)
    rows = [
        ("甲一工厂", "小程", "搁置", "12万"),
        ("乙二贸易", "小程", "有意向", "8万"),
        ("丙三食品", "小程", "搁置", "1万"),
    ]
    path = table(tmp_path, "公司叫啥 谁跟 到哪步了 值多少", *rows)
    page.goto("/import")
    choose(page, path)
    try_out(page)
    work_off()
    expect(page.get_by_text("no column holds this yet: Customer")).to_be_visible()

    page.get_by_label("What its rows are about").select_option("Deals")
    held = {
        "公司叫啥": "customer.name",
        "谁跟": "deal.owner",
        "到哪步了": "deal.stage",
        "值多少": "deal.amount",
    }
    for column, field in held.items():
        page.get_by_label(f"{column} holds").select_option(field)
    page.get_by_role("button", name="Try it out anew").first.click()
    work_off()
    page.get_by_label("搁置 means").select_option("Lead")
    page.get_by_label("小程 is").select_option(people.owner.name)
    page.get_by_role("button", name="Try it out anew").first.click()
    work_off()

    page.get_by_role("link", name="New 3").click()
    expect(page.get_by_role("link", name="New 3")).to_have_attribute("aria-current", "true")
    page.get_by_label("Row 4 instead").select_option("Leave out")
    page.get_by_role("button", name="Bring 6 records in").click()
    work_off()
    expect(page.get_by_role("button", name="Bring 4 records in")).to_be_visible()
    page.get_by_role("button", name="Bring 4 records in").click()
    work_off()
    expect(page.get_by_text("4 records came in")).to_be_visible()

    page.goto("/import")
    choose(page, table(tmp_path, "公司叫啥 谁跟 到哪步了 值多少", ("戊五货运", "小程", "搁置", "3万")))
    try_out(page)
    work_off()
    expect(page.get_by_text(f"by {people.supervisor.name}.")).to_be_visible()
    expect(page.get_by_role("button", name="Bring 2 records in")).to_be_visible()
