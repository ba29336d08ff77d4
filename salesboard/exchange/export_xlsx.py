"""Tables as a workbook: typed cells, text that is never a formula or a link, no more than some lines in memory."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import chain, islice
from pathlib import Path
from typing import IO, Any

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, Value, breadth
from salesboard.exchange.limits import EXCEL_ROWS

_UNFIT = re.compile(r"[\[\]:*?/\\\x00-\x1f]")
LONGEST_SHEET_NAME = 31
LONGEST_CELL = 32_767
"""In the halves of signs that Excel counts: an emoji is two."""
_LOOKED_AT = 100
"""Lines by which the breadth of a column is judged."""
_NARROWEST, _BROADEST = 6, 50
_STYLES: dict[Type, dict[str, str]] = {
    Type.TEXT: {},
    Type.WHOLE: {"num_format": "#,##0"},
    Type.NUMBER: {},
    Type.AMOUNT: {"num_format": "#,##0.00"},
    Type.SHARE: {"num_format": "0%"},
    Type.DAY: {"num_format": "yyyy-mm-dd", "align": "left"},
    Type.MOMENT: {"num_format": "yyyy-mm-dd hh:mm", "align": "left"},
}
_OF_FIGURES = (Type.WHOLE, Type.NUMBER, Type.AMOUNT, Type.SHARE)
_USUAL_BREADTH = {
    Type.WHOLE: 9,
    Type.NUMBER: 9,
    Type.AMOUNT: 14,
    Type.SHARE: 7,
    Type.DAY: 11,
    Type.MOMENT: 17,
}
_TITLE_POINTS = 20
"""How high a line of the title is; its letters take half as much room again as those of cells."""
_COLUMNS_ON_PAPER = 15
"""More columns than these are not made to fit on a page: nobody could read them."""


class PlainSheet(Worksheet):
    """A sheet on which text stays text: without this, one that looks like XlsxWriter's own markup would become it."""

    def _xml_rich_inline_string(self, string: str, attributes: Any) -> None:
        self._xml_inline_string(string, True, attributes)


def open_workbook(target: Path | IO[bytes], folder: Path | None = None) -> xlsxwriter.Workbook:
    """A workbook that keeps one line in memory and the rest in `folder`; rows have to come in order."""
    options: dict[str, Any] = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    if folder is not None:
        options["tmpdir"] = str(folder)
    return xlsxwriter.Workbook(target, options)


def write_xlsx(tables: Iterable[OutTable], target: Path | IO[bytes], folder: Path | None = None) -> None:
    """Writes one sheet for each table; one that is longer than a sheet goes on in the next."""
    with open_workbook(target, folder) as book:
        add_sheets(book, tables, SheetNames())


def add_sheets(book: xlsxwriter.Workbook, tables: Iterable[OutTable], names: SheetNames) -> None:
    """Adds them to a workbook in the same way."""
    styles = {kind: book.add_format(style) for kind, style in _STYLES.items()}
    heading = {kind: book.add_format(_style_of_head(kind)) for kind in Type}
    title = book.add_format({"bold": True, "font_size": 14, "text_wrap": True})
    for table in tables:
        lines, sample = _looked_ahead(table.rows)
        while True:
            sheet = book.add_worksheet(names.take(table.name), worksheet_class=PlainSheet)
            row = _write_head(sheet, table, sample, heading, title)
            for line in islice(lines, EXCEL_ROWS - 3):
                _write_line(sheet, row, line, table.columns, styles)
                row += 1
            lines, sample = _looked_ahead(lines)
            if not sample:
                break
        if table.foot is not None:
            _write_line(sheet, row, table.foot(), table.columns, styles)


def _looked_ahead(rows: Iterable[Line]) -> tuple[Iterator[Line], list[Line]]:
    """All the rows, and the first of them."""
    lines = iter(rows)
    first = list(islice(lines, _LOOKED_AT))
    return chain(first, lines), first


class SheetNames:
    """Names as a workbook allows them: short, without its signs for places, no two alike."""

    def __init__(self) -> None:
        self._taken: set[str] = set()

    def take(self, name: str) -> str:
        plain = _UNFIT.sub(" ", name).strip(" '") or "-"
        short = plain[: LONGEST_SHEET_NAME - 4]
        tries = (plain[:LONGEST_SHEET_NAME], *(f"{short} {n}" for n in range(2, 1000)))
        fit = next(each for each in tries if each.lower() not in self._taken)
        self._taken.add(fit.lower())
        return fit


def write_text(sheet: Worksheet, row: int, column: int, text: str, style: Any = None) -> None:
    """A cell of text, whatever it begins with, as much of it as a cell holds."""
    sheet.write_string(row, column, fitting(text), style)


def fitting(text: str) -> str:
    """The text, or its beginning with a sign that something is missing."""
    if len(text) * 2 <= LONGEST_CELL or len(text.encode("utf-16-le", "replace")) // 2 <= LONGEST_CELL:
        return text
    kept = text.encode("utf-16-le", "replace")[: (LONGEST_CELL - 1) * 2]
    return kept.decode("utf-16-le", "ignore") + "…"


def _style_of_head(kind: Type) -> dict[str, object]:
    """A head stands over its cells: figures to the right."""
    return {"bold": True, "bottom": 1, "align": "right" if kind in _OF_FIGURES else "left"}


def _write_head(
    sheet: Worksheet, table: OutTable, sample: Sequence[Line], heading: dict[Type, Any], title: Any
) -> int:
    """The number of the first row below the heads."""
    rooms = [
        _room_for(column, [line[index] for line in sample]) for index, column in enumerate(table.columns)
    ]
    for index, room in enumerate(rooms):
        sheet.set_column(index, index, room)
    row = 0
    if table.title:
        sheet.set_row(0, _TITLE_POINTS * -(-breadth(table.title) * 3 // (2 * sum(rooms))))
        sheet.merge_range(0, 0, 0, len(table.columns) - 1, table.title, title)
        row = 1
    for index, column in enumerate(table.columns):
        write_text(sheet, row, index, column.head, heading[column.type])
    sheet.freeze_panes(row + 1, 0)
    sheet.repeat_rows(row)
    sheet.set_landscape()
    if len(table.columns) <= _COLUMNS_ON_PAPER:
        sheet.fit_to_pages(1, 0)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{EXCEL_ROWS}"})
    return row + 1


def _room_for(column: OutColumn, values: Iterable[Value]) -> int:
    said = (breadth(value) for value in values if isinstance(value, str))
    needed = max(breadth(column.head), _USUAL_BREADTH.get(column.type, 0), *said, 0)
    return min(max(needed, _NARROWEST), _BROADEST) + 2


def _write_line(
    sheet: Worksheet, row: int, line: Line, columns: Sequence[OutColumn], styles: dict[Type, Any]
) -> None:
    for index, (value, column) in enumerate(zip(line, columns, strict=True)):
        if value is None or value == "":
            continue
        if isinstance(value, str):
            write_text(sheet, row, index, value)
        elif isinstance(value, datetime | date):
            of_date = Type.MOMENT if isinstance(value, datetime) else Type.DAY
            style = styles[column.type if column.type in (Type.DAY, Type.MOMENT) else of_date]
            sheet.write_datetime(row, index, value, style)
        elif column.type is Type.SHARE:
            sheet.write_number(row, index, value / 100, styles[column.type])
        else:
            sheet.write_number(row, index, value, styles[column.type])
