"""Objections: raised in a talk, answered or settled there or later."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.accounts.models import User
from salesboard.database import UtcDateTime, choice
from salesboard.followups.digest_chain import LinkKind
from salesboard.followups.loose_ends import LooseEnd, Step
from salesboard.followups.rules import Note, ObjectionState

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


class Objection(LooseEnd):
    """One objection of a follow-up. `told` is how it stood when the note was written, `state` how it stands now."""

    __tablename__ = "objections"
    __table_args__ = (UniqueConstraint("followup_id", "position"), CheckConstraint("text <> ''", name="text"))
    LINK, AS_WRITTEN = LinkKind.OBJECTION, ("text", "told")

    text: Mapped[str] = mapped_column(Text)
    told: Mapped[ObjectionState | None] = mapped_column(choice(ObjectionState, "told"))
    state: Mapped[ObjectionState] = mapped_column(choice(ObjectionState, "state"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    followup: Mapped[FollowUp] = relationship("FollowUp", back_populates="objections")
    steps: Mapped[list[ObjectionStep]] = relationship(order_by="ObjectionStep.id", passive_deletes=True)

    @classmethod
    def raised_in(cls, note: Note) -> list[Objection]:
        """Those of a note that is being written."""
        objections = []
        for position, text in enumerate(note.objections, 1):
            objection = cls(position=position, text=text, told=note.objection_state)
            objection._stand(note.objection_state, note.occurred_at)
            objections.append(objection)
        return objections

    def become(
        self, state: ObjectionState, words: str, *, by: User, now: datetime, expected_version: int
    ) -> None:
        """Says that it is answered, settled, or open again after all. The same again changes nothing.

        Raises Conflict when somebody said otherwise since `expected_version`.
        """
        step = ObjectionStep(state=state, words=words, by_id=by.id, at=now)
        if self._is_told(step, expected_version, _("Somebody said meanwhile how this objection stands.")):
            return
        if state is self.state and not words:
            return
        self._stand(state, now)
        self._take(step, "objection.followed", state=state)

    def _stand(self, state: ObjectionState, at: datetime) -> None:
        self.state = state
        if state is ObjectionState.RAISED:
            self.answered_at = self.settled_at = None
            return
        self.answered_at = self.answered_at or at
        self.settled_at = at if state is ObjectionState.SETTLED else None


class ObjectionStep(Step):
    """What became of an objection after it was written down."""

    __tablename__ = "objection_steps"
    TOLD = ("state", "words")

    objection_id: Mapped[int] = mapped_column(ForeignKey("objections.id", ondelete="CASCADE"), index=True)
    state: Mapped[ObjectionState] = mapped_column(choice(ObjectionState, "state"))
