"""The sheet 销售效果评估分析表: every figure, the charts, the findings, and what people concluded.

Rows go out one after the other, so that where a chart's numbers will stand is counted before the first is written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from salesboard.exchange.export_tables import Type, breadth
from salesboard.exchange.export_xlsx import PlainSheet, write_text
from salesboard.exchange.report_paper import Paper
from salesboard.exchange.report_pictures import Drawn, Picture, pictures
from salesboard.insight.measures import Standing
from salesboard.insight.metrics import BY_CODE, Unit
from salesboard.insight.shown import Shown, shown
from salesboard.insight.wording import METRIC_NAMES, rows_text
from salesboard.tasks.rules import TaskState

BREADTHS = (28, 15, 15, 15, 15, 16, 15, 11, 11, 11)
LAST = len(BREADTHS) - 1
WHOLE_BREADTH = sum(BREADTHS)
LINE_POINTS = 15
A4 = 9
ROWS_A_CHART = 16
CHART_SIZE = {"width": 528, "height": 308}
SECOND_CHART = 4
"""The column in which the right one of two charts begins."""
COLOURS = ("#2F6B5E", "#B9B4A7", "#C98A2D", "#6C8EAD", "#8A6A9A", "#A8563F", "#4F7942", "#9A9A9A")
_FORMATS = {
    Unit.MONEY: "#,##0.00",
    Unit.RATIO: "0.0%",
    Unit.COUNT: "#,##0",
    Unit.DAYS: "0.0",
}
_CHANGES = {
    Unit.MONEY: "+#,##0.00;-#,##0.00;0",
    Unit.RATIO: "+0.0%;-0.0%;0.0%",
    Unit.COUNT: "+#,##0;-#,##0;0",
    Unit.DAYS: "+0.0;-0.0;0.0",
}
_OF_TYPES = {
    Type.WHOLE: "#,##0",
    Type.NUMBER: "0.0",
    Type.AMOUNT: "#,##0.00",
    Type.SHARE: "0.0%",
    Type.DAY: "yyyy-mm-dd",
}


@dataclass
class _Styles:
    """The book's formats, each made once."""

    book: Workbook

    def __post_init__(self) -> None:
        self.title = self.book.add_format({"bold": True, "font_size": 16})
        self.chapter = self.book.add_format({"bold": True, "font_size": 13})
        self.quiet = self.book.add_format({"font_color": "#666666"})
        self.head = self.book.add_format({"bold": True, "bottom": 1, "text_wrap": True, "valign": "top"})
        self.head_right = self.book.add_format(
            {"bold": True, "bottom": 1, "align": "right", "text_wrap": True, "valign": "top"}
        )
        self.wrapped = self.book.add_format({"text_wrap": True, "valign": "top"})
        self.strong = self.book.add_format({"bold": True})
        self._of: dict[str, Any] = {}

    def of(self, form: str) -> Any:
        if form not in self._of:
            align = {"align": "left"} if form.startswith("yyyy") else {}
            self._of[form] = self.book.add_format({"num_format": form, **align})
        return self._of[form]


def add_effect_sheet(book: Workbook, name: str, paper: Paper) -> None:
    """Adds the sheet to the workbook; `name` is free there."""
    styles, seen = _Styles(book), shown(paper.report)
    sheet = book.add_worksheet(name, worksheet_class=PlainSheet)
    for index, wide in enumerate(BREADTHS):
        sheet.set_column(index, index, wide)
    sheet.set_paper(A4)
    sheet.fit_to_pages(1, 0)
    row = _head(sheet, styles, paper)
    row = _figures(sheet, styles, paper, row)
    drawn = [each for each in pictures(paper, seen) if each.rows]
    charts_at = row + 2
    row = _say_chapter(sheet, styles, row + 1, _("Charts"))
    row = charts_at + -(-len(drawn) // 2) * ROWS_A_CHART
    row = _findings(sheet, styles, seen, row)
    row = _conclusions(sheet, styles, paper, row)
    row = _say_chapter(sheet, styles, row + 1, _("Numbers of the charts"))
    for place, picture in enumerate(drawn):
        first = row + 2
        row = _numbers(sheet, styles, picture, row)
        chart = _chart(book, name, picture, first)
        at_row = charts_at + place // 2 * ROWS_A_CHART
        at_column, aside = (SECOND_CHART, 8) if place % 2 else (0, 0)
        sheet.insert_chart(at_row, at_column, chart, {"object_position": 2, "x_offset": aside})


def _head(sheet: Worksheet, styles: _Styles, paper: Paper) -> int:
    write_text(sheet, 0, 0, paper.title, styles.title)
    write_text(sheet, 1, 0, paper.subtitle, styles.quiet)
    write_text(sheet, 2, 0, paper.frozen, styles.quiet)
    return 4


def _figures(sheet: Worksheet, styles: _Styles, paper: Paper, row: int) -> int:
    names = paper.names
    heads = (
        _("Figure"),
        _("This period"),
        names.before,
        _("Change"),
        names.wider or "",
        _("Made of"),
        _("Numerator"),
        _("Denominator"),
        _("Likely at least"),
        _("Likely at most"),
    )
    sheet.set_row(row, LINE_POINTS * 2 + 3)
    for column, head in enumerate(heads):
        write_text(sheet, row, column, head, styles.head if column in (0, 5) else styles.head_right)
    sheet.freeze_panes(row + 1, 1)
    for code, figure in paper.result["metrics"].items():
        if code not in BY_CODE or BY_CODE[code].unit.has_parts:
            continue
        row += 1
        _figure(sheet, styles, row, code, figure)
    return row + 1


def _figure(sheet: Worksheet, styles: _Styles, row: int, code: str, figure: dict[str, Any]) -> None:
    unit, is_total = BY_CODE[code].unit, BY_CODE[code].is_total
    write_text(sheet, row, 0, str(METRIC_NAMES[code]), styles.strong)
    now, before, wider = (_single(figure[part]) for part in ("value", "previous", "team"))
    change = now - before if now is not None and before is not None else None
    form, of_parts = (
        styles.of(_FORMATS[unit]),
        styles.of("#,##0.##" if unit is Unit.RATIO else _FORMATS[unit]),
    )
    low, high = figure.get("interval") or (None, None)
    _write(sheet, row, 1, now, form)
    _write(sheet, row, 2, before, form)
    _write(sheet, row, 3, change, styles.of(_CHANGES[unit]))
    _write(sheet, row, 4, None if is_total else wider, form)
    write_text(sheet, row, 5, rows_text(code, figure["n"]))
    _write(sheet, row, 6, figure["numerator"], styles.of("#,##0") if unit is Unit.RATIO else of_parts)
    _write(sheet, row, 7, figure["denominator"], styles.of("#,##0"))
    _write(sheet, row, 8, low, styles.of("0.0%"))
    _write(sheet, row, 9, high, styles.of("0.0%"))


def _single(value: Any) -> Any:
    """Of several days their mean."""
    return value.get("mean") if isinstance(value, dict) else value


def _findings(sheet: Worksheet, styles: _Styles, seen: Shown, row: int) -> int:
    row = _say_chapter(sheet, styles, row + 1, _("Findings"))
    for number, finding in enumerate(seen.findings, start=1):
        row = _say_whole(sheet, styles, row, f"{number}. {finding['text']}（{finding['rows']}）")
    if not seen.findings:
        row = _say_whole(sheet, styles, row, _("Nothing stands out, or there are too few rows to say."))
    return row


def _conclusions(sheet: Worksheet, styles: _Styles, paper: Paper, row: int) -> int:
    """What people wrote, as it stands when the file is made."""
    if paper.written or paper.measures:
        row = _say_chapter(sheet, styles, row + 1, _("Conclusions and measures"))
    for name, words in paper.written:
        write_text(sheet, row, 0, name, styles.strong)
        row = _say_whole(sheet, styles, row + 1, words)
    if paper.measures:
        heads = {0: _("Measures"), 5: _("Owner"), 6: _("Due"), 7: _("State")}
        for column in range(LAST + 1):
            write_text(sheet, row, column, heads.get(column, ""), styles.head)
        for each in paper.measures:
            row += 1
            _make_room(sheet, row, each.what, sum(BREADTHS[:5]))
            sheet.merge_range(row, 0, row, 4, "", styles.wrapped)
            write_text(sheet, row, 0, each.what, styles.wrapped)
            write_text(sheet, row, 5, each.owner, styles.wrapped)
            _write(sheet, row, 6, each.due_on, styles.of("yyyy-mm-dd"))
            write_text(sheet, row, 7, state_of(each))
        row += 1
    return row


def state_of(measure: Standing) -> str:
    """How a measure stands, in words."""
    if measure.state is TaskState.DONE:
        return _("Done on %(day)s", day=format_date(measure.done_on))
    if measure.state is TaskState.DROPPED:
        return _("No longer to be done")
    late = measure.days_late
    return ngettext("%(num)d day late", "%(num)d days late", late) if late else _("In progress")


def _numbers(sheet: Worksheet, styles: _Styles, picture: Picture, row: int) -> int:
    """The table behind a chart under its title; gives the row after it."""
    write_text(sheet, row, 0, picture.title, styles.strong)
    row += 1
    for column, head in enumerate(picture.columns):
        write_text(sheet, row, column, head.head, styles.head_right if column else styles.head)
    for line in picture.rows:
        row += 1
        for column, (value, kind) in enumerate(zip(line, picture.columns, strict=True)):
            _write(
                sheet, row, column, value, styles.of(_OF_TYPES[kind.type]) if kind.type in _OF_TYPES else None
            )
    return row + 2


def _chart(book: Workbook, sheet: str, picture: Picture, first: int) -> Any:
    """The chart of a table whose first line stands in row `first`."""
    chart = book.add_chart({"type": picture.drawn.value})
    last = first + len(picture.rows) - 1
    is_pie, is_bar = picture.drawn is Drawn.PIE, picture.drawn is Drawn.BAR
    for column in range(1, picture.series + 1):
        series: dict[str, Any] = {
            "name": _literal(picture.columns[column].head),
            "categories": [sheet, first, 0, last, 0],
            "values": [sheet, first, column, last, column],
            "categories_data": [str(line[0]) for line in picture.rows],
            "values_data": [line[column] for line in picture.rows],
        }
        colour = COLOURS[column - 1]
        if is_pie:
            series["points"] = [
                {"fill": {"color": COLOURS[place % len(COLOURS)]}} for place in range(len(picture.rows))
            ]
            series["data_labels"] = {"percentage": True, "value": True, "separator": "\n"}
        elif is_bar:
            kind = picture.columns[column].type
            form = "#,##0" if kind is Type.AMOUNT else _OF_TYPES[kind]
            series |= {
                "fill": {"color": colour},
                "data_labels": {"value": True, "num_format": form},
                "gap": 60,
            }
        else:
            series["line"] = {"color": colour, "width": 2.25}
        chart.add_series(series)
    chart.set_title(
        {"name": _literal(picture.title), "name_font": {"size": 12, "bold": True}, "overlay": False}
    )
    chart.set_size(CHART_SIZE)
    if is_bar:
        chart.set_y_axis({"reverse": True})
        chart.set_x_axis({"major_gridlines": {"visible": False}, "visible": False})
    elif picture.drawn is Drawn.LINE:
        chart.set_x_axis(
            {
                "text_axis": True,
                "num_format": "mm-dd",
                "num_font": {"size": 8},
                "interval_unit": max(1, len(picture.rows) // 8),
                "interval_tick": max(1, len(picture.rows) // 8),
            }
        )
        chart.set_y_axis(
            {"num_format": "#,##0", "major_gridlines": {"visible": True, "line": {"color": "#DDDDDD"}}}
        )
        chart.show_blanks_as("gap")
    chart.set_legend(
        {"position": "right" if is_pie else "bottom"} if is_pie or picture.series > 1 else {"none": True}
    )
    return chart


def _literal(text: str) -> str:
    """A name never refers to a cell, whatever somebody is called."""
    return f" {text}" if text.startswith("=") else text


def _say_chapter(sheet: Worksheet, styles: _Styles, row: int, text: str) -> int:
    write_text(sheet, row, 0, text, styles.chapter)
    return row + 1


def _say_whole(sheet: Worksheet, styles: _Styles, row: int, text: str) -> int:
    """Text over the whole breadth, as high as it needs to be."""
    _make_room(sheet, row, text, WHOLE_BREADTH)
    sheet.merge_range(row, 0, row, LAST, "", styles.wrapped)
    write_text(sheet, row, 0, text, styles.wrapped)
    return row + 1


def _make_room(sheet: Worksheet, row: int, text: str, broad: int) -> None:
    lines = sum(max(1, -(-breadth(line) // (broad - 4))) for line in text.split("\n"))
    sheet.set_row(row, min(LINE_POINTS * lines + 3, 400))


def _write(sheet: Worksheet, row: int, column: int, value: Any, style: Any = None) -> None:
    if value is None:
        return
    if isinstance(value, str):
        write_text(sheet, row, column, value, style)
    elif isinstance(value, date):
        sheet.write_datetime(row, column, value, style)
    else:
        sheet.write_number(row, column, float(value) if isinstance(value, Decimal) else value, style)
