"""Reminders as work: the morning sweep, the month's housekeeping, the quarter's review of access."""

from __future__ import annotations

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

from salesboard import clock
from salesboard.installation import installation
from salesboard.notify.deliveries import plan_mornings
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.notify.rules import ReminderKind
from salesboard.notify.turns import find_access_review, find_housekeeping, give_turns
from salesboard.ops.audit_log import last_reviewed, review_is_due
from salesboard.outbox import Claim

TEAM_AT = time(8, 30)
"""When a team's robot tells the morning's list, by the installation's clock."""


def sweep_morning(claim: Claim) -> None:
    """Reminds the owners on the morning that the claim names; one that is over has its own successor."""
    day, now = day_of(claim), clock.now()
    if day != installation().today:
        return
    found = find_reminders(day, now)
    team_at = datetime.combine(day, TEAM_AT, ZoneInfo(installation().timezone))
    with claim.finishing():
        give_reminders(found, day, now)
        plan_mornings(day, now=now, team_at=team_at)


def propose_housekeeping(claim: Claim) -> None:
    """Tells those who may act what the month's housekeeping proposes to them."""
    day, now = day_of(claim), clock.now()
    found = find_housekeeping(day, now, ZoneInfo(installation().timezone))
    with claim.finishing():
        give_turns(ReminderKind.HOUSEKEEPING, found, day, now)


def ask_for_access_review(claim: Claim) -> None:
    """Tells the admins that the quarter's review is due, unless somebody has made it already."""
    day, now = day_of(claim), clock.now()
    is_due = review_is_due(last_reviewed(), ZoneInfo(installation().timezone))
    found = find_access_review(day, now) if is_due else []
    with claim.finishing():
        give_turns(ReminderKind.ACCESS_REVIEW, found, day, now)


def day_of(claim: Claim) -> date:
    """The day that periodic work is about."""
    return datetime.strptime(str(claim.subject_id), "%Y%m%d").date()  # noqa: DTZ007 (a date alone)
