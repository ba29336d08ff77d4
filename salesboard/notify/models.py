"""Reminders: what the bell shows, each once by person, kind, subject and day."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    UniqueConstraint,
    false,
    func,
    or_,
    select,
    text,
    update,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit, clock
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db, insert_into
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.followups.models import FollowUp
from salesboard.followups.promises import Promise
from salesboard.followups.rules import PromiseState
from salesboard.notify.deliveries import plan_at_once
from salesboard.notify.rules import MORNING_KINDS, ReminderKind
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskState

_OF_A_PAGE = text("deal_id IS NULL AND report_id IS NULL AND task_id IS NULL AND promise_id IS NULL")


@guarded
class Reminder(Base):
    """One thing that one person is told on one day: about a deal, a report, a task or a promise, or that a page's turn
    has come.

    `details` are the facts as they stood then. A later morning's reminders take the place of those still unread.
    """

    __tablename__ = "reminders"
    __table_args__ = (
        UniqueConstraint("person_id", "kind", "deal_id", "day"),
        UniqueConstraint("person_id", "kind", "report_id", "day"),
        UniqueConstraint("person_id", "kind", "task_id", "day"),
        UniqueConstraint("person_id", "kind", "promise_id", "day"),
        CheckConstraint(
            "CASE WHEN kind IN ('housekeeping', 'access_review') "
            "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL AND promise_id IS NULL "
            "WHEN kind IN ('note_owed', 'task_late', 'cadence_missed', 'nudge') "
            "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NOT NULL AND promise_id IS NULL "
            "WHEN kind = 'promise_due' "
            "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL AND promise_id IS NOT NULL "
            "ELSE (deal_id IS NULL) <> (report_id IS NULL) AND task_id IS NULL AND promise_id IS NULL END",
            name="one_subject",
        ),
        Index(
            "uq_reminders_of_pages",
            "person_id",
            "kind",
            "day",
            unique=True,
            sqlite_where=_OF_A_PAGE,
            postgresql_where=_OF_A_PAGE,
        ),
        Index(None, "person_id", "seen_at", "replaced_at"),
        Index(None, "deal_id"),
        Index(None, "report_id"),
        Index(None, "task_id"),
        Index(None, "promise_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    kind: Mapped[ReminderKind] = mapped_column(choice(ReminderKind, "kind"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    task_id: Mapped[int | None] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    promise_id: Mapped[int | None] = mapped_column(ForeignKey("promises.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    details: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    seen_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    replaced_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    put_off_until: Mapped[datetime | None] = mapped_column(UtcDateTime)

    deal: Mapped[Deal | None] = relationship()
    task: Mapped[Task | None] = relationship()
    promise: Mapped[Promise | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """A person's own, as long as they may see the deal, while the task is still theirs to do, and as long as the
        promise is open and they may see its note."""
        deals = select(Deal.id).where(Deal.visible_to(viewer))
        own = Task.owner_id == viewer.person_id, Task.state == TaskState.OPEN
        tasks = select(Task.id).where(*own)
        notes = select(FollowUp.id).where(FollowUp.visible_to(viewer), FollowUp.taken_back_at.is_(None))
        promised = Promise.state == PromiseState.OPEN, Promise.followup_id.in_(notes)
        promises = select(Promise.id).where(*promised)
        return (
            (cls.person_id == viewer.person_id)
            & or_(cls.deal_id.is_(None), cls.deal_id.in_(deals))
            & or_(cls.task_id.is_(None), cls.task_id.in_(tasks))
            & or_(cls.promise_id.is_(None), cls.promise_id.in_(promises))
        )

    @classmethod
    def unread(cls, now: datetime | None = None) -> ColumnElement[bool]:
        """What waits for its person; what is put off does so again from its time on."""
        return ~cls.is_over() & ~cls._is_put_off(now or clock.now())

    @classmethod
    def is_over(cls) -> ColumnElement[bool]:
        """Read, or given way to a later morning's."""
        return cls.seen_at.is_not(None) | cls.replaced_at.is_not(None)

    @classmethod
    def _is_put_off(cls, now: datetime) -> ColumnElement[bool]:
        return func.coalesce(cls.put_off_until > now, false())

    @property
    def is_unread(self) -> bool:
        return self.seen_at is None and self.replaced_at is None

    @classmethod
    def give(cls, reminders: list[dict[str, Any]], *, now: datetime) -> int:
        """Adds what is not there yet by person, kind, subject and day, and plans what people want to hear at once; the
        rest is left as it is. Answers how many were added."""
        if not reminders:
            return 0
        given = insert_into(cls).on_conflict_do_nothing().returning(cls.id, cls.person_id, cls.kind)
        told = db.session.execute(given, reminders).all()
        plan_at_once([(row.id, row.person_id, row.kind) for row in told], now=now)
        return len(told)

    @classmethod
    def nudge(cls, task: Task, *, by: User, day: date, now: datetime) -> None:
        """Asks whoever has the task about it, once a day: the same again changes nothing.

        Raises Refused where it is over, or one's own.
        """
        if not task.is_open:
            raise Refused(_("This task is over already."))
        if task.owner_id == by.id:
            raise Refused(_("This task is your own."))
        told = {"due": task.due_on.isoformat(), "due_at": None, "by": by.name}
        about = {"person_id": task.owner_id, "kind": ReminderKind.NUDGE, "task_id": task.id, "day": day}
        if cls.give([about | {"details": told, "created_at": now}], now=now):
            audit.record("task.nudged", task.label, actor_id=by.id, at=now, person=task.owner.email)

    @classmethod
    def replace_before(
        cls, day: date, *, now: datetime, kinds: Collection[ReminderKind] = MORNING_KINDS
    ) -> None:
        """What is unread of these kinds from earlier days gives way to what is told on `day`."""
        earlier = cls.kind.in_(sorted(kinds)), cls.day < day
        _set(update(cls).where(cls.unread(now), *earlier).values(replaced_at=now))

    def read(self, now: datetime) -> None:
        self.seen_at = self.seen_at or now

    def put_off(self, until: datetime, *, now: datetime) -> None:
        """It leaves the bell and comes back once, by `until`; where its person hears of such things at once, so too."""
        if self.is_unread:
            self.put_off_until = until
            plan_at_once([(self.id, self.person_id, self.kind)], now=now, due_at=until)

    @classmethod
    def put_off_beyond(cls, now: datetime) -> set[tuple[Any, ...]]:
        """Of what is put off: person, kind, deal, task and promise. The same is not told anew meanwhile."""
        away = select(cls.person_id, cls.kind, cls.deal_id, cls.task_id, cls.promise_id).where(
            ~cls.is_over(), cls._is_put_off(now)
        )
        return {tuple(row) for row in db.session.execute(away)}

    @classmethod
    def read_all(cls, person_id: int, *, now: datetime) -> None:
        _set(update(cls).where(cls.person_id == person_id, cls.unread(now)).values(seen_at=now))


def _set(change: Any) -> None:
    db.session.execute(change, execution_options={"synchronize_session": False})
