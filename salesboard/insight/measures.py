"""Measures (优化措施): what a report leads to, each a task with owner and day that comes back in the next report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, String, func, or_, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import clock
from salesboard.access import Viewer, acting_as_system, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, db
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope, seen_with_its_scope
from salesboard.installation import installation
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState

LONGEST_TASK = 500


@guarded
class Measure(Base):
    """That a task was decided in a report, or planned for the targets of a period; with its scope, and the step that it
    is a check-point of.

    Whoever may read the report or the targets sees how the task stands, whosever it is.
    """

    __tablename__ = "measures"
    __table_args__ = (
        CheckConstraint("team_id IS NULL OR person_id IS NULL", name="one_scope"),
        Index(None, "report_id"),
        Index(None, "team_id"),
        Index(None, "person_id"),
        Index(None, "step_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"), unique=True)
    report_id: Mapped[int | None] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    period_key: Mapped[str] = mapped_column(String(24))
    team_id: Mapped[int | None] = mapped_column(ForeignKey("teams.id", ondelete="CASCADE"))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    step_id: Mapped[int | None] = mapped_column(ForeignKey("measures.id", ondelete="CASCADE"))

    task: Mapped[Task] = relationship()
    report: Mapped[Report | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_with_its_scope(cls, viewer)

    @classmethod
    def decide(
        cls, report: Report, what: str, owner: User, due_on: date, *, by: User, now: datetime
    ) -> Measure:
        """A measure of a report; the same sent twice is one."""
        for known in measures_of(report):
            if (known.task.what, known.task.owner_id, known.task.due_on) == (what, owner.id, due_on):
                return known
        return cls._set(report.period, report.scope, what, owner, due_on, by=by, now=now, report_id=report.id)

    @classmethod
    def plan(
        cls,
        period: Period,
        scope: Scope,
        what: str,
        owner: User,
        due_on: date,
        *,
        checked_on: date | None,
        by: User,
        now: datetime,
    ) -> Measure:
        """A step towards the targets of a period, and where a day is given its check-point (阶段性评估), a task of
        whoever plans it; the same sent twice is one."""
        for known in plan_of(scope, period.year):
            facts = known.period_key, known.task.what, known.task.owner_id, known.task.due_on
            if known.step_id is None and facts == (period.key, what, owner.id, due_on):
                return known
        step = cls._set(period, scope, what, owner, due_on, by=by, now=now)
        if checked_on is not None:
            asked = _("Check: %(what)s", what=what)[:LONGEST_TASK]
            cls._set(period, scope, asked, by, checked_on, by=by, now=now, step_id=step.id)
        return step

    @classmethod
    def _set(
        cls,
        period: Period,
        scope: Scope,
        what: str,
        owner: User,
        due_on: date,
        *,
        by: User,
        now: datetime,
        **of: Any,
    ) -> Measure:
        kind = TaskKind.MEASURE
        task = Task.set(what, kind=kind, customer=None, deal=None, owner=owner, due_on=due_on, by=by, now=now)
        measure = cls(
            task_id=task.id,
            period_key=period.key,
            **scope.columns,
            **of,
        )
        db.session.add(measure)
        db.session.flush()
        return measure


@dataclass(frozen=True)
class Standing:
    """How a measure stood at some moment."""

    what: str
    owner_id: int
    owner: str
    due_on: date
    state: TaskState
    done_on: date | None
    outcome: str
    day: date
    """The day of that moment."""

    @property
    def days_late(self) -> int:
        """How many days it is past its day while it is still to be done."""
        return max((self.day - self.due_on).days, 0) if self.state is TaskState.OPEN else 0

    @classmethod
    def of(cls, task: Task, day: date) -> Standing:
        facts = task.what, task.owner_id, task.owner.name, task.due_on, task.state, task.done_on, task.outcome
        return cls(*facts, day)

    def plain(self) -> dict[str, Any]:
        """As a report keeps it; `read` takes it back."""
        told = dict(self.__dict__)
        days = {name: value.isoformat() if value else None for name, value in told.items() if name in _DAYS}
        return told | days | {"state": self.state.value}

    @classmethod
    def read(cls, plain: dict[str, Any]) -> Standing:
        days = {name: date.fromisoformat(plain[name]) if plain[name] else None for name in _DAYS}
        return cls(**plain | days | {"state": TaskState(plain["state"])})


_DAYS = ("due_on", "done_on", "day")


def measures_of(report: Report) -> Sequence[Measure]:
    """What was decided in the report, in that order. One SELECT."""
    return _read(_with_tasks().where(Measure.report_id == report.id).order_by(Measure.id))


def plan_of(scope: Scope, year: int) -> Sequence[Measure]:
    """The action plan of a team or person in a year: each step, and its check-points after it. One SELECT."""
    of_year = Measure.report_id.is_(None), Measure.period_key.startswith(str(year))
    wanted = _with_tasks().where(*of_year).filter_by(**scope.columns)
    step = func.coalesce(Measure.step_id, Measure.id)
    return _read(wanted.order_by(step, Measure.id))


def carried_into(report: Report, as_of: datetime) -> list[dict[str, Any]]:
    """How the measures of earlier reports of the same scope stand: all of the last one that decided any, and whatever
    is open of those before it. Two SELECTs.
    """
    same = (
        Measure.report_id.is_not(None),
        Measure.report_id != report.id,
        Measure.team_id == report.team_id,
        Measure.person_id == report.person_id,
    )
    earlier = Report.starts_on < report.starts_on, Report.ends_on < report.ends_on
    with acting_as_system("a report tells what became of the measures before it, whosever they are"):
        last = db.session.scalar(
            select(Measure.report_id)
            .join(Measure.report)
            .where(*same, *earlier)
            .order_by(Report.ends_on.desc(), Report.id.desc())
            .limit(1)
        )
    if last is None:
        return []
    wanted = _with_tasks().join(Measure.report).join(Measure.task).where(*same, *earlier)
    asked = wanted.where(or_(Measure.report_id == last, Task.state == TaskState.OPEN))
    day = clock.local_date(as_of, installation().timezone)
    return [Standing.of(each.task, day).plain() for each in _read(asked.order_by(Measure.id))]


def _with_tasks() -> Select[Measure]:
    return select(Measure).options(joinedload(Measure.task).joinedload(Task.owner))


def _read(wanted: Select[Measure]) -> Sequence[Measure]:
    with acting_as_system("whoever may read a report sees what was decided there, whosever task it is"):
        return db.session.scalars(wanted).all()
