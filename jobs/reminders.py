"""The morning sweep as work."""

from __future__ import annotations

from datetime import datetime

from salesboard import clock
from salesboard.installation import installation
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.outbox import Claim


def sweep_morning(claim: Claim) -> None:
    """Reminds the owners on the morning that the claim names; one that is over has its own successor."""
    day = datetime.strptime(str(claim.subject_id), "%Y%m%d").date()  # noqa: DTZ007 (a date alone)
    now = clock.now()
    if day != installation().today:
        return
    found = find_reminders(day, now)
    with claim.finishing():
        give_reminders(found, day, now)
