"""Evaluation reports: asked for, made by a worker, then frozen with the rows behind each number."""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    delete,
    insert,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit, outbox
from salesboard.access import LEADERS, Role, Viewer, guarded
from salesboard.accounts.models import Team, User, team_members
from salesboard.database import Base, PackedJson, UtcDateTime, choice, db
from salesboard.errors import Refused
from salesboard.insight.evaluation import STEPS, Evaluation
from salesboard.insight.facts import Fact, RowSet
from salesboard.insight.metrics import DEFINITIONS
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope, scopes_of, seen_with_its_scope
from salesboard.installation import installation
from salesboard.notify.models import Reminder
from salesboard.notify.rules import ReminderKind

WORK = "report"
MOST_WAITING = 10


class ReportState(StrEnum):
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


@guarded
class Report(Base):
    """The evaluation of one period and scope. Once done its numbers and rows never change."""

    __tablename__ = "reports"
    __table_args__ = (
        CheckConstraint("ends_on >= starts_on", name="period"),
        CheckConstraint("team_id IS NULL OR person_id IS NULL", name="one_scope"),
        CheckConstraint("state <> 'done' OR (result IS NOT NULL AND as_of IS NOT NULL)", name="done"),
        Index(None, "team_id"),
        Index(None, "person_id"),
        Index(None, "requested_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    period_key: Mapped[str] = mapped_column(String(24))
    starts_on: Mapped[date] = mapped_column(Date)
    ends_on: Mapped[date] = mapped_column(Date)
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    state: Mapped[ReportState] = mapped_column(choice(ReportState, "state"), default=ReportState.QUEUED)
    steps_done: Mapped[int] = mapped_column(default=0)
    steps: Mapped[int] = mapped_column(default=STEPS)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    unique_key: Mapped[str | None] = mapped_column(String(120), unique=True)
    as_of: Mapped[datetime | None] = mapped_column(UtcDateTime)
    definitions: Mapped[int] = mapped_column(default=DEFINITIONS)
    result: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True), deferred=True)
    carried: Mapped[list[dict[str, Any]] | None] = mapped_column(JSON(none_as_null=True))
    """How the measures of earlier reports stood (measures.Standing)."""
    error: Mapped[str | None] = mapped_column(Text)
    called_off_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    """Set while it is failed because somebody stopped it."""

    team: Mapped[Team | None] = relationship()
    person: Mapped[User | None] = relationship(foreign_keys=person_id)
    requested_by: Mapped[User | None] = relationship(foreign_keys=requested_by_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_with_its_scope(cls, viewer)

    @classmethod
    def shown(cls, report_id: int) -> Report | None:
        """The report, if the viewer may read it."""
        return db.session.scalar(select(cls).where(cls.id == report_id))

    @classmethod
    def finished(cls, report_id: int) -> Report | None:
        """The same, once there are numbers to read."""
        report = cls.shown(report_id)
        return report if report is not None and report.result is not None else None

    @classmethod
    def request(cls, period: Period, scope: Scope, *, by: User, now: datetime) -> Report:
        """Asks for a report; one that is being made for the same person already is given back instead.

        Raises Refused for a scope that is not the person's to evaluate, or when too many wait for them already.
        """
        if scope not in scopes_of(by):
            raise Refused(_("You can have only your own teams and people evaluated."))
        under_way = cls.requested_by_id == by.id, cls.state.in_((ReportState.QUEUED, ReportState.RUNNING))
        waiting = db.session.scalars(select(cls).where(*under_way)).all()
        same = (each for each in waiting if each.period_key == period.key and each.scope == scope)
        if found := next(same, None):
            return found
        if len(waiting) >= MOST_WAITING:
            raise Refused(_("Ten reports are being made for you. Wait until one is done."))
        return cls._ask(period, scope, by=by, now=now)

    @classmethod
    def schedule(cls, period: Period, scope: Scope, *, now: datetime) -> None:
        """Asks for a scheduled report, once for each period and scope."""
        key = f"scheduled:{scope.key}:{period.key}"
        if db.session.scalar(select(cls.id).where(cls.unique_key == key)) is None:
            cls._ask(period, scope, by=None, now=now, unique_key=key)

    @classmethod
    def _ask(
        cls, period: Period, scope: Scope, *, by: User | None, now: datetime, unique_key: str | None = None
    ) -> Report:
        report = cls(
            period_key=period.key,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            **scope.columns,
            state=ReportState.QUEUED,
            requested_by_id=by.id if by else None,
            requested_at=now,
            unique_key=unique_key,
        )
        db.session.add(report)
        db.session.flush()
        outbox.promise(WORK, report.id, now=now)
        audit.record(
            "report.requested",
            report.label,
            actor_id=report.requested_by_id,
            at=now,
            period=period.key,
            scope=scope.key,
        )
        return report

    @property
    def label(self) -> str:
        """How the audit log names this report."""
        return f"report {self.id}"

    @property
    def period(self) -> Period:
        return Period.parse(self.period_key)

    @property
    def scope(self) -> Scope:
        return Scope((self.team,) if self.team is not None else (), self.person)

    @property
    def is_under_way(self) -> bool:
        return self.state in (ReportState.QUEUED, ReportState.RUNNING)

    def advance(self, steps_done: int) -> None:
        """How far the worker has come, for the page to show; a report that is done stays so."""
        if self.is_under_way:
            self.state, self.steps, self.steps_done, self.error = ReportState.RUNNING, STEPS, steps_done, None

    def finish(
        self,
        evaluation: Evaluation,
        *,
        as_of: datetime,
        now: datetime,
        carried: list[dict[str, Any]] | None = None,
    ) -> None:
        """Freezes the numbers with their rows, and how earlier measures stand; and tells who waits for them."""
        if self.state is ReportState.DONE or self.called_off_at is not None:
            return
        self.state, self.steps_done, self.error = ReportState.DONE, self.steps, None
        self.as_of, self.definitions, self.result = as_of, DEFINITIONS, evaluation.result
        self.carried = carried
        db.session.execute(delete(ReportRows).where(ReportRows.report_id == self.id))
        db.session.execute(
            insert(ReportRows),
            [
                {"report_id": self.id, "row_set": name, "rows": rows}
                for name, rows in evaluation.packed_rows.items()
            ],
        )
        Reminder.give(
            [
                {
                    "person_id": person_id,
                    "kind": ReminderKind.REPORT_READY,
                    "report_id": self.id,
                    "day": installation().today,
                    "details": {"period": self.period_key, "whose": self.scope.name},
                    "created_at": now,
                }
                for person_id in self._readers()
            ],
            now=now,
        )
        audit.record(
            "report.made", self.label, actor_id=self.requested_by_id, at=now, as_of=as_of.isoformat()
        )

    def fail(self, error: str) -> None:
        """No further try will be made: the page says so and offers another."""
        if self.is_under_way:
            self.state, self.error = ReportState.FAILED, error

    def may_be_called_off_by(self, person: User) -> bool:
        """Whether it is under way, and the person's to stop: who asked for it, and who leads."""
        return self.is_under_way and (self.requested_by_id == person.id or person.role in LEADERS)

    def call_off(self, *, by: User, now: datetime) -> None:
        """The worker stops at its next step; it can be tried again. Of one that is over nothing changes.

        Raises Refused for somebody who neither asked for it nor leads.
        """
        if not self.is_under_way:
            return
        if not self.may_be_called_off_by(by):
            raise Refused(_("Whoever asked for this report, or leads, may call it off."))
        self.state, self.error, self.called_off_at = ReportState.FAILED, None, now
        audit.record("report.called_off", self.label, actor_id=by.id, at=now)

    def try_again(self, *, by: User, now: datetime) -> None:
        """Asks for a failed report once more; otherwise nothing happens."""
        if self.state is ReportState.FAILED:
            self.state, self.steps_done, self.error = ReportState.QUEUED, 0, None
            self.called_off_at = None
            outbox.promise(WORK, self.id, now=now)
            audit.record("report.requested", self.label, actor_id=by.id, at=now)

    def rows(self, row_set: RowSet) -> list[Fact]:
        """The rows of this set as they were counted."""
        kept = select(ReportRows.rows).where(ReportRows.report_id == self.id, ReportRows.row_set == row_set)
        return [Fact.read(plain) for plain in db.session.scalars(kept).one()]

    def _readers(self) -> list[int]:
        """Who asked for it; of a scheduled one, the team's supervisors, or without any the admins."""
        if self.requested_by_id is not None:
            return [self.requested_by_id]
        active = select(User.id).where(User.deactivated_at.is_(None)).order_by(User.id)
        led = active.join(team_members, team_members.c.user_id == User.id).where(
            team_members.c.team_id == self.team_id, User.role == Role.SUPERVISOR
        )
        leaders = list(db.session.scalars(led))
        return leaders or list(db.session.scalars(active.where(User.role == Role.ADMIN)))


@guarded
class ReportRows(Base):
    """The rows of one set behind a report's numbers, frozen with it."""

    __tablename__ = "report_rows"
    __table_args__ = (UniqueConstraint("report_id", "row_set"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    row_set: Mapped[RowSet] = mapped_column(choice(RowSet, "row_set"))
    rows: Mapped[list[list[Any]]] = mapped_column(PackedJson)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.report_id.in_(select(Report.id).where(Report.visible_to(viewer)))
