"""What a follow-up says, and whether it was written in time. Pure. Definitions: PRODUCT.md 3 (Follow-up)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum

from salesboard.deals.rules import Method

ON_TIME_WITHIN = timedelta(hours=24)


class FollowUpKind(StrEnum):
    """`talk`: somebody spoke with the customer; `record`: the system's own note, counted nowhere."""

    TALK = "talk"
    RECORD = "record"


class ObjectionState(StrEnum):
    RAISED = "raised"
    ANSWERED = "answered"
    SETTLED = "settled"


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a person writes down about a talk. Only `occurred_at`, `method` and `content` are always there."""

    occurred_at: datetime
    method: Method
    content: str
    participants: str = ""
    feedback: str = ""
    agreed: str = ""
    materials: str = ""
    promised: str = ""
    new_needs: str = ""
    objection: str = ""
    objection_state: ObjectionState | None = None
    competitor_news: str = ""
    opportunity_risk: str = ""
    next_step: str = ""
    next_due: date | None = None
    next_method: Method | None = None

    def values(self) -> dict[str, object]:
        return {field.name: getattr(self, field.name) for field in fields(self)}


def is_on_time(occurred_at: datetime, written_at: datetime) -> bool:
    """Whether a note was written within 24 hours of the talk."""
    return written_at - occurred_at <= ON_TIME_WITHIN


def first_line(content: str, longest: int = 80) -> str:
    """The beginning of a note, for a card."""
    line = content.strip().partition("\n")[0]
    return line if len(line) <= longest else line[: longest - 1] + "…"
