"""Spot checks as work."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.models import User
from salesboard.customers.checks import SpotCheck
from salesboard.database import db
from salesboard.installation import installation
from salesboard.outbox import Claim


def draw_checks(claim: Claim) -> None:
    """Draws the customers of the week that the claim names, for each supervisor once however often it runs."""
    day = datetime.strptime(str(claim.subject_id), "%Y%m%d").date()  # noqa: DTZ007 (a date alone)
    able = select(User).where(User.role == Role.SUPERVISOR, User.deactivated_at.is_(None)).order_by(User.id)
    for supervisor in db.session.scalars(able).all():
        with claim.writing():
            SpotCheck.draw(supervisor, day=day, how_many=installation().check_sample, now=clock.now())
