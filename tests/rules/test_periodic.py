"""On which day, from which moment on, periodic work is due: by the installation's own clock and calendar."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from jobs.schedule import Periodic, as_months_begin, as_quarters_begin, on_mondays, on_working_days
from salesboard.clock import WorkingCalendar

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)
CALENDAR = WorkingCalendar()
SWEEP = Periodic("morning_sweep", time(8), on_working_days)
WEEKLY = Periodic("weekly_reports", time(7), on_mondays, days_late=4)


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time(hour, minute), zone)


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(MONDAY, 7, 59), None),
        (at(MONDAY, 8), MONDAY),
        (at(MONDAY, 23, 59), MONDAY),
        (at(date(2026, 11, 22), 9), None),  # a Sunday
        (at(date(2026, 10, 1), 9), None),  # National Day, a Thursday
        (at(date(2026, 10, 10), 9), date(2026, 10, 10)),  # a Saturday that is worked (make-up day)
    ],
)
def test_the_sweep_is_due_at_eight_on_working_days(moment: datetime, day: date | None) -> None:
    assert SWEEP.last_day(moment, SHANGHAI, CALENDAR) == day


@pytest.mark.parametrize(
    ("moment", "day"),
    [
        (at(MONDAY, 6, 59), None),
        (at(MONDAY, 7), MONDAY),
        (at(MONDAY + timedelta(days=4), 12), MONDAY),
        (at(MONDAY + timedelta(days=5), 12), None),
    ],
)
def test_the_weekly_report_is_made_up_for_until_friday(moment: datetime, day: date | None) -> None:
    assert WEEKLY.last_day(moment, SHANGHAI, CALENDAR) == day


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/New_York", "Pacific/Auckland", "UTC"])
def test_eight_is_eight_by_the_local_clock_all_year_through_both_changes(zone: str) -> None:
    here = ZoneInfo(zone)
    every_day = Periodic("morning_sweep", time(8), lambda _day, _calendar: True)
    for day in (date(2026, 1, 1) + timedelta(days=n) for n in range(365)):
        eight = at(day, 8, zone=here).astimezone(UTC)
        assert every_day.last_day(eight, here, CALENDAR) == day
        assert every_day.last_day(eight - timedelta(seconds=1), here, CALENDAR) is None


def test_a_month_begins_with_its_first_working_day() -> None:
    year = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]
    firsts = [day for day in year if as_months_begin(day, CALENDAR)]
    assert [day.month for day in firsts] == list(range(1, 13))
    assert {date(2026, 1, 4), date(2026, 2, 2), date(2026, 5, 6), date(2026, 10, 8)} <= set(firsts)
    assert [day.month for day in firsts if as_quarters_begin(day, CALENDAR)] == [1, 4, 7, 10]


def test_a_month_that_began_during_a_standstill_is_made_up_for() -> None:
    monthly = Periodic("monthly_housekeeping", time(7, 30), as_months_begin, days_late=14)
    assert monthly.last_day(at(date(2026, 11, 2), 7, 29), SHANGHAI, CALENDAR) is None
    assert monthly.last_day(at(date(2026, 11, 16), 9), SHANGHAI, CALENDAR) == date(2026, 11, 2)
    assert monthly.last_day(at(date(2026, 11, 17), 9), SHANGHAI, CALENDAR) is None
