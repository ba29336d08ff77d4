"""What runs when: the one list of periodic work, and the tick that promises it and hands due work on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from time import monotonic
from zoneinfo import ZoneInfo

from flask import Flask

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.clock import WorkingCalendar
from salesboard.database import writing
from salesboard.installation import installation, working_calendar
from salesboard.notify.deliveries import WORK
from salesboard.outbox import HAND_OVER

MONDAY = 0


def on_working_days(day: date, calendar: WorkingCalendar) -> bool:
    return calendar.is_working(day)


def every_day(_day: date, _calendar: WorkingCalendar) -> bool:
    return True


def on_mondays(day: date, _calendar: WorkingCalendar) -> bool:
    return day.weekday() == MONDAY


def as_months_begin(day: date, calendar: WorkingCalendar) -> bool:
    """On the first working day of the month."""
    earlier = (day.replace(day=number) for number in range(1, day.day))
    return calendar.is_working(day) and not any(map(calendar.is_working, earlier))


def as_quarters_begin(day: date, calendar: WorkingCalendar) -> bool:
    """On the first working day of January, April, July and October."""
    return day.month % 3 == 1 and as_months_begin(day, calendar)


@dataclass(frozen=True)
class Periodic:
    """Work of a `kind`, due at `at` by the installation's clock on the days that `on` picks.

    Its subject is the day, written as a number such as 20261122. After a standstill the last one missed is made up
    for up to `days_late` days later.
    """

    kind: str
    at: time
    on: Callable[[date, WorkingCalendar], bool]
    days_late: int = 0

    def last_day(self, now: datetime, zone: ZoneInfo, calendar: WorkingCalendar) -> date | None:
        """The latest day whose moment has come, if it is not too late for it."""
        today = now.astimezone(zone).date()
        for day in (today - timedelta(days=back) for back in range(self.days_late + 1)):
            if self.on(day, calendar) and datetime.combine(day, self.at, zone) <= now:
                return day
        return None


PERIODIC = (
    Periodic("morning_sweep", time(8), on_working_days),
    Periodic("weekly_reports", time(7), on_mondays, days_late=4),
    Periodic("period_reports", time(7), as_months_begin, days_late=14),
    Periodic("weekly_checks", time(7), on_mondays, days_late=4),
    Periodic("monthly_housekeeping", time(7, 30), as_months_begin, days_late=14),
    Periodic("quarterly_access", time(7, 30), as_quarters_begin, days_late=30),
    Periodic("keep_tasks", time(6), every_day),
    Periodic("clear_uploads", time(4), every_day),
    Periodic("clear_files", time(4), every_day),
    Periodic("clear_exports", time(4, 10), every_day, days_late=1),
)

LONGEST_TURN = 10.0
"""Seconds that one tick spends on doing work itself while Redis is away."""


def tick(app: Flask) -> None:
    """Hands on what is due, then promises what the clock asks for, each once however many tickers run.

    Called every second. While Redis is away the work is done here, one piece after the other.
    """
    with app.app_context():
        _hand_on(app)
        if _promise_periodic(clock.now()):
            _hand_on(app)


def _hand_on(app: Flask) -> None:
    due = outbox.due(clock.now(), but=(WORK,))
    if not due or app.extensions[HAND_OVER].send(due):
        return
    began = monotonic()
    for work_id in due:
        perform(work_id)
        if monotonic() - began > LONGEST_TURN:
            return


def _promise_periodic(now: datetime) -> bool:
    """Whether anything was promised that was not before."""
    zone, calendar = ZoneInfo(installation().timezone), working_calendar()
    days = {each.kind: each.last_day(now, zone, calendar) for each in PERIODIC}
    keys = {f"{kind}:{day}": (kind, day) for kind, day in days.items() if day is not None}
    missing = keys.keys() - outbox.kept(list(keys))
    if missing:
        with writing():
            for key in sorted(missing):
                kind, day = keys[key]
                outbox.promise(kind, int(f"{day:%Y%m%d}"), now=now, unique_key=key)
    return bool(missing)
