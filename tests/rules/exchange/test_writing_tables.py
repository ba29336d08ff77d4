"""Tables out and in again: what is text stays text, what is a figure or a day stays one."""

from __future__ import annotations

import json
import zipfile
from datetime import date, datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest

from salesboard.exchange.escaping import escaped, unescaped
from salesboard.exchange.export_csv import GB18030, UTF8, write_csv
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, breadth
from salesboard.exchange.export_xlsx import LONGEST_CELL, fitting, write_xlsx
from salesboard.exchange.reading import Cell, open_book
from salesboard.exchange.values import trimmed
from tests import naughty
from tests.rules.exchange.making import GIVEN

CALCULATING = (
    "=1+1",
    "+86 138 0000 0000",
    "-5",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    " =1+1",
    "＝1+1",
    "'=1+1",
    "''@x",
    "=cmd|' /C calc'!A0",
    '=HYPERLINK("http://a.example/?x="&A1,"click")',
)
PLAIN = ("'", "it's", "'quoted'", "1-2", "a=b", "mail@example.com")


def payloads() -> list[str]:
    """The given collections as well, where they are here."""
    strings = GIVEN / "nasty" / "strings"
    if not strings.exists():
        return []
    told = json.loads((strings / "blns.json").read_text("utf-8"))
    return [*told, *(strings / "csv_injection_payloads.txt").read_text("utf-8").splitlines()]


def texts() -> list[str]:
    """As the database holds them: trimmed, with one kind of line end."""
    told = [*CALCULATING, *PLAIN, *naughty.MARKUP, *naughty.QUESTIONS, *naughty.STRANGE, *payloads()]
    kept = (trimmed(text.replace("\0", "")) for text in told)
    return [text for text in dict.fromkeys(kept) if text.strip()]


def of_texts(lines: list[str]) -> OutTable:
    return OutTable("Texts", (OutColumn("No.", Type.WHOLE), OutColumn("Text")), list(enumerate(lines)))


def written_xlsx(folder: Path, *tables: OutTable) -> Path:
    path = folder / "out.xlsx"
    write_xlsx(tables, path, folder)
    return path


def written_csv(folder: Path, table: OutTable, encoding: str = UTF8) -> Path:
    content = BytesIO()
    write_csv(table, content, encoding)
    path = folder / "out.csv"
    path.write_bytes(content.getvalue())
    return path


def read(path: Path) -> list[tuple[Cell, ...]]:
    return [row.cells for row in open_book(path).sheets[0].rows()]


@pytest.mark.parametrize("text", CALCULATING)
def test_what_calculates_begins_with_an_apostrophe(text: str) -> None:
    assert escaped(text) == f"'{text}"


@pytest.mark.parametrize("text", [*CALCULATING, *PLAIN])
def test_the_apostrophe_comes_off_again(text: str) -> None:
    assert unescaped(escaped(text)) == text


@pytest.mark.parametrize("text", PLAIN)
def test_other_text_is_left_as_it_is(text: str) -> None:
    assert escaped(text) == unescaped(text) == text


def test_every_text_comes_back_from_a_workbook_as_it_was(tmp_path: Path) -> None:
    path = written_xlsx(tmp_path, of_texts(texts()))

    assert [cells[1] for cells in read(path)[1:]] == texts()
    with zipfile.ZipFile(path) as parts:
        markup = parts.read("xl/worksheets/sheet1.xml").decode()
        assert "<f>" not in markup
        assert "hyperlink" not in markup
        assert not any("_rels/sheet" in name for name in parts.namelist())


@pytest.mark.parametrize("encoding", [UTF8, GB18030])
def test_every_text_comes_back_from_a_csv_as_it_was(tmp_path: Path, encoding: str) -> None:
    path = written_csv(tmp_path, of_texts(texts()), encoding)

    assert [cells[1] for cells in read(path)[1:]] == texts()


def test_text_like_a_workbooks_own_markup_stays_text(tmp_path: Path) -> None:
    markup = "<r><t>rich</t></r>"

    assert read(written_xlsx(tmp_path, of_texts([markup])))[1][1] == markup


def test_no_csv_cell_begins_with_a_sign_of_calculation(tmp_path: Path) -> None:
    lines = written_csv(tmp_path, of_texts(list(CALCULATING))).read_text("utf-8-sig").split("\n")

    cells = [line.partition(",")[2].lstrip('"') for line in lines[1:] if "," in line]
    assert cells
    assert not [cell for cell in cells if cell.lstrip()[:1] in "=+-@＝"]


def test_figures_and_days_are_typed(tmp_path: Path) -> None:
    columns = (
        OutColumn("Name"),
        OutColumn("Staff", Type.WHOLE),
        OutColumn("Sum", Type.AMOUNT),
        OutColumn("Chance", Type.SHARE),
        OutColumn("On", Type.DAY),
        OutColumn("At", Type.MOMENT),
    )
    line: Line = ("13800000000", 12, Decimal("1234.50"), 20, date(2026, 5, 31), datetime(2026, 5, 31, 9, 5))  # noqa: DTZ001
    table = OutTable("Types", columns, [line, (None,) * 6])

    assert read(written_xlsx(tmp_path, table))[1] == (
        "13800000000",
        12,
        1234.5,
        0.2,
        date(2026, 5, 31),
        datetime(2026, 5, 31, 9, 5),  # noqa: DTZ001
    )
    assert read(written_csv(tmp_path, table))[1] == (
        "13800000000",
        "12",
        "1234.50",
        "20%",
        "2026-05-31",
        "2026-05-31 09:05",
    )


def test_title_heads_and_foot_stand_where_they_belong(tmp_path: Path) -> None:
    rows = [("a",), ("b",)]
    table = OutTable("Sheet", (OutColumn("Name"), OutColumn("More")), [(*row, None) for row in rows], "Title")
    table = OutTable(table.name, table.columns, table.rows, table.title, foot=lambda: ("Total", "2"))

    for path in (written_xlsx(tmp_path, table), written_csv(tmp_path, table)):
        assert [cells[0] for cells in read(path)] == ["Title", "Name", "a", "b", "Total"]


def test_a_sheet_that_is_full_goes_on_in_the_next(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("salesboard.exchange.export_xlsx.EXCEL_ROWS", 13)
    names = [f"row {n}" for n in range(25)]
    table = OutTable("A" * 40, (OutColumn("Name"),), [(name,) for name in names])

    book = open_book(written_xlsx(tmp_path, table))
    assert [row.cells[0] for sheet in book.sheets for row in sheet.rows() if row.number > 1] == names
    assert len({sheet.name for sheet in book.sheets}) == len(book.sheets) == 3


def test_a_text_longer_than_a_cell_shows_that_it_goes_on() -> None:
    assert fitting("x" * LONGEST_CELL) == "x" * LONGEST_CELL
    assert fitting("x" * (LONGEST_CELL + 1)) == "x" * (LONGEST_CELL - 1) + "…"
    assert len(fitting("👍" * LONGEST_CELL).encode("utf-16-le")) // 2 <= LONGEST_CELL


def test_what_an_encoding_lacks_is_seen_to_be_missing(tmp_path: Path) -> None:
    path = written_csv(tmp_path, of_texts(["half \ud800 sign"]), GB18030)

    assert "half □ sign" in path.read_bytes().decode("gb18030")


def test_a_chinese_letter_is_as_broad_as_two_figures() -> None:
    assert (breadth("客户"), breadth("ab"), breadth("a\n客户名称")) == (4, 2, 8)
