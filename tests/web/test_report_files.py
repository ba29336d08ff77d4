"""A report taken out: the workbook with its charts and typed cells, the figures as CSV, the numbers as JSON."""

from __future__ import annotations

import csv
import shutil
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from openpyxl import Workbook, load_workbook

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from tests.browsing import Browser
from tests.domain.insight.course import Course
from tests.standing import People, make_customer

NOW = datetime(2026, 4, 2, 1, tzinfo=UTC)
ClientAs = Callable[..., Browser]
RUN = "=SUM(A1:A9)"


@pytest.fixture(autouse=True)
def _at_a_standstill(freeze) -> None:
    freeze(NOW)


@pytest.fixture
def quarter(app: Flask, people: People) -> None:
    """A signed and a lost deal of a customer whose name looks like a formula, and an open one."""
    customer = make_customer(people.owner, RUN, industry="=2+3")
    Course(people.owner, "2026-01-05", customer=customer).to(Stage.INTENT, "2026-01-20").to(
        Stage.WON, "2026-02-04", contract="123456.78"
    )
    Course(people.owner, "2026-01-05", customer=customer).lose("2026-02-10")
    Course(people.owner, "2026-03-05")


def made(by: User) -> int:
    with acting_as_system("a test asks"), writing():
        report_id = Report.request(Period.parse("2026Q1"), Scope(person=by), by=by, now=clock.now()).id
    for work_id in outbox.due(clock.now()):
        perform(work_id)
    return report_id


def content(browser: Browser, report_id: int, form: str) -> bytes:
    return browser.get(f"/reports/{report_id}/files/{form}").get_data()


def book(browser: Browser, report_id: int) -> Workbook:
    return load_workbook(BytesIO(content(browser, report_id, "xlsx")))


def cells(sheet: Any) -> list[Any]:
    return [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]


def test_the_workbook_has_the_five_sheets_with_their_own_heads(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    sheets = book(client_as(people.owner), made(people.owner))

    assert sheets.sheetnames[1:] == [
        "销售过程跟踪记录表",
        "客户进度管理表",
        "销售客户管理绩效表",
        "客户基本信息",
    ]
    heads = [cell.value for cell in sheets["客户进度管理表"][2]]
    assert heads == ["客户名称", "销售阶段", "跟进日期", "客户反馈", "销售机会"]
    assert [sheet.freeze_panes for sheet in sheets] == ["B6", "A3", "A3", "A3", "A3"]


def test_charts_are_drawn_by_the_program_and_say_what_they_show(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    charts = book(client_as(people.owner), made(people.owner)).worksheets[0]._charts

    kinds = [type(chart).__name__ for chart in charts]
    assert kinds == ["BarChart", "LineChart", "BarChart", "BarChart", "PieChart", "PieChart"]
    titles = ["".join(run.t for run in chart.title.tx.rich.p[0].r) for chart in charts]
    assert titles[2] == "Olive Owner signed most: 100% of all"


def test_cells_are_what_they_hold_and_never_a_formula(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    sheets = book(client_as(people.owner), made(people.owner))

    figures = {row[0].value: row[1] for row in sheets.worksheets[0].iter_rows(min_row=6, max_row=30)}
    amount, rate = figures["Signed amount"], figures["Win rate"]
    assert (amount.value, amount.number_format) == (123456.78, "#,##0.00")
    assert (rate.value, rate.number_format) == (0.5, "0.0%")
    assert any(cell.is_date for cell in cells(sheets["销售过程跟踪记录表"]))
    named = [cell for sheet in sheets for cell in cells(sheet) if cell.value == RUN]
    assert named
    assert {cell.data_type for sheet in sheets for cell in cells(sheet)} <= {"s", "n", "d", "inlineStr"}


def test_what_changes_afterwards_is_not_in_it(people: People, client_as: ClientAs, quarter: None) -> None:
    browser, report_id = client_as(people.owner), made(people.owner)
    before = [cell.value for cell in cells(book(browser, report_id)["销售客户管理绩效表"])]
    with acting_as_system("a test changes"), writing():
        for deal in db.session.scalars(db.select(Deal)):
            deal.name, deal.amount = "renamed", 1

    assert [cell.value for cell in cells(book(browser, report_id)["销售客户管理绩效表"])] == before


def test_the_csv_has_a_line_for_each_metric_and_value_of_a_cut(
    people: People, client_as: ClientAs, quarter: None
) -> None:
    sent = content(client_as(people.owner), made(people.owner), "csv")

    assert sent.startswith(b"\xef\xbb\xbf")
    lines = {tuple(line[:6]): line[6:] for line in csv.reader(sent.decode("utf-8-sig").splitlines())}
    by_owner = "signed_amount", "Signed amount", "", "Owner", people.owner.email, people.owner.name
    assert lines[by_owner][0] == "123456.78"
    assert ("win_rate", "Win rate", "", "Industry", "'=2+3", "'=2+3") in lines
    assert ("stage_conversion", "Stage conversion", "lead.onward", "", "", "") in lines


def test_the_json_is_what_the_report_keeps(people: People, client_as: ClientAs, quarter: None) -> None:
    report_id = made(people.owner)
    sent = client_as(people.owner).get(f"/reports/{report_id}/files/json").get_json()

    with acting_as_system("a test looks"):
        assert sent == db.session.get(Report, report_id).result  # type: ignore[union-attr]


def test_a_report_that_is_not_done_has_no_files(people: People, client_as: ClientAs) -> None:
    with acting_as_system("a test asks"), writing():
        by = people.owner
        waiting = Report.request(Period.parse("2026Q1"), Scope(person=by), by=by, now=clock.now()).id

    client_as(people.owner).get(f"/reports/{waiting}/files/xlsx", status=404)


@pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice (soffice) is not installed")
def test_libreoffice_opens_it(people: People, client_as: ClientAs, quarter: None, tmp_path: Path) -> None:
    (tmp_path / "report.xlsx").write_bytes(content(client_as(people.owner), made(people.owner), "xlsx"))
    home = f"-env:UserInstallation=file://{tmp_path}/home"
    ask = ["soffice", home, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path), "report.xlsx"]
    subprocess.run(ask, cwd=tmp_path, check=True, capture_output=True, timeout=120)

    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
