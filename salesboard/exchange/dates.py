"""Dates and times as people and programs write them: 2024年7月22日, 2024.07.28, 45413, 22 Jul 2024. Pure.

Nothing is guessed: a date without a year is none, and 03/04/2024 is one only where the column shows its order.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo

from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import NO_HABITS, DateOrder, Habits, is_figure

FIRST_YEAR, LAST_YEAR = 1970, 2100
_EXCEL_ZERO = datetime(1899, 12, 30)  # noqa: DTZ001 - serial numbers know no zone
_FIRST_SERIAL, _LAST_SERIAL = 25_569, 73_415
"""1970-01-01 and 2100-12-31 in Excel's count."""

_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_MONTH = r"(?P<name>jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]{0,6}\.?"
_GAP = r"[-/.,\s]+"
_DAY_FORMS = tuple(
    re.compile(form, re.ASCII)
    for form in (
        r"(?P<y>\d{4})\s*[-/.]\s*(?P<m>\d{1,2})\s*[-/.]\s*(?P<d>\d{1,2})(?!\d)",
        r"(?P<y>\d{4}|\d{2})\s*年\s*(?P<m>\d{1,2})\s*月\s*(?P<d>\d{1,2})\s*[日号號]?(?!\d)",
        r"(?P<y>\d{4})(?P<m>\d{2})(?P<d>\d{2})(?!\d)",
        r"(?P<roc>1\d{2})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号號]?(?!\d)",
        r"民[国國]\s*(?P<roc>\d{2,3})\s*[-/.年]\s*(?P<m>\d{1,2})\s*[-/.月]\s*(?P<d>\d{1,2})\s*[日号號]?(?!\d)",
        rf"(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_GAP}{_MONTH}{_GAP}(?P<y>\d{{4}}|\d{{2}})(?!\d)",
        rf"{_MONTH}{_GAP}(?P<d>\d{{1,2}})(?:st|nd|rd|th)?{_GAP}(?P<y>\d{{4}})(?!\d)",
    )
)
_EITHER_ORDER = re.compile(
    r"(?P<first>\d{1,2})\s*[-/.]\s*(?P<second>\d{1,2})\s*[-/.]\s*(?P<y>\d{4})(?!\d)", re.ASCII
)
_YEARLESS = re.compile(
    rf"\d{{1,2}}\s*(?:月\s*\d{{1,2}}\s*[日号]?|[-/.]\s*\d{{1,2}}(?:\s*[-/.]\s*\d{{2}})?)|{_MONTH}\s*\d{{1,2}}",
    re.ASCII,
)
_TIME = re.compile(
    r"[t,\s]*(?P<half>凌晨|早上|上午|中午|下午|晚上|am|pm)?\s*(?P<h>\d{1,2})\s*(?:[:点點时時]\s*(?P<min>\d{1,2})?\s*分?)"
    r"(?::?\s*(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?\s*(?P<half_after>am|pm)?\s*(?P<zone>z|utc|gmt|[+-]\d{2}:?\d{2})?",
    re.ASCII,
)
_AROUND = " \t\r\n\u200b\u200e\u200f\u202a\u202c\ufeff"
"""Blanks, and the signs that Windows puts before a date that is copied from its own windows."""
_WEEKDAY = re.compile(
    r"\(?(?:星期|周|週|礼拜|禮拜)[一二三四五六日天]\)?|\([一二三四五六日]\)|\b(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*\b\.?,?"
)


def read_date(cell: Cell, habits: Habits = NO_HABITS) -> date:
    """The day that a cell names. Raises Unreadable."""
    moment = read_moment(cell, habits)
    return moment.date() if isinstance(moment, datetime) else moment


def read_moment(cell: Cell, habits: Habits = NO_HABITS) -> date | datetime:
    """The day, or the moment where the cell gives a time too: aware when it names its zone. Raises Unreadable."""
    moment = _moment(cell, habits)
    if not FIRST_YEAR <= moment.year <= LAST_YEAR:
        raise Unreadable("not_a_date", cell)
    return moment


def order_of(cells: Iterable[Cell]) -> DateOrder | None:
    """Whether a column writes the day or the month first, as far as one of its dates tells and none disagrees."""
    seen = set()
    for cell in cells:
        if isinstance(cell, str) and (found := _EITHER_ORDER.match(cell.strip())):
            first, second = int(found["first"]), int(found["second"])
            if first > 12 >= second:
                seen.add(DateOrder.DAY_FIRST)
            elif second > 12 >= first:
                seen.add(DateOrder.MONTH_FIRST)
    return seen.pop() if len(seen) == 1 else None


def _moment(cell: Cell, habits: Habits) -> date | datetime:
    if isinstance(cell, datetime):
        return cell if cell.time() != time() else cell.date()
    if isinstance(cell, date):
        return cell
    if not is_figure(cell):
        raise Unreadable("not_a_date", cell)
    return _from_text(cell, habits) if isinstance(cell, str) else _from_number(cell)


def _from_number(number: float) -> date | datetime:
    if _FIRST_SERIAL <= number <= _LAST_SERIAL:
        moment = _EXCEL_ZERO + timedelta(seconds=round(number * 86_400))
        return moment if moment.time() != time() else moment.date()
    if 19_000_101 <= number <= 21_001_231 and number == int(number):
        return _from_text(str(int(number)), NO_HABITS)
    raise Unreadable("not_a_date", number)


def _from_text(cell: str, habits: Habits) -> date | datetime:
    text = _WEEKDAY.sub(" ", unicodedata.normalize("NFKC", cell).strip(_AROUND).lower()).strip()
    if re.fullmatch(r"\d{5}(?:\.\d+)?", text, re.ASCII):
        return _from_number(float(text))
    for form in _DAY_FORMS:
        if found := form.match(text):
            return _with_time(_day(found, cell), text[found.end() :], cell)
    if found := _EITHER_ORDER.match(text):
        return _with_time(_day_of_either_order(found, habits.date_order, cell), text[found.end() :], cell)
    if _YEARLESS.fullmatch(text):
        raise Unreadable("no_year", cell)
    raise Unreadable("not_a_date", cell)


def _day(found: re.Match[str], cell: str) -> date:
    parts = found.groupdict()
    if "roc" in parts:
        return _existing(int(parts["roc"]) + 1911, int(parts["m"]), int(parts["d"]), cell)
    year = int(parts["y"]) + (2000 if len(parts["y"]) == 2 else 0)
    month = _MONTHS.index(parts["name"]) + 1 if "name" in parts else int(parts["m"])
    return _existing(year, month, int(parts["d"]), cell)


def _day_of_either_order(found: re.Match[str], order: DateOrder | None, cell: str) -> date:
    first, second, year = int(found["first"]), int(found["second"]), int(found["y"])
    if first > 12 or (order is DateOrder.DAY_FIRST and second <= 12):
        return _existing(year, second, first, cell)
    if second > 12 or order is DateOrder.MONTH_FIRST or first == second:
        return _existing(year, first, second, cell)
    raise Unreadable("day_or_month", cell)


def _existing(year: int, month: int, day: int, cell: str) -> date:
    try:
        return date(year, month, day)
    except ValueError as error:
        raise Unreadable("no_such_day", cell) from error


def _with_time(day: date, rest: str, cell: str) -> date | datetime:
    if not rest.strip(" ,"):
        return day
    told = _TIME.fullmatch(rest.rstrip())
    if told is None:
        raise Unreadable("not_a_date", cell)
    hour, half = int(told["h"]), told["half"] or told["half_after"]
    if (half in ("下午", "晚上", "pm") and hour < 12) or (half == "中午" and hour < 11):
        hour += 12
    elif half in ("凌晨", "上午", "am") and hour == 12:
        hour = 0
    try:
        moment = datetime.combine(
            day, time(hour, int(told["min"] or 0), int(told["s"] or 0)), _zone(told["zone"])
        )
    except ValueError as error:
        raise Unreadable("not_a_date", cell) from error
    return moment if moment.time() != time() or moment.tzinfo else day


def _zone(told: str | None) -> tzinfo | None:
    if told is None:
        return None
    if told[0] not in "+-":
        return UTC
    sign = -1 if told[0] == "-" else 1
    return timezone(sign * timedelta(hours=int(told[1:3]), minutes=int(told[-2:])))
