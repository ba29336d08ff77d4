"""The only reading of "now"; working days and holidays.

Working days follow the official Chinese calendar (public holidays and make-up days, 调休), as far as the
`chinesecalendar` package knows it; later years fall back to Monday to Friday. The admin's own days stand above both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from itertools import accumulate
from zoneinfo import ZoneInfo

_frozen: ContextVar[datetime | None] = ContextVar("frozen", default=None)


def now() -> datetime:
    """This moment, aware, in UTC."""
    return _frozen.get() or datetime.now(UTC)


def today(zone: str) -> date:
    """The date in `zone` at this moment."""
    return now().astimezone(ZoneInfo(zone)).date()


@contextmanager
def frozen(at: datetime) -> Iterator[None]:
    """For tests and replays: inside, `now()` is `at`."""
    token = _frozen.set(at.astimezone(UTC))
    try:
        yield
    finally:
        _frozen.reset(token)


def local_date(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()


def start_of_day(day: date, zone: str) -> datetime:
    """The first moment of `day` in `zone`, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def noon(day: date, zone: str) -> datetime:
    """Midday of `day` in `zone`, in UTC: the moment given to what is known by date alone."""
    return datetime.combine(day, time(12), ZoneInfo(zone)).astimezone(UTC)


class WorkingCalendar:
    """Which days are worked. `own_days` (date → worked?) are the installation's corrections."""

    def __init__(self, own_days: Mapping[date, bool] | None = None) -> None:
        self._own_days = dict(own_days or {})

    def is_working(self, day: date) -> bool:
        own = self._own_days.get(day)
        return _is_official_workday(day) if own is None else own

    def between(self, start: date, end: date) -> int:
        """Working days after `start` up to and with `end`; 0 when `end` is not after `start`."""
        if end <= start:
            return 0
        own = sum(
            worked - _is_official_workday(day) for day, worked in self._own_days.items() if start < day <= end
        )
        return _official_workdays_until(end) - _official_workdays_until(start) + own

    def after(self, day: date, working_days: int) -> date:
        """The `working_days`-th working day after `day`."""
        while working_days > 0:
            day += timedelta(days=1)
            working_days -= self.is_working(day)
        return day

    def latest_start(self, end: date, working_days: int) -> date:
        """The latest date from which at least `working_days` working days have passed by `end`.

        So `between(d, end) >= working_days` holds just for the dates d up to the answer: a limit in working days
        becomes one comparison in SQL.
        """
        day = end
        while working_days > 0:
            working_days -= self.is_working(day)
            day -= timedelta(days=1)
        return day


@lru_cache(maxsize=8192)
def _is_official_workday(day: date) -> bool:
    import chinese_calendar

    try:
        return bool(chinese_calendar.is_workday(day))
    except NotImplementedError:
        return day.weekday() < 5


@lru_cache(maxsize=256)
def _official_year(year: int) -> tuple[int, ...]:
    """For each day of the year, how many official working days the year had up to and with it."""
    first = date(year, 1, 1)
    days = (first + timedelta(days=n) for n in range((date(year + 1, 1, 1) - first).days))
    return tuple(accumulate(_is_official_workday(day) for day in days))


@lru_cache(maxsize=8192)
def _official_workdays_until(day: date) -> int:
    """Official working days since 1990 up to and with `day`; only differences of two such counts mean anything."""
    whole_years = sum(_official_year(year)[-1] for year in range(1990, day.year))
    return whole_years + _official_year(day.year)[day.timetuple().tm_yday - 1]


def last_official_year() -> int:
    """The last year whose holidays and make-up days are known."""
    import chinese_calendar

    return max(day.year for day in chinese_calendar.constants.workdays)
