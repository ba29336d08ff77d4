"""Until when a note counts as on time here."""

from __future__ import annotations

from salesboard.followups.rules import Punctuality
from salesboard.installation import installation, working_calendar


def punctuality() -> Punctuality:
    """By the installation's calendar, zone and choice."""
    here = installation()
    return Punctuality(working_calendar(), here.timezone, here.days_off_wait)
