"""Objections: raised in a talk, answered or settled there or later. Each later step is kept, with who and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ForeignKey, Text, UniqueConstraint, event, inspect, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Conflict
from salesboard.followups import digest_chain as chain
from salesboard.followups.rules import Note, ObjectionState

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


class Objection(Base):
    """One objection of a follow-up. `told` is how it stood when the note was written, `state` how it stands now."""

    __tablename__ = "objections"
    __table_args__ = (UniqueConstraint("followup_id", "position"), CheckConstraint("text <> ''", name="text"))

    id: Mapped[int] = mapped_column(primary_key=True)
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    told: Mapped[ObjectionState | None] = mapped_column(choice(ObjectionState, "told"))
    state: Mapped[ObjectionState] = mapped_column(choice(ObjectionState, "state"))
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    version: Mapped[int] = mapped_column(default=1)

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

    @classmethod
    def locked(cls, objection_id: int) -> Objection | None:
        """The objection, if its follow-up is visible, held until the transaction ends."""
        return db.session.scalar(_shown(objection_id).with_for_update(of=cls))

    @classmethod
    def shown(cls, objection_id: int) -> Objection | None:
        """The objection, if its follow-up is visible."""
        return db.session.scalar(_shown(objection_id))

    def become(
        self, state: ObjectionState, words: str, *, by: User, now: datetime, expected_version: int
    ) -> None:
        """Says that it is answered, settled, or open again after all. The same again changes nothing.

        Raises Conflict when somebody said otherwise since `expected_version`.
        """
        if expected_version != self.version:
            last = self.steps[-1] if self.steps else None
            if last is not None and (last.state, last.words, last.by_id) == (state, words, by.id):
                return
            raise Conflict(
                _("Somebody said meanwhile how this objection stands."),
                changed_by=last.by.name if last and last.by else None,
                changed_at=last.at if last else None,
            )
        if state is self.state and not words:
            return
        step = ObjectionStep(state=state, words=words, by_id=by.id, at=now)
        self.steps.append(step)
        self._stand(state, now)
        self.version += 1
        db.session.flush()
        number = self.followup.number
        chain.append([chain.objected(number, self.position, step.facts)])
        audit.record("objection.followed", f"followup {number}", actor_id=by.id, at=now, state=state)

    def _stand(self, state: ObjectionState, at: datetime) -> None:
        self.state = state
        if state is ObjectionState.RAISED:
            self.answered_at = self.settled_at = None
            return
        self.answered_at = self.answered_at or at
        self.settled_at = at if state is ObjectionState.SETTLED else None


class ObjectionStep(Base):
    """What became of an objection after it was written down."""

    __tablename__ = "objection_steps"

    id: Mapped[int] = mapped_column(primary_key=True)
    objection_id: Mapped[int] = mapped_column(ForeignKey("objections.id", ondelete="CASCADE"), index=True)
    state: Mapped[ObjectionState] = mapped_column(choice(ObjectionState, "state"))
    words: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    by: Mapped[User | None] = relationship()

    @property
    def facts(self) -> dict[str, object]:
        """What its link in the chain covers."""
        return {"state": self.state, "words": self.words, "by_id": self.by_id, "at": self.at}


def _shown(objection_id: int) -> Any:
    from salesboard.followups.models import FollowUp  # which is made of objections

    seen = Objection.followup_id.in_(select(FollowUp.id))
    return select(Objection).where(Objection.id == objection_id, seen)


@event.listens_for(Objection, "before_update")
def _refuse_other_words(_mapper: object, _connection: object, objection: Objection) -> None:
    state = inspect(objection)
    if state.attrs.text.history.has_changes() or state.attrs.told.history.has_changes():
        raise RuntimeError(f"objection {objection.id} is never edited silently")
