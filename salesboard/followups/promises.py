"""What the customer promised, until when, and whether it was kept."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.accounts.models import User
from salesboard.database import choice
from salesboard.followups.digest_chain import LinkKind
from salesboard.followups.loose_ends import LooseEnd, Step
from salesboard.followups.rules import Note, PromiseState
from salesboard.installation import installation

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


class Promise(LooseEnd):
    """One promise of a customer. `told_due` is the day as the note has it, `due_on` the one that counts now."""

    __tablename__ = "promises"
    __table_args__ = (
        UniqueConstraint("followup_id", "position"),
        CheckConstraint("what <> ''", name="what"),
        Index(None, "state", "due_on"),
    )
    LINK, AS_WRITTEN = LinkKind.PROMISE, ("what", "told_due")

    what: Mapped[str] = mapped_column(String(500))
    told_due: Mapped[date | None] = mapped_column(Date)
    due_on: Mapped[date | None] = mapped_column(Date)
    state: Mapped[PromiseState] = mapped_column(choice(PromiseState, "state"))

    followup: Mapped[FollowUp] = relationship("FollowUp", back_populates="promises")
    steps: Mapped[list[PromiseStep]] = relationship(order_by="PromiseStep.id", passive_deletes=True)

    @classmethod
    def given_in(cls, note: Note) -> list[Promise]:
        """Those of a note that is being written."""
        told = enumerate(note.promises, 1)
        return [
            cls(position=place, what=each.what, told_due=each.due, due_on=each.due, state=PromiseState.OPEN)
            for place, each in told
        ]

    @property
    def is_open(self) -> bool:
        return self.state is PromiseState.OPEN

    @property
    def is_late(self) -> bool:
        return self.is_open and self.due_on is not None and self.due_on < installation().today

    def become(
        self,
        state: PromiseState,
        due_on: date | None,
        words: str,
        *,
        by: User,
        now: datetime,
        expected_version: int,
    ) -> None:
        """Says that it was kept, was not, was withdrawn, or is still open and counts until `due_on`. The same again
        changes nothing.

        Raises Conflict when somebody said otherwise since `expected_version`.
        """
        step = PromiseStep(state=state, due_on=due_on, words=words, by_id=by.id, at=now)
        if self._is_told(step, expected_version, _("Somebody said meanwhile how this promise stands.")):
            return
        if (state, due_on) == (self.state, self.due_on) and not words:
            return
        self.state, self.due_on = state, due_on
        self._take(step, "promise.followed", state=state, due=str(due_on or ""))


class PromiseStep(Step):
    """What became of a promise after it was written down."""

    __tablename__ = "promise_steps"
    TOLD = ("state", "due_on", "words")

    promise_id: Mapped[int] = mapped_column(ForeignKey("promises.id", ondelete="CASCADE"), index=True)
    state: Mapped[PromiseState] = mapped_column(choice(PromiseState, "state"))
    due_on: Mapped[date | None] = mapped_column(Date)
