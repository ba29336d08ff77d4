"""What a note leaves open, and what became of it: objections, promises. Each later step is kept, with who and when."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar, Self

from sqlalchemy import ForeignKey, Text, event, inspect, select
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, db
from salesboard.errors import Conflict
from salesboard.followups import digest_chain as chain

if TYPE_CHECKING:
    from salesboard.followups.models import FollowUp


class LooseEnd(Base):
    """Something of a follow-up that goes on after it. The words are only changed by a correction of the follow-up."""

    __abstract__ = True
    LINK: ClassVar[chain.LinkKind]
    AS_WRITTEN: ClassVar[tuple[str, ...]]
    """The columns that say how it was written down."""

    id: Mapped[int] = mapped_column(primary_key=True)
    followup_id: Mapped[int] = mapped_column(ForeignKey("followups.id", ondelete="CASCADE"))
    position: Mapped[int]
    version: Mapped[int] = mapped_column(default=1)

    steps: Any
    followup: Any

    @classmethod
    def locked(cls, row_id: int) -> Self | None:
        """The row, if its follow-up is visible, held until the transaction ends."""
        return db.session.scalar(cls._seen(row_id).with_for_update(of=cls))

    @classmethod
    def shown(cls, row_id: int) -> Self | None:
        """The row, if its follow-up is visible."""
        return db.session.scalar(cls._seen(row_id))

    @classmethod
    def _seen(cls, row_id: int) -> Any:
        from salesboard.followups.models import FollowUp  # which is made of loose ends

        return select(cls).where(cls.id == row_id, cls.followup_id.in_(select(FollowUp.id)))

    def _is_told(self, step: Step, expected_version: int, words: str) -> bool:
        """Whether this step was the last one already; raises Conflict, with `words`, when another was taken since
        `expected_version`."""
        if expected_version == self.version:
            return False
        last = self.steps[-1] if self.steps else None
        if last is not None and (last.told, last.by_id) == (step.told, step.by_id):
            return True
        raise Conflict(
            words,
            changed_by=last.by.name if last and last.by else None,
            changed_at=last.at if last else None,
        )

    def _take(self, step: Step, verb: str, **details: Any) -> None:
        self.steps.append(step)
        self.version += 1
        db.session.flush()
        number = self.followup.number
        chain.append([chain.followed(self.LINK, number, self.position, step.facts)])
        audit.record(verb, f"followup {number}", actor_id=step.by_id, at=step.at, **details)


class Step(Base):
    """What became of a loose end after it was written down."""

    __abstract__ = True
    TOLD: ClassVar[tuple[str, ...]]
    """The columns that say what became of it."""

    id: Mapped[int] = mapped_column(primary_key=True)
    words: Mapped[str] = mapped_column(Text, default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @declared_attr
    @classmethod
    def by(cls) -> Mapped[User | None]:
        return relationship(User)

    @property
    def told(self) -> tuple[Any, ...]:
        return tuple(getattr(self, name) for name in self.TOLD)

    @property
    def facts(self) -> dict[str, object]:
        """What its link in the chain covers."""
        return {name: getattr(self, name) for name in (*self.TOLD, "by_id", "at")}


@event.listens_for(LooseEnd, "before_update", propagate=True)
def _refuse_other_words(_mapper: object, _connection: object, loose: LooseEnd) -> None:
    note: FollowUp = loose.followup
    is_corrected = inspect(note).attrs.version.history.has_changes()
    history = inspect(loose).attrs
    if not is_corrected and any(history[name].history.has_changes() for name in loose.AS_WRITTEN):
        raise RuntimeError(f"{type(loose).__name__} {loose.id} is never edited silently")
