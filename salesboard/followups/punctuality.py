"""Until when a note counts as on time here."""

from __future__ import annotations

from datetime import datetime

from salesboard.followups.rules import ON_TIME_WITHIN, Punctuality
from salesboard.installation import installation, working_calendar


def punctuality() -> Punctuality:
    """By the installation's calendar, zone and choice."""
    here = installation()
    return Punctuality(working_calendar(), here.timezone, here.days_off_wait)


def is_on_time(occurred_at: datetime, written_at: datetime) -> bool:
    """Whether a note is on time; most are within a day, and then no calendar is asked."""
    return written_at - occurred_at <= ON_TIME_WITHIN or punctuality().is_on_time(occurred_at, written_at)
