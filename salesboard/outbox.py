"""Work promised by a commit, handed to RQ after it.

A verb calls `promise` inside its transaction. The row is the queue of record; Redis only wakes a worker. Whoever
performs the work claims the row first with a lease and a token, and finishes it only with that token, so that a
stalled worker that wakes late changes nothing.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Index, String, Text, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, mapped_column

from salesboard.database import Base, UtcDateTime, choice, db

LEASE = timedelta(minutes=5)
WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Growing waits between tries; after one more failure the work is dead and shown to the admin."""


class WorkState(StrEnum):
    READY = "ready"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


class Work(Base):
    """One promise: `kind` names a callable of jobs/'s allow-list, `subject_id` the row it is about."""

    __tablename__ = "outbox"
    __table_args__ = (Index(None, "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    subject_id: Mapped[int]
    unique_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    state: Mapped[WorkState] = mapped_column(choice(WorkState, "state"), default=WorkState.READY)
    due_at: Mapped[datetime] = mapped_column(UtcDateTime)
    attempts: Mapped[int] = mapped_column(default=0)
    lease_until: Mapped[datetime | None] = mapped_column(UtcDateTime)
    token: Mapped[str | None] = mapped_column(String(32))
    last_error: Mapped[str | None] = mapped_column(Text)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)


def promise(
    kind: str,
    subject_id: int,
    *,
    now: datetime,
    due_at: datetime | None = None,
    unique_key: str | None = None,
) -> None:
    """Adds work to the transaction under way. With a `unique_key` already promised, nothing is added."""
    work = Work(kind=kind, subject_id=subject_id, unique_key=unique_key, due_at=due_at or now, created_at=now)
    if unique_key is None:
        db.session.add(work)
        return
    try:
        with db.session.begin_nested():
            db.session.add(work)
    except IntegrityError:
        return


def due(now: datetime, limit: int = 100) -> list[int]:
    """Ids of work that waits to be done, oldest first: ready and due, or leased by somebody who let the lease lapse."""
    waiting = select(Work.id).where(_is_claimable(now)).order_by(Work.due_at, Work.id).limit(limit)
    return list(db.session.scalars(waiting))


def claim(work_id: int, now: datetime) -> str | None:
    """Takes the work for `LEASE`; the token that proves it, or None where somebody else has it or it is done."""
    token = secrets.token_hex(16)
    taken = db.session.execute(
        update(Work)
        .where(Work.id == work_id, _is_claimable(now))
        .values(state=WorkState.LEASED, lease_until=now + LEASE, token=token, attempts=Work.attempts + 1)
    )
    return token if taken.rowcount == 1 else None  # type: ignore[attr-defined]


def finish(work_id: int, token: str, now: datetime) -> bool:
    """Marks the work done in the transaction of its effects; False where the lease was lost (then roll back)."""
    return _settle(work_id, token, state=WorkState.DONE, finished_at=now, last_error=None)


def fail(work_id: int, token: str, error: str, now: datetime, *, attempts: int) -> bool:
    """Puts the work back for a later try, or declares it dead once the waits are used up."""
    if attempts > len(WAITS):
        return _settle(work_id, token, state=WorkState.DEAD, finished_at=now, last_error=error)
    return _settle(work_id, token, state=WorkState.READY, due_at=now + WAITS[attempts - 1], last_error=error)


def _settle(work_id: int, token: str, **values: object) -> bool:
    settled = db.session.execute(
        update(Work)
        .where(Work.id == work_id, Work.token == token, Work.state == WorkState.LEASED)
        .values(**values, lease_until=None, token=None)
    )
    return settled.rowcount == 1  # type: ignore[attr-defined]


def _is_claimable(now: datetime):  # type: ignore[no-untyped-def]
    return or_(
        (Work.state == WorkState.READY) & (Work.due_at <= now),
        (Work.state == WorkState.LEASED) & (Work.lease_until < now),
    )
