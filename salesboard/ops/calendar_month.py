"""The working calendar as a page shows it: one month day by day, and a year's official holidays."""

from __future__ import annotations

from calendar import Calendar
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

import chinese_calendar
from flask_babel import gettext as _

from salesboard.installation import CalendarDay

EARLIEST_MONTH, LATEST_MONTH = date(2004, 1, 1), date(2100, 12, 1)


class DayKind(StrEnum):
    """What a day is; the value is its class in the style sheet."""

    WORKED = "day"
    WEEKEND = "off"
    HOLIDAY = "hol"
    MAKE_UP = "make"


@dataclass(frozen=True)
class MonthDay:
    """One day of the month's page. `label` is the holiday's name, or what the admin calls the day."""

    date: date
    kind: DayKind
    label: str


@dataclass
class OfficialHoliday:
    """A holiday of the State Council's yearly notice: its days off, and the weekend days worked for them (调休)."""

    name: str
    days_off: list[date] = field(default_factory=list)
    make_up_days: list[date] = field(default_factory=list)


def holiday_names() -> dict[str, str]:
    """The names of the official holidays as the reader writes them."""
    return {
        "New Year's Day": _("New Year's Day"),
        "Spring Festival": _("Spring Festival"),
        "Tomb-sweeping Day": _("Tomb-sweeping Day"),
        "Labour Day": _("Labour Day"),
        "Dragon Boat Festival": _("Dragon Boat Festival"),
        "Mid-autumn Festival": _("Mid-autumn Festival"),
        "National Day": _("National Day"),
        "Anti-Fascist 70th Day": _("Victory Day"),
    }


def month_weeks(month: date, own_days: dict[date, CalendarDay]) -> list[list[MonthDay | None]]:
    """The month's weeks from Monday; None stands for a day of the month before or after."""
    names = holiday_names()
    weeks = Calendar().monthdatescalendar(month.year, month.month)
    return [
        [_month_day(day, own_days.get(day), names) if day.month == month.month else None for day in week]
        for week in weeks
    ]


def official_holidays(year: int) -> list[OfficialHoliday]:
    """The year's holidays in order; empty for a year that is not known yet."""
    names = holiday_names()
    found: dict[str, OfficialHoliday] = {}
    for day, name in sorted(chinese_calendar.constants.holidays.items()):
        if day.year == year:
            found.setdefault(name, OfficialHoliday(names.get(name, name))).days_off.append(day)
    for day, name in sorted(chinese_calendar.constants.workdays.items()):
        if day.year == year and name in found:
            found[name].make_up_days.append(day)
    return list(found.values())


def month_beside(month: date, months: int) -> str:
    """The address part (2026-05) of the month so many before or after; empty beyond what is shown."""
    index = month.year * 12 + month.month - 1 + months
    beside = date(index // 12, index % 12 + 1, 1)
    return f"{beside:%Y-%m}" if EARLIEST_MONTH <= beside <= LATEST_MONTH else ""


def _month_day(day: date, own: CalendarDay | None, names: dict[str, str]) -> MonthDay:
    is_weekend = day.weekday() >= 5
    holiday = chinese_calendar.constants.holidays.get(day)
    make_up = chinese_calendar.constants.workdays.get(day)
    if own is not None:
        worked = DayKind.MAKE_UP if is_weekend else DayKind.WORKED
        return MonthDay(day, worked if own.is_worked else DayKind.HOLIDAY, own.label)
    if holiday:
        return MonthDay(day, DayKind.HOLIDAY, names.get(holiday, holiday))
    if make_up:
        return MonthDay(day, DayKind.MAKE_UP, names.get(make_up, make_up))
    return MonthDay(day, DayKind.WEEKEND if is_weekend else DayKind.WORKED, "")
