"""The morning sweep: each owner is told which deals wait for them."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import select

from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Outcome, step_state
from salesboard.deals.stages import Ages
from salesboard.notify.models import Reminder
from salesboard.notify.rules import morning_kinds


def find_reminders(day: date, now: datetime) -> list[dict[str, Any]]:
    """What the owners of open deals are to be told on `day`: late or missing next steps, stays past their limits.

    Deals without an active owner are left to the supervisor's page.
    """
    ages = Ages.now()
    deals = db.session.execute(
        select(Deal.id, Deal.owner_id, Deal.stage, Deal.entered_on, Deal.next_step, Deal.next_due)
        .join(User, User.id == Deal.owner_id)
        .where(Deal.outcome == Outcome.OPEN, User.deactivated_at.is_(None))
    )
    found = []
    for deal in deals:
        age = ages.of(deal.stage, deal.entered_on)
        details = {
            "stage": deal.stage,
            "days": age.days,
            "days_over": age.days_over,
            "step": deal.next_step,
            "due": deal.next_due.isoformat() if deal.next_due else None,
        }
        found += [
            {
                "person_id": deal.owner_id,
                "kind": kind,
                "deal_id": deal.id,
                "day": day,
                "details": details,
                "created_at": now,
            }
            for kind in morning_kinds(step_state(deal.next_due, day), age.sign)
        ]
    return found


def give_reminders(found: list[dict[str, Any]], day: date, now: datetime) -> None:
    """Writes what was found, in the transaction under way; done twice it changes nothing."""
    Reminder.replace_before(day, now=now)
    Reminder.give(found)
