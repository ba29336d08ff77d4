"""The stretches of time that numbers are computed for. Pure.

A period is written 2017, 2017H1, 2017Q2, 2017-05, 2017W20 (ISO week) or 2017-03-01..2017-05-31.
"""

from __future__ import annotations

import calendar
import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum

from salesboard import clock
from salesboard.errors import Refused

FIRST_YEAR, LAST_YEAR = 1990, 2199
LONGEST_DAYS = 366 * 5

_FORMS = re.compile(
    r"(?P<year>\d{4})(?:H(?P<half>[12])|Q(?P<quarter>[1-4])|-(?P<month>\d{2})|W(?P<week>\d{2}))?"
    r"|(?P<start>\d{4}-\d{2}-\d{2})\.\.(?P<end>\d{4}-\d{2}-\d{2})",
    re.ASCII,
)


class PeriodKind(StrEnum):
    YEAR = "year"
    HALF = "half"
    QUARTER = "quarter"
    MONTH = "month"
    WEEK = "week"
    DAYS = "days"


@dataclass(frozen=True)
class Period:
    """From `starts_on` to `ends_on`, both included; `part` is which half, quarter, month or week of `year`."""

    kind: PeriodKind
    starts_on: date
    ends_on: date
    year: int = 0
    part: int = 0

    @classmethod
    def parse(cls, text: str) -> Period:
        """Reads one of the forms above; raises Refused for anything else."""
        found = _FORMS.fullmatch(text.strip().upper())
        if found is None:
            raise Refused(f"{text!r} is not a period: write 2017, 2017H1, 2017Q2, 2017-05, 2017W20 or a..b")
        if found["start"]:
            return cls.between(_date(found["start"]), _date(found["end"]))
        kinds = (PeriodKind.HALF, PeriodKind.QUARTER, PeriodKind.MONTH, PeriodKind.WEEK)
        kind = next((kind for kind in kinds if found[kind.value]), PeriodKind.YEAR)
        year = int(found["year"])
        if not FIRST_YEAR <= year <= LAST_YEAR:
            raise Refused(f"years are from {FIRST_YEAR} to {LAST_YEAR}, not {year}")
        return cls.of(kind, year, int(found[kind.value] or 1) if kind is not PeriodKind.YEAR else 1)

    @classmethod
    def of(cls, kind: PeriodKind, year: int, part: int = 1) -> Period:
        """The calendar's own year, half, quarter, month or ISO week; raises Refused where there is none."""
        try:
            if kind is PeriodKind.WEEK:
                start = date.fromisocalendar(year, part, 1)
                return cls(kind, start, start + timedelta(days=6), year, part)
            months = _MONTHS[kind]
            start = date(year, (part - 1) * months + 1, 1)
            last_month = part * months
            return cls(
                kind, start, date(year, last_month, calendar.monthrange(year, last_month)[1]), year, part
            )
        except ValueError:
            raise Refused(f"{year} has no {kind} {part}") from None

    @classmethod
    def between(cls, start: date, end: date) -> Period:
        """Any days; raises Refused where they end before they begin, or are more than five years."""
        if end < start:
            raise Refused("a period cannot end before it begins")
        if not FIRST_YEAR <= start.year <= end.year <= LAST_YEAR or (end - start).days >= LONGEST_DAYS:
            raise Refused("a period is five years at most")
        return cls(PeriodKind.DAYS, start, end)

    @classmethod
    def around(cls, kind: PeriodKind, day: date) -> Period:
        """The calendar's year, half, quarter, month or week that `day` lies in."""
        if kind is PeriodKind.WEEK:
            year, week, _weekday = day.isocalendar()
            return cls.of(kind, year, week)
        return cls.of(kind, day.year, (day.month - 1) // _MONTHS[kind] + 1)

    @property
    def key(self) -> str:
        """How the period is written; `parse` reads it back."""
        forms = {
            PeriodKind.YEAR: f"{self.year}",
            PeriodKind.HALF: f"{self.year}H{self.part}",
            PeriodKind.QUARTER: f"{self.year}Q{self.part}",
            PeriodKind.MONTH: f"{self.year}-{self.part:02}",
            PeriodKind.WEEK: f"{self.year}W{self.part:02}",
            PeriodKind.DAYS: f"{self.starts_on}..{self.ends_on}",
        }
        return forms[self.kind]

    @property
    def days(self) -> int:
        return (self.ends_on - self.starts_on).days + 1

    def previous(self) -> Period:
        """The same kind just before; for any days, as many days just before."""
        eve = self.starts_on - timedelta(days=1)
        if self.kind is PeriodKind.DAYS:
            return Period(self.kind, eve - timedelta(days=self.days - 1), eve)
        return Period.around(self.kind, eve)

    def moments(self, zone: str) -> tuple[datetime, datetime]:
        """Its first moment in `zone`, and the first one after it, in UTC."""
        return clock.start_of_day(self.starts_on, zone), clock.start_of_day(
            self.ends_on + timedelta(days=1), zone
        )


def past_day(text: str | None, today: date) -> date:
    """The day that an address names, if it is one that is over or under way, else today."""
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return today
    return day if day.year >= FIRST_YEAR + 2 and day <= today else today


_MONTHS = {PeriodKind.YEAR: 12, PeriodKind.HALF: 6, PeriodKind.QUARTER: 3, PeriodKind.MONTH: 1}


def _date(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text} is not a date") from None
