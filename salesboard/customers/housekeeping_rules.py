"""What the monthly housekeeping (数据清洗) proposes, and what may be done about it. Pure. Definition: PRODUCT.md 3."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

MONTHS_UNTOUCHED = 6
MOST_AT_ONCE = 200
"""So many customers one confirmation may name."""


class Proposal(StrEnum):
    """Why a customer is proposed. Probable doubles have a page of their own."""

    LOST_WITHOUT_REASON = "lost_without_reason"
    NO_CHANNEL = "no_channel"
    UNTOUCHED = "untouched"


class Act(StrEnum):
    """What is done about the customers that were ticked; archiving makes those lost that are not."""

    REASON = "reason"
    LOSE = "lose"
    ARCHIVE = "archive"
    LEAVE = "leave"


ACTS = {
    Proposal.LOST_WITHOUT_REASON: (Act.REASON, Act.ARCHIVE, Act.LEAVE),
    Proposal.NO_CHANNEL: (Act.LOSE, Act.ARCHIVE, Act.LEAVE),
    Proposal.UNTOUCHED: (Act.LOSE, Act.ARCHIVE, Act.LEAVE),
}
"""What fits each proposal, the usual first."""


def untouched_since(today: date) -> date:
    """The day before which nothing may have happened to a customer that counts as untouched: six months back."""
    months = today.year * 12 + today.month - 1 - MONTHS_UNTOUCHED
    year, month = divmod(months, 12)
    return date(year, month + 1, min(today.day, _days_in(year, month + 1)))


def next_time(today: date) -> date:
    """The day of the next proposal: until then what was left alone is not proposed again."""
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


def _days_in(year: int, month: int) -> int:
    return (next_time(date(year, month, 1)) - date(year, month, 1)).days
