"""Corrections of follow-ups: the earlier words, who corrected them, when and why. Never edited, never removed alone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime
from salesboard.deals.rules import Method
from salesboard.followups.digests import BESIDE, plain

CORRECTABLE = (
    "method",
    "occurred_at",
    "is_on_time",
    "participants",
    "content",
    "feedback",
    "agreed",
    "materials",
    "promised",
    "new_needs",
    "competitor_news",
    "opportunity_risk",
)
"""The columns that a correction may change; it may change what is named in `digests.BESIDE` too. The next step is the
deal's, and what becomes of an objection or a promise goes its own way."""


class Correction(Base):
    """One correction of a follow-up. `before` holds what stood there in the `version` it put an end to; corrections of
    old hold the columns alone."""

    __tablename__ = "followup_corrections"
    __table_args__ = (UniqueConstraint("followup_id", "version"), CheckConstraint("why <> ''", name="why"))

    id: Mapped[int] = mapped_column(primary_key=True)
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"))
    version: Mapped[int]
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    why: Mapped[str] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    by: Mapped[User | None] = relationship()

    @property
    def facts(self) -> dict[str, object]:
        """Who, when and why, as its link in the chain covers them."""
        return {"version": self.version, "why": self.why, "by_id": self.by_id, "at": self.at}


class Earlier(NamedTuple):
    """What a correction changed, as it stood before: methods and moments as such."""

    correction: Correction
    words: dict[str, Any]


def as_kept(values: dict[str, object]) -> dict[str, Any]:
    """Words as JSON keeps them."""
    return {name: plain(words) for name, words in values.items()}


def earlier_words(now: dict[str, object], corrections: list[Correction]) -> Iterator[Earlier]:
    """What each correction changed, the last one first. `now` is what stands there today."""
    after = as_kept(now)
    for correction in reversed(corrections):
        changed = {name: words for name, words in correction.before.items() if words != after.get(name)}
        yield Earlier(correction, {name: _read(name, words) for name, words in changed.items()})
        after = {**after, **correction.before}


def _read(name: str, words: Any) -> Any:
    if name == "occurred_at":
        return datetime.fromisoformat(words)
    if name in BESIDE:
        return "\n".join(row[0] for row in words)
    return Method(words) if name == "method" else words
