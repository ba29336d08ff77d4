"""Tasks (跟进计划), how often they were put off, and how often each customer is to be talked with."""

from __future__ import annotations

from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, current_viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.sharing import merged_away
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method
from salesboard.errors import Refused
from salesboard.followups.models import FollowUp
from salesboard.tasks.rules import KeyNode, TaskKind, TaskState, day_of
from salesboard.versioned import Versioned


def _one_open(name: str, kind: TaskKind, *columns: str) -> Index:
    """At most one open task of this kind for the same columns: the database says so."""
    only = text(f"kind = '{kind}' AND state = 'open'")
    return Index(f"uq_tasks_{name}", *columns, unique=True, sqlite_where=only, postgresql_where=only)


@guarded
class Task(Versioned, Base):
    """One thing to be done by a day, with a customer unless it is a measure. The next step of a deal is one, kept in
    step with the deal's own columns; so are its key nodes, and what a customer's cadence asks for.

    `due_on` is a date of the installation; `due_at` is the moment, where an hour was agreed.
    """

    __tablename__ = "tasks"
    __table_args__ = (
        CheckConstraint("what <> ''", name="told"),
        CheckConstraint("(state = 'open') = (closed_at IS NULL)", name="closed"),
        CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name="done"),
        CheckConstraint("(kind = 'node') = (node IS NOT NULL)", name="node_named"),
        CheckConstraint("kind NOT IN ('step', 'node') OR deal_id IS NOT NULL", name="of_deal"),
        CheckConstraint("(kind = 'measure') = (customer_id IS NULL)", name="of_customer"),
        Index(None, "owner_id", "state", "due_on"),
        Index(None, "customer_id", "state"),
        Index(None, "deal_id", "state"),
        Index(None, "followup_id"),
        _one_open("open_step", TaskKind.STEP, "deal_id"),
        _one_open("open_node", TaskKind.NODE, "deal_id", "node"),
        _one_open("open_cadence", TaskKind.CADENCE, "customer_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[TaskKind] = mapped_column(choice(TaskKind, "kind"))
    state: Mapped[TaskState] = mapped_column(choice(TaskState, "state"), default=TaskState.OPEN)
    what: Mapped[str] = mapped_column(String(500))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    due_on: Mapped[date] = mapped_column(Date)
    due_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    method: Mapped[Method | None] = mapped_column(choice(Method, "method"))
    goal: Mapped[str] = mapped_column(String(500), default="")
    outcome: Mapped[str] = mapped_column(String(500), default="")
    """What came of a measure."""
    node: Mapped[KeyNode | None] = mapped_column(choice(KeyNode, "node"))
    postponed: Mapped[int] = mapped_column(default=0)
    """How often it was put off to a later day."""
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    closed_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    closed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    done_on: Mapped[date | None] = mapped_column(Date)
    """The day of the talk that did it."""
    followup_id: Mapped[int | None] = mapped_column(ForeignKey("followups.id", ondelete="SET NULL"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped[Customer | None] = relationship()
    deal: Mapped[Deal | None] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    updated_by: Mapped[User | None] = relationship(foreign_keys=updated_by_id)
    followup: Mapped[FollowUp | None] = relationship()
    postponements: Mapped[list[Postponement]] = relationship(
        back_populates="task", order_by="Postponement.id", passive_deletes=True
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own and one's teams', and those of deals one sees."""
        deals = select(Deal.id).where(Deal.visible_to(viewer))
        return viewer.sees_owner(cls.owner_id) | cls.deal_id.in_(deals)

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.customer_id.is_(None) | cls.customer_id.not_in(merged_away())

    @classmethod
    def locked(cls, task_id: int) -> Task | None:
        """The task, if it is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == task_id).with_for_update(of=cls))

    @classmethod
    def set(
        cls,
        what: str,
        *,
        customer: Customer | None,
        deal: Deal | None,
        owner: User,
        due_on: date,
        by: User,
        now: datetime,
        kind: TaskKind = TaskKind.OWN,
        node: KeyNode | None = None,
        due_at: datetime | None = None,
        method: Method | None = None,
        goal: str = "",
    ) -> Task:
        """A task that somebody sets, for themselves or for whoever looks after the customer."""
        task = cls(
            kind=kind,
            node=node,
            what=what,
            customer_id=customer.id if customer else None,
            deal_id=deal.id if deal else None,
            owner_id=owner.id,
            due_on=due_on,
            due_at=due_at,
            method=method,
            goal=goal,
            created_at=now,
            created_by_id=by.id,
            updated_at=now,
            updated_by_id=by.id,
        )
        db.session.add(task)
        db.session.flush()
        audit.record("task.set", task.label, actor_id=by.id, at=now, kind=kind, due=str(due_on))
        return task

    @property
    def label(self) -> str:
        """How the audit log names this task."""
        return f"task {self.id}"

    @property
    def is_open(self) -> bool:
        return self.state is TaskState.OPEN

    def day_in(self, zone: str) -> date:
        """Its day for somebody whose clock shows the time of `zone`."""
        return day_of(self.due_on, self.due_at, zone)

    @property
    def is_readers_business(self) -> bool:
        """Whether the reader may change and do it: whose it is, who looks after them or after its deal."""
        viewer, owners = current_viewer(), {self.owner_id, self.deal.owner_id if self.deal else self.owner_id}
        return viewer is not None and any(viewer.sees_person(owner_id) for owner_id in owners)

    def postpone(
        self,
        to: date,
        reason: str,
        *,
        by: User,
        now: datetime,
        expected_version: int,
        due_at: datetime | None = None,
    ) -> None:
        """Puts the task off, or brings it forward; a later day is counted and its reason kept.

        The next step of a deal goes along with it. Raises Conflict when the task changed since, Refused when it is
        over or stays where it is.
        """
        self._expect(expected_version)
        if to == self.due_on and due_at == self.due_at:
            raise Refused(_("Choose another day."))
        if to > self.due_on:
            self.postponed += 1
            self.postponements.append(
                Postponement(from_on=self.due_on, to_on=to, reason=reason, by_id=by.id, at=now)
            )
        before = self.due_on
        self.due_on, self.due_at = to, due_at
        self.changed(by.id, now)
        audit.record("task.moved", self.label, actor_id=by.id, at=now, source=str(before), target=str(to))
        if self.kind is TaskKind.STEP and self.deal is not None and self.deal.next_due != to:
            self.deal.plan(self.what, to, self.method, by_id=by.id, now=now)

    def revise(
        self,
        *,
        by: User,
        now: datetime,
        expected_version: int,
        what: str,
        owner: User,
        due_at: datetime | None,
        method: Method | None,
        goal: str,
    ) -> None:
        """Changes what is to be done, by whom and how. Raises Conflict when the task changed since."""
        self._expect(expected_version)
        self.what, self.owner_id, self.due_at, self.method, self.goal = what, owner.id, due_at, method, goal
        self.changed(by.id, now)
        audit.record("task.revised", self.label, actor_id=by.id, at=now)
        deal = self.deal if self.kind is TaskKind.STEP else None
        if deal is not None and (deal.next_step, deal.next_method) != (what, method):
            deal.plan(what, self.due_on, method, by_id=by.id, now=now)

    def drop(self, *, by: User, now: datetime, expected_version: int) -> None:
        """It is no longer to be done; without a follow-up, so it counts as done nowhere."""
        self._expect(expected_version)
        self.end(by_id=by.id, now=now)
        audit.record("task.dropped", self.label, actor_id=by.id, at=now)
        if self.kind is TaskKind.STEP and self.deal is not None and self.deal.next_step:
            self.deal.plan("", None, None, by_id=by.id, now=now)

    def do(self, note: FollowUp, *, done_on: date, by_id: int | None, now: datetime) -> None:
        """Done by the follow-up `note`, which took place on `done_on`. Once done it stays so."""
        if not self.is_open:
            return
        self.state, self.closed_at, self.closed_by_id = TaskState.DONE, now, by_id
        self.done_on, self.followup_id = done_on, note.id
        self.changed(by_id, now)

    def settle(self, outcome: str, *, done_on: date, by: User, now: datetime, expected_version: int) -> None:
        """A measure is done, and this came of it. Raises Conflict when it changed since, Refused when it is over or to
        be done by a follow-up."""
        if self.kind is not TaskKind.MEASURE:
            raise Refused(_("This task is done by writing the follow-up."))
        self._expect(expected_version)
        self.state, self.closed_at, self.closed_by_id = TaskState.DONE, now, by.id
        self.done_on, self.outcome = done_on, outcome
        self.changed(by.id, now)
        audit.record("task.settled", self.label, actor_id=by.id, at=now)

    def end(self, *, by_id: int | None, now: datetime) -> None:
        """Over without a follow-up, for what it was about is over."""
        self.state, self.closed_at, self.closed_by_id = TaskState.DROPPED, now, by_id
        self.changed(by_id, now)

    def _expect(self, version: int) -> None:
        if not self.is_open:
            raise Refused(_("This task is over already."))
        self.expect_version(version, _("This task was changed meanwhile."))


class Postponement(Base):
    """A task was put off: from which day to which, why, by whom."""

    __tablename__ = "task_postponements"
    __table_args__ = (Index(None, "task_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    task_id: Mapped[int] = mapped_column(ForeignKey("tasks.id", ondelete="CASCADE"))
    from_on: Mapped[date] = mapped_column(Date)
    to_on: Mapped[date] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    task: Mapped[Task] = relationship(back_populates="postponements")
    by: Mapped[User] = relationship()
