"""In how many weeks a customer was followed up within its cadence. Pure. Definition: PRODUCT.md 5, follow-up rate."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta

from salesboard.clock import WorkingCalendar
from salesboard.insight.periods import Period
from salesboard.tasks.rules import end_of_week, next_contact


def judged_days(period: Period, until: date) -> list[date]:
    """The last day of each week of the period, as far as there is one; a week under way is judged by what is known."""
    last = min(period.ends_on, until)
    days, day = [], period.starts_on
    while day <= last:
        days.append(min(end_of_week(day), last))
        day = end_of_week(day) + timedelta(days=1)
    return days


def weeks_kept(
    weeks: Sequence[date], talks: Sequence[date], cadence: int, *, since: date, calendar: WorkingCalendar
) -> tuple[int, int]:
    """Of the judged days those on which the last talk was no longer ago than the cadence allows; and how many of them
    can be judged. `talks` are in order.

    A customer is judged from its first talk, or from `since` it is known, as soon as a first talk was due.
    """
    due, known = next_contact(since, cadence, calendar), 0
    kept = judged = 0
    for day in weeks:
        before = bisect_right(talks, day)
        if before > known:
            due, known = next_contact(talks[before - 1], cadence, calendar), before
        if before:
            judged += 1
            kept += due >= day
        elif day > due:
            judged += 1
    return kept, judged
