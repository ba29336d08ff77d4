"""What opens, and what its rows are numbered and filled like."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
import xlsxwriter

from salesboard.exchange.reading import Book, FileKind, open_book
from tests.rules.exchange.making import (
    GIVEN,
    SAMPLES,
    csv_file,
    needs_given,
    ods_cell,
    ods_file,
    ods_row,
    table_file,
    xlsx_file,
)

TABLE = "客户名称,金额\n青石滩建材有限公司,31万\n"


def cells(book: Book) -> list[tuple[object, ...]]:
    (sheet,) = book.sheets
    return [row.cells for row in sheet.rows()]


def test_an_xlsx_gives_whole_numbers_dates_and_empty_cells_as_such(tmp_path: Path) -> None:
    path = xlsx_file(
        tmp_path, {"客户": [["电话", "日期", "空"], [13800000001, date(2024, 5, 1), None, 0.25, True]]}
    )
    book = open_book(path)
    (sheet,) = book.sheets
    assert (book.kind, sheet.name) == (FileKind.XLSX, "客户")
    assert [row.cells for row in sheet.rows()] == [
        ("电话", "日期", "空", None, None),
        (13800000001, date(2024, 5, 1), None, 0.25, True),
    ]


def test_an_xls_opens() -> None:
    book = open_book(SAMPLES / "customers.xls")
    assert book.kind is FileKind.XLS
    assert cells(book)[1] == ("青石滩建材有限公司", 13800000001, date(2024, 5, 1))


def test_an_ods_opens_though_its_last_empty_row_repeats_a_million_times(tmp_path: Path) -> None:
    empty = '<table:table-cell table:number-columns-repeated="16384"/>'
    rows = ods_row(ods_cell("客户名称")) + ods_row(empty, traits=' table:number-rows-repeated="1048575"')
    book = open_book(ods_file(tmp_path, rows))
    assert book.kind is FileKind.ODS
    assert cells(book) == [("客户名称",)]


def test_a_sheet_can_be_gone_through_again(tmp_path: Path) -> None:
    for path in (csv_file(tmp_path, TABLE), xlsx_file(tmp_path, {"S": [["a"], ["b"]]})):
        (sheet,) = open_book(path).sheets
        assert list(sheet.rows()) == list(sheet.rows())


def test_rows_are_numbered_as_the_spreadsheet_program_shows_them(tmp_path: Path) -> None:
    book = open_book(xlsx_file(tmp_path, {"S": [[], ["title"], [], ["head", "head"], ["x", "y"]]}))
    (sheet,) = book.sheets
    assert [(row.number, row.is_blank) for row in sheet.rows()] == [
        (1, True),
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]


def test_a_quoted_line_break_begins_no_row_and_a_blank_line_is_one(tmp_path: Path) -> None:
    book = open_book(csv_file(tmp_path, 'a,b\n"one\ntwo",2\n\nthree,4\n'))
    (sheet,) = book.sheets
    assert [(row.number, row.cells) for row in sheet.rows()] == [
        (1, ("a", "b")),
        (2, ("one\ntwo", "2")),
        (3, ()),
        (4, ("three", "4")),
    ]


def test_hidden_sheets_are_known_as_such_and_chart_sheets_are_left_out(tmp_path: Path) -> None:
    book = open_book(xlsx_file(tmp_path, {"shown": [["a"]], "kept": [["b"]]}, hidden=["kept"]))
    assert [(sheet.name, sheet.is_hidden) for sheet in book.sheets] == [("shown", False), ("kept", True)]


def test_a_sheet_is_found_by_name_whatever_its_case(tmp_path: Path) -> None:
    book = open_book(xlsx_file(tmp_path, {"Deals 2024": [["a"]]}))
    assert book.sheet(" deals 2024").name == "Deals 2024"


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("gb18030", "gb18030"),
        ("gbk", "gb18030"),
        ("utf-16", "utf-16-le"),
        ("utf-32", "utf-32-le"),
    ],
)
def test_the_encoding_is_found(tmp_path: Path, encoding: str, found: str) -> None:
    book = open_book(csv_file(tmp_path, TABLE, encoding=encoding))
    assert book.encoding == found
    assert cells(book) == [("客户名称", "金额"), ("青石滩建材有限公司", "31万")]


def test_big_endian_marks_are_known_too(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    for mark, encoding in ((b"\xfe\xff", "utf-16-be"), (b"\0\0\xfe\xff", "utf-32-be")):
        path.write_bytes(mark + TABLE.encode(encoding))
        assert cells(open_book(path))[0] == ("客户名称", "金额")


@pytest.mark.parametrize(
    "text",
    [
        "客戶名稱,金額\n青石灘建材,31萬\n",
        "客戶名稱,銷售階段\n台北股份有限公司,意向\n",
        "姓名,電話\n陳大文,0912-345-678\n",
    ],
)
@pytest.mark.parametrize(
    ("encoding", "found"), [("big5", "cp950"), ("gb18030", "gb18030"), ("utf-8", "utf-8")]
)
def test_traditional_text_is_told_from_what_it_would_be_in_the_other_encoding(
    tmp_path: Path, text: str, encoding: str, found: str
) -> None:
    book = open_book(csv_file(tmp_path, text, encoding=encoding))
    assert (book.encoding, "\n".join(",".join(map(str, row)) for row in cells(book)) + "\n") == (found, text)


def test_short_simplified_text_is_not_taken_for_traditional(tmp_path: Path) -> None:
    for text in ("客户,阶段\n甲,意向\n", "姓名\n王\n", "客户名称,备注\n上海建工,客户要求年底前交付\n"):
        assert open_book(csv_file(tmp_path, text, encoding="gbk")).encoding == "gb18030", text


def test_a_cell_merged_downwards_says_the_same_in_each_of_its_rows(tmp_path: Path) -> None:
    path = tmp_path / "merged.xlsx"
    with xlsxwriter.Workbook(path) as book:
        sheet = book.add_worksheet("S")
        sheet.write_row(0, 0, ["客户", "内容"])
        sheet.merge_range(1, 0, 2, 0, "甲")
        sheet.write(1, 1, "一")
        sheet.write(2, 1, "二")
        sheet.write_row(3, 0, ["乙", "三"])
    rows = list(open_book(path).sheets[0].rows())
    assert [row.cells for row in rows[1:]] == [("甲", "一"), ("甲", "二"), ("乙", "三")]
    assert [row.merged for row in rows[1:]] == [frozenset(), frozenset({0}), frozenset()]


def test_the_persons_choice_of_encoding_stands_above_what_was_found(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "Name,Town\nJosé,Málaga\n", encoding="cp1252")
    assert cells(open_book(path, encoding="cp1252"))[1] == ("José", "Málaga")


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found(tmp_path: Path, separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (["name", "note"], ["a", "b, c"], ["d", "e"]))
    book = open_book(csv_file(tmp_path, text.replace("b, c", '"b, c"'), name="table.tsv"))
    assert book.separator == separator
    assert cells(book)[1] == ("a", "b, c")


def test_decimal_commas_do_not_pass_for_separators(tmp_path: Path) -> None:
    book = open_book(csv_file(tmp_path, "name;amount\na;1,5\nb;2,5\n"))
    assert cells(book)[1] == ("a", "1,5")


def test_the_line_that_tells_excel_its_separator_is_no_row(tmp_path: Path) -> None:
    book = open_book(csv_file(tmp_path, "sep=;\r\nname;amount\r\na;1\r\n"))
    assert (book.separator, cells(book)) == (";", [("name", "amount"), ("a", "1")])


def test_a_text_file_is_one_sheet_called_after_it(tmp_path: Path) -> None:
    path = table_file(tmp_path, [["a"]], name="7f3a")
    (sheet,) = open_book(path, "客户进度管理表.csv").sheets
    assert sheet.name == "客户进度管理表"


@needs_given
@pytest.mark.parametrize(
    "path", sorted(GIVEN.glob("nasty/encodings_dataloader/csvtext*.csv")), ids=lambda p: p.stem
)
def test_one_table_in_many_encodings_reads_the_same(path: Path) -> None:
    rows = cells(open_book(path))
    assert rows[0] == ("column1", "column2", "column3")
    assert rows[1:] == [(f"row{n}-1", f"row{n}-2", f"row{n}-3") for n in range(1, len(rows))]


@needs_given
@pytest.mark.parametrize("path", sorted(GIVEN.glob("nasty/encodings_dataloader/*.csv")), ids=lambda p: p.stem)
def test_each_nasty_table_opens_whole(path: Path) -> None:
    assert len(cells(open_book(path))) >= 1
