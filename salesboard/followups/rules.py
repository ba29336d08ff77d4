"""What a follow-up says, and whether it was written in time. Pure. Definitions: PRODUCT.md 3 (Follow-up)."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from salesboard.clock import WorkingCalendar, local_date, noon
from salesboard.deals.rules import Method

ON_TIME_WITHIN = timedelta(hours=24)
HOUR = timedelta(hours=1)


class FollowUpKind(StrEnum):
    """`talk`: somebody spoke with the customer; `record`: the system's own note, counted nowhere."""

    TALK = "talk"
    RECORD = "record"


class ObjectionState(StrEnum):
    RAISED = "raised"
    ANSWERED = "answered"
    SETTLED = "settled"


class PromiseState(StrEnum):
    """`broken`: its day passed and it was not kept; `withdrawn`: the customer took it back."""

    OPEN = "open"
    KEPT = "kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


class Side(StrEnum):
    """On whose side somebody took part in a talk."""

    OURS = "ours"
    THEIRS = "theirs"


class PromiseTold(NamedTuple):
    """What a customer promised, and until when if a day was said."""

    what: str
    due: date | None = None


class TookPart(NamedTuple):
    """Somebody who took part: one of our users, or a contact of the customer."""

    side: Side
    name: str
    user_id: int | None = None
    contact_id: int | None = None


class HandedOver(NamedTuple):
    """A document that changed hands, in the version that it had then."""

    document_id: int
    name: str
    edition: int


@dataclass(frozen=True, kw_only=True)
class Note:
    """What a person writes down about a talk. Only `occurred_at`, `method` and `content` are always there.

    `participants` names everybody, `people` those among them who are known here. `promised` holds promises in words
    alone, as files have them. `next_owner_id` is who takes the next step, None whoever looks after what it is about.
    """

    occurred_at: datetime
    method: Method
    content: str
    participants: str = ""
    feedback: str = ""
    agreed: str = ""
    materials: str = ""
    promised: str = ""
    new_needs: str = ""
    objections: tuple[str, ...] = ()
    objection_state: ObjectionState = ObjectionState.RAISED
    competitor_news: str = ""
    opportunity_risk: str = ""
    next_step: str = ""
    next_due: date | None = None
    next_method: Method | None = None
    next_at: datetime | None = None
    next_owner_id: int | None = None
    promises: tuple[PromiseTold, ...] = ()
    people: tuple[TookPart, ...] = ()
    papers: tuple[HandedOver, ...] = ()

    def values(self) -> dict[str, object]:
        """All but what is kept in rows of its own."""
        apart = ("objections", "objection_state", "promises", "people", "papers")
        return {field.name: getattr(self, field.name) for field in fields(self) if field.name not in apart}


def objections_in(text: str) -> tuple[str, ...]:
    """One objection a line."""
    return tuple(line.strip() for line in text.split("\n") if line.strip())


@dataclass(frozen=True)
class Punctuality:
    """Until when a note counts as on time: 24 hours after the talk; where the team `rests`, after one on a day off also
    until noon of the next working day in `zone`."""

    calendar: WorkingCalendar
    zone: str
    rests: bool = True

    def due_by(self, occurred_at: datetime) -> datetime:
        """The last moment at which the note of a talk is on time."""
        due, day = occurred_at + ON_TIME_WITHIN, local_date(occurred_at, self.zone)
        if not self.rests or self.calendar.is_working(day):
            return due
        return max(due, noon(self.calendar.after(day, 1), self.zone))

    def is_on_time(self, occurred_at: datetime, written_at: datetime) -> bool:
        return written_at <= self.due_by(occurred_at)

    def hours_late(self, occurred_at: datetime, written_at: datetime) -> int:
        """By how many hours a note is late, each begun hour whole."""
        return max(1, -((self.due_by(occurred_at) - written_at) // HOUR))


def first_line(content: str, longest: int = 80) -> str:
    """The beginning of a note, for a card."""
    line = content.strip().partition("\n")[0]
    return line if len(line) <= longest else line[: longest - 1] + "…"
