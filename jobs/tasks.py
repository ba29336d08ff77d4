"""Keeping tasks in step with everything at once, as work."""

from __future__ import annotations

from salesboard import clock
from salesboard.outbox import Claim
from salesboard.tasks.keeping import keep_cadences, keep_steps


def keep_tasks(claim: Claim) -> None:
    """Every deal's step and every customer's cadence has its task. Done twice it changes nothing."""
    with claim.writing():
        keep_steps(clock.now())
    with claim.finishing():
        keep_cadences(clock.now())
