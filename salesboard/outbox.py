"""Work promised by a commit, handed to RQ after it.

A verb calls `promise` inside its transaction. The row is the queue of record; Redis only wakes a worker. Whoever
performs the work claims the row first with a lease and a token, keeps the lease alive while it works, and finishes only
with that token, so that a stalled worker that wakes late changes nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum

from flask import current_app, has_app_context
from sqlalchemy import (
    ColumnElement,
    Connection,
    Index,
    String,
    Text,
    Update,
    case,
    event,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from salesboard import audit, clock
from salesboard.database import Base, UtcDateTime, choice, db, insert_into, writing

WAITS = (timedelta(seconds=15), timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=30))
"""Growing waits between tries; after one more failure the work is dead and shown to the admin."""

TRIES = len(WAITS) + 1

LEASE = timedelta(seconds=15)
"""For so long nobody else takes over from a worker that gives no sign of life."""

FORGIVING = timedelta(minutes=5)
"""For so long after it was due, work whose worker died without a word has not used up a try: machines restart."""

HAND_OVER = "hand_over"
"""The application's extension that wakes a worker for the ids it is given: `ops/handover.py`."""

_PROMISED = "promised_work"


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


class LeaseLost(Exception):
    """Somebody else has taken the work over: whoever meets this stops without a trace."""


@dataclass
class Claim:
    """The right to do one piece of work, until its lease lapses. `attempts` counts this try too.

    A lease is short: whoever works longer than it lasts needs a heartbeat that renews it.
    """

    work_id: int
    kind: str
    subject_id: int
    attempts: int
    token: str
    lease: timedelta
    is_finished: bool = False
    when_renewed: Callable[[], None] = field(default=lambda: None, repr=False)

    @contextmanager
    def writing(self) -> Iterator[None]:
        """One transaction of the work under way, such as its progress; the lease begins anew with it.

        Raises LeaseLost, with nothing written, where somebody else has taken the work over.
        """
        with writing():
            began = clock.now()
            self._settle(lease_until=began + self.lease)
            yield
            if clock.now() - began > self.lease / 3:  # a long step holds back the heartbeat
                self._settle(lease_until=clock.now() + self.lease)
        self.when_renewed()

    @contextmanager
    def finishing(self) -> Iterator[None]:
        """The last transaction: its effects and `done` are committed together, once. Raises LeaseLost as `writing`."""
        with writing():
            self.finish()
            yield
        self.is_finished = True

    def finish(self) -> None:
        """In the transaction under way: done. Raises LeaseLost, before anything else of it is written."""
        self._settle(
            state=WorkState.DONE, finished_at=clock.now(), last_error=None, lease_until=None, token=None
        )

    def renew(self, connection: Connection) -> bool:
        """In the transaction of `connection`: the lease begins anew. False where the work is done or another's."""
        change = self._if_ours().values(lease_until=clock.now() + self.lease)
        return connection.execute(change).rowcount == 1

    def put_back(self, error: str) -> None:
        """In the transaction under way: another try later, after a growing wait."""
        due_at = clock.now() + WAITS[min(self.attempts, len(WAITS)) - 1]
        self._settle(state=WorkState.READY, due_at=due_at, last_error=error, lease_until=None, token=None)

    def put_off(self, until: datetime) -> None:
        """In the transaction under way: another time, without this having been a try."""
        tries = case((Work.attempts > 0, Work.attempts - 1), else_=0)
        self._settle(state=WorkState.READY, due_at=until, attempts=tries, lease_until=None, token=None)

    def give_up(self, error: str) -> None:
        """In the transaction under way: no further try; the work stays as dead for the admin to see."""
        self._settle(
            state=WorkState.DEAD, finished_at=clock.now(), last_error=error, lease_until=None, token=None
        )

    def _settle(self, **values: object) -> None:
        change = self._if_ours().values(**values)
        settled = db.session.execute(change, execution_options={"synchronize_session": False})
        if settled.rowcount != 1:  # type: ignore[attr-defined]
            raise LeaseLost(f"work {self.work_id} is not ours any more")

    def _if_ours(self) -> Update:
        return update(Work).where(
            Work.id == self.work_id, Work.token == self.token, Work.state == WorkState.LEASED
        )


def promise(
    kind: str,
    subject_id: int,
    *,
    now: datetime,
    due_at: datetime | None = None,
    unique_key: str | None = None,
    wakes_a_worker: bool = True,
) -> int | None:
    """Adds work to the transaction under way. With a `unique_key` already promised nothing is added, and None comes."""
    work_id = db.session.scalar(
        insert_into(Work)
        .values(
            kind=kind,
            subject_id=subject_id,
            unique_key=unique_key,
            state=WorkState.READY,
            due_at=due_at or now,
            created_at=now,
        )
        .on_conflict_do_nothing(index_elements=["unique_key"])
        .returning(Work.id)
    )
    if work_id is not None and wakes_a_worker and (due_at is None or due_at <= now):
        db.session.info.setdefault(_PROMISED, []).append(work_id)
    return work_id


def due(now: datetime, limit: int = 100, *, but: Collection[str] = ()) -> list[int]:
    """Ids of work that waits to be done, oldest first: ready and due, or leased by somebody who let the lease lapse;
    `but` these kinds."""
    waiting = select(Work.id).where(_is_claimable(now), Work.kind.not_in(but))
    return list(db.session.scalars(waiting.order_by(Work.due_at, Work.id).limit(limit)))


def kept(unique_keys: list[str]) -> set[str]:
    """Which of these keys have been promised already."""
    return set(db.session.scalars(select(Work.unique_key).where(Work.unique_key.in_(unique_keys))))


def revive(work_id: int, *, by_id: int, now: datetime) -> bool:
    """Lets dead work be tried anew, in the transaction under way; False where it is not dead, or not there."""
    revived = db.session.execute(
        update(Work)
        .where(Work.id == work_id, Work.state == WorkState.DEAD)
        .values(state=WorkState.READY, due_at=now, attempts=0, finished_at=None),
        execution_options={"synchronize_session": False},
    )
    if revived.rowcount != 1:  # type: ignore[attr-defined]
        return False
    db.session.info.setdefault(_PROMISED, []).append(work_id)
    audit.record("work.revived", f"work {work_id}", actor_id=by_id, at=now)
    return True


def claim(work_id: int, *, lease: timedelta = LEASE) -> Claim | None:
    """Takes the work for `lease`, in the transaction under way; None where somebody else has it or it is done."""
    now, token = clock.now(), secrets.token_hex(16)
    was_cut_short = (Work.state == WorkState.LEASED) & (Work.due_at > now - FORGIVING)
    attempts = case((was_cut_short, Work.attempts), else_=Work.attempts + 1)
    taken = db.session.execute(
        update(Work)
        .where(Work.id == work_id, _is_claimable(now))
        .values(state=WorkState.LEASED, lease_until=now + lease, token=token, attempts=attempts)
        .returning(Work.kind, Work.subject_id, Work.attempts),
        execution_options={"synchronize_session": False},
    ).one_or_none()
    return Claim(work_id, *taken, token=token, lease=lease) if taken else None


def put_off(work_ids: Collection[int], until: datetime, now: datetime) -> None:
    """In the transaction under way: what of it nobody has in hand is due at `until`, without this having been a try."""
    change = update(Work).where(Work.id.in_(work_ids), _is_claimable(now))
    put = change.values(state=WorkState.READY, due_at=until, lease_until=None, token=None)
    db.session.execute(put, execution_options={"synchronize_session": False})


def is_ready(now: datetime) -> ColumnElement[bool]:
    """Work whose time has come, and that nobody has begun."""
    return (Work.state == WorkState.READY) & (Work.due_at <= now)


def has_lapsed(now: datetime) -> ColumnElement[bool]:
    """Work that somebody began who gives no sign of life any more."""
    return (Work.state == WorkState.LEASED) & (Work.lease_until < now)


def _is_claimable(now: datetime) -> ColumnElement[bool]:
    return or_(is_ready(now), has_lapsed(now))


@event.listens_for(Session, "after_commit")
def _hand_over(session: Session) -> None:
    if session.in_nested_transaction():
        return
    promised = session.info.pop(_PROMISED, None)
    hand_over = current_app.extensions.get(HAND_OVER) if promised and has_app_context() else None
    if hand_over is not None:
        hand_over(promised)


@event.listens_for(Session, "after_rollback")
def _forget(session: Session) -> None:
    if not session.in_nested_transaction():
        session.info.pop(_PROMISED, None)
