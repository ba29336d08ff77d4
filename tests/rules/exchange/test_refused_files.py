"""Files that are refused before a parser sees them. How quickly, and in how much memory, is measured in bench/."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import pytest

from salesboard.exchange import reading
from salesboard.exchange.limits import LIMITS
from salesboard.exchange.reading import open_book
from salesboard.exchange.reasons import FileRefused
from tests.rules.exchange.making import (
    SAMPLES,
    SHEET,
    csv_file,
    declare_smaller,
    ods_cell,
    ods_file,
    ods_row,
    one_cell,
    one_row,
    protected_xls,
    protected_xlsx,
    raw_xlsx,
    xlsx_file,
)

MEGABYTE = b" " * 2**20
ENTITIES = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.fixture(autouse=True)
def _no_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """None of these files may reach the parser, unless the test is about the parser's own refusal."""

    def reached(*_arguments: object, **_options: object) -> None:
        pytest.fail("the parser was reached")

    if "reaches_parser" not in request.fixturenames:
        monkeypatch.setattr(reading, "_worksheets", reached)


@pytest.fixture
def reaches_parser() -> None:
    """For files whose damage only the parser can see."""


def refusal(path: Path, name: str | None = None, encoding: str | None = None) -> str:
    with pytest.raises(FileRefused) as refused:
        open_book(path, name, encoding=encoding)
    return refused.value.reason.code


def test_an_empty_file(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    path.touch()
    assert refusal(path) == "empty"


def test_a_file_over_the_limit_is_not_even_read(tmp_path: Path) -> None:
    path = tmp_path / "big.csv"
    with path.open("wb") as file:
        file.truncate(LIMITS.file_bytes + 1)
    assert refusal(path) == "too_big"


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("book.xlsx", b"\x89PNG\r\n\x1a\n" + bytes(64), "not_a_table"),
        ("book.xls", b"%PDF-1.7\n", "not_a_table"),
        ("book.csv", b"\xff\xd8\xff\xe0" + bytes(64), "not_a_table"),
        ("book.xls", b"<html><table><tr><td>1</td></tr></table></html>", "web_page"),
        ("book.csv", b"\xef\xbb\xbf \n<!DOCTYPE html><html>", "web_page"),
        ("book.xls", "<html>".encode("utf-16"), "web_page"),
        ("book.xls", b'<?xml version="1.0"?><Workbook/>', "web_page"),
        ("book.xlsx", "客户名称,金额\n甲,1\n".encode(), "wrong_name"),
        ("book.xls", "客户名称,金额\n甲,1\n".encode(), "wrong_name"),
    ],
)
def test_content_that_is_not_what_the_name_says(tmp_path: Path, name: str, content: bytes, code: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    assert refusal(path) == code


@pytest.mark.parametrize("name", ["book.csv", "book.xls", "book.ods"])
def test_an_xlsx_under_another_name(tmp_path: Path, name: str) -> None:
    assert refusal(xlsx_file(tmp_path, {"S": [["a"]]}), name) == "wrong_name"


def test_an_ending_that_promises_nothing_is_no_wrong_name(tmp_path: Path) -> None:
    assert open_book(csv_file(tmp_path, "a,b\n", name="upload")).kind == "text"


@pytest.mark.parametrize("part", [0.05, 0.5, 0.95])
def test_a_workbook_cut_off(tmp_path: Path, part: float) -> None:
    for whole in (xlsx_file(tmp_path, {"S": [["a"] * 20] * 50}), SAMPLES / "customers.xls"):
        path = tmp_path / f"cut{whole.suffix}"
        path.write_bytes(whole.read_bytes()[: int(whole.stat().st_size * part)])
        assert refusal(path) == "broken"


def test_damage_that_only_the_parser_sees(tmp_path: Path, reaches_parser: None) -> None:
    path = raw_xlsx(tmp_path, one_row(one_cell("A1")))
    with zipfile.ZipFile(path) as old, zipfile.ZipFile(tmp_path / "bad.xlsx", "w") as new:
        for part in old.infolist():
            content = b"<workbook/>" if part.filename.endswith("workbook.xml.rels") else old.read(part)
            new.writestr(part.filename, content)
    assert refusal(tmp_path / "bad.xlsx") == "broken"


def test_protected_workbooks(tmp_path: Path) -> None:
    assert refusal(protected_xls(tmp_path)) == "protected"
    assert refusal(protected_xlsx(tmp_path)) == "protected"
    locked = "<manifest:file-entry><manifest:encryption-data/></manifest:file-entry>"
    assert refusal(ods_file(tmp_path, ods_row(), manifest=locked)) == "protected"


def test_a_compound_file_of_another_program(tmp_path: Path) -> None:
    path = tmp_path / "letter.xls"
    sample = (SAMPLES / "customers.xls").read_bytes()
    path.write_bytes(sample.replace("Workbook".encode("utf-16-le"), "WordText".encode("utf-16-le")))
    assert refusal(path) == "not_a_table"


@pytest.mark.parametrize(
    ("part", "code"),
    [
        ("xl/workbook.bin", "other_workbook"),
        ("word/document.xml", "not_a_table"),
        ("letter.txt", "not_a_table"),
    ],
)
def test_a_zip_archive_of_something_else(tmp_path: Path, part: str, code: str) -> None:
    path = tmp_path / "book.xlsx"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(part, "x")
    assert refusal(path) == code


def test_a_zip_bomb_by_what_it_declares(tmp_path: Path) -> None:
    assert refusal(raw_xlsx(tmp_path, (MEGABYTE for _ in range(201)))) == "unpacks_too_big"


def test_a_zip_bomb_by_its_ratio(tmp_path: Path) -> None:
    assert refusal(raw_xlsx(tmp_path, (MEGABYTE for _ in range(9)))) == "unpacks_too_big"


def test_a_zip_bomb_that_declares_to_be_small(tmp_path: Path) -> None:
    path = raw_xlsx(tmp_path, (b"<worksheet>", *(MEGABYTE for _ in range(9)), b"</worksheet>"))
    assert refusal(declare_smaller(path, "xl/worksheets/sheet1.xml", 100)) == "packed_falsely"


def test_an_archive_of_too_many_parts(tmp_path: Path) -> None:
    parts = {f"xl/{n}.bin": "" for n in range(LIMITS.parts)}
    assert refusal(raw_xlsx(tmp_path, one_row(one_cell("A1")), parts=parts)) == "too_many_parts"


def test_an_entity_bomb(tmp_path: Path) -> None:
    cell = '<c r="A1" t="inlineStr"><is><t>&b;</t></is></c>'
    assert refusal(raw_xlsx(tmp_path, ENTITIES + one_row(cell))) == "has_dtd"


def test_an_entity_bomb_in_any_part_and_any_encoding(tmp_path: Path) -> None:
    part = {"xl/sharedStrings.xml": ENTITIES + "<sst/>"}
    assert refusal(raw_xlsx(tmp_path, one_row(one_cell("A1")), parts=part)) == "has_dtd"
    markup = ('<?xml version="1.0" encoding="utf-16"?>' + ENTITIES + "<worksheet/>").encode("utf-16")
    assert refusal(raw_xlsx(tmp_path, [markup])) == "has_dtd"


@pytest.mark.parametrize(
    ("sheet", "code"),
    [
        (one_row(one_cell("A1048577"), number=1_048_577), "beyond_excel"),
        (one_row(one_cell("A100001")), "too_many_rows"),
        (one_row('<c x=">" r="A1048576"><v>1</v></c>'), "too_many_rows"),
        (one_row("<c><v>1</v></c>", number=1_048_576), "too_many_rows"),
        (one_row(one_cell("XFD1")), "too_many_columns"),
        (one_row(one_cell("A1"), *["<c><v>1</v></c>"] * 1_000), "too_many_columns"),
        (one_row(one_cell("A1"), one_cell("ALK99999")), "too_many_cells"),
        (one_row(one_cell("A0"), one_cell("?1")), "broken"),
        (one_row(one_cell("A99999999999999999999")), "beyond_excel"),
        (f'{SHEET}<dimension ref="A1:XFD1048576"/><sheetData/></worksheet>', "nothing_in_it"),
        (one_row('<c r="XFD1048576" s="1"/>', number=1_048_576), "nothing_in_it"),
    ],
    ids=lambda value: value[-60:] if len(value) > 60 else value,
)
def test_a_sheet_that_reaches_too_far(tmp_path: Path, sheet: str, code: str) -> None:
    assert refusal(raw_xlsx(tmp_path, sheet)) == code


@pytest.mark.parametrize(
    ("rows", "code"),
    [
        (ods_row(ods_cell("x"), traits=' table:number-rows-repeated="1048576"'), "too_many_rows"),
        (ods_row(ods_cell("x", ' table:number-columns-repeated="16384"')), "too_many_columns"),
        (
            ods_row(ods_cell("x"))
            + ods_row(traits=' table:number-rows-repeated="200000"')
            + ods_row(ods_cell("y")),
            "too_many_rows",
        ),
        (ods_row(ods_cell("x"), traits=' table:number-rows-repeated="many"'), "broken"),
        (ods_row(), "nothing_in_it"),
    ],
)
def test_an_ods_that_repeats_itself_too_often(tmp_path: Path, rows: str, code: str) -> None:
    assert refusal(ods_file(tmp_path, rows)) == code


def test_an_xls_whose_corners_lie_too_far_apart() -> None:
    assert refusal(SAMPLES / "far_corner.xls") == "too_many_cells"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("客户名称\n" + "甲\n" * LIMITS.rows, "too_many_rows"),
        (",".join("a" * (LIMITS.columns + 1)) + "\n", "too_many_columns"),
        ("客户名称,金额\n甲\0乙,1\n", "not_text"),
        ('客户名称,金额\n"甲,1\n乙,2\n', "open_quote"),
        ('客户名称,金额\n"甲,1\n' + "乙,2\n" * 50_000, "open_quote"),
        ("\n\n , \n", "nothing_in_it"),
    ],
    ids=["rows", "columns", "zero character", "open quote", "open quote far from its end", "blank"],
)
def test_text_that_cannot_be_a_table(tmp_path: Path, text: str, code: str) -> None:
    assert refusal(csv_file(tmp_path, text)) == code


def test_bytes_that_are_text_in_no_encoding(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(b"\x81\x20\xff\xfe" * 10)
    assert refusal(path) == "not_text"


def test_a_chosen_encoding_that_does_not_fit_or_does_not_exist(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "客户名称\n甲\n", encoding="gb18030")
    assert refusal(path, encoding="utf-8") == "wrong_encoding"
    for name in ("no-such", "base64", "x\0y"):
        assert refusal(path, encoding=name) == "unknown_encoding"


def test_a_limit_can_be_set_lower(tmp_path: Path) -> None:
    with pytest.raises(FileRefused):
        open_book(csv_file(tmp_path, "a\nb\nc\n"), limits=replace(LIMITS, rows=2))


def test_a_sheet_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    book = open_book(csv_file(tmp_path, "a,b\n", name="deals.csv"))
    with pytest.raises(FileRefused) as refused:
        book.sheet("customers")
    assert refused.value.reason.params == {"sheet": "customers", "sheets": "deals"}
