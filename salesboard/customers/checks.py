"""Spot checks (抽查核对): each week a few customers of a supervisor's teams, drawn by lot, and what was found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import CheckResult, drawn, monday_of
from salesboard.customers.sharing import merged_away
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused


@guarded
class SpotCheck(Base):
    """A customer that a supervisor compares with what the team wrote down of it, and the result once there is one."""

    __tablename__ = "spot_checks"
    __table_args__ = (
        UniqueConstraint("week", "supervisor_id", "customer_id"),
        Index(None, "customer_id", "checked_at"),
        CheckConstraint("(result IS NULL) = (checked_at IS NULL)", name="recorded_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    week: Mapped[date] = mapped_column(Date)
    """Its Monday."""
    supervisor_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    position: Mapped[int]
    drawn_at: Mapped[datetime] = mapped_column(UtcDateTime)
    result: Mapped[CheckResult | None] = mapped_column(choice(CheckResult, "result"))
    words: Mapped[str] = mapped_column(Text, default="")
    checked_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    supervisor: Mapped[User] = relationship()
    customer: Mapped[Customer] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """The results, for whoever looks after the customer; what is still to be checked, for the supervisor alone."""
        of_customers = select(Customer.id).where(viewer.sees_owner(Customer.owner_id))
        is_told = cls.checked_at.is_not(None) | (cls.supervisor_id == viewer.person_id)
        return cls.customer_id.in_(of_customers) & is_told

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.customer_id.not_in(merged_away())

    @classmethod
    def draw(cls, supervisor: User, *, day: date, how_many: int, now: datetime) -> Sequence[SpotCheck]:
        """The supervisor's customers of the week of `day`, drawn by lot the first time. Everybody's turn comes again.

        Whose customers those are is said by the supervisor's own view. The same lot falls on the same customers.
        """
        week = monday_of(day)
        supervisor.hold()
        before = cls.of_week(supervisor, week)
        if before:
            return before
        mine = select(Customer.id, Customer.number).where(
            supervisor.viewer().sees_owner(Customer.owner_id),
            Customer.owner_id != supervisor.id,
            Customer.archived_at.is_(None),
        )
        ids = {row.number: row.id for row in db.session.execute(mine)}
        numbers = drawn(f"{week}:{supervisor.id}", ids, how_many)
        checks = [
            cls(week=week, supervisor_id=supervisor.id, customer_id=ids[number], position=place, drawn_at=now)
            for place, number in enumerate(numbers)
        ]
        db.session.add_all(checks)
        db.session.flush()
        if checks:
            audit.record("checks.drawn", f"week {week}", actor_id=supervisor.id, at=now, customers=numbers)
        return checks

    @classmethod
    def of_week(cls, supervisor: User, week: date) -> Sequence[SpotCheck]:
        """What was drawn for the supervisor in the week that begins on this Monday."""
        drawn_then = select(cls).where(cls.supervisor_id == supervisor.id, cls.week == week)
        return db.session.scalars(drawn_then.order_by(cls.position)).all()

    @classmethod
    def locked(cls, check_id: int, supervisor: User) -> SpotCheck | None:
        """The supervisor's check with this id, held against other writers until the transaction ends."""
        own = select(cls).where(cls.id == check_id, cls.supervisor_id == supervisor.id)
        return db.session.scalar(own.with_for_update(of=cls))

    def record(self, result: CheckResult, words: str, *, by: User, now: datetime) -> None:
        """What was found, once. A customer that was right counts as verified from now on."""
        if self.checked_at is not None:
            raise Refused(_("The result of this check is recorded already."))
        self.result, self.words, self.checked_at = result, words, now
        if result is CheckResult.RIGHT:
            self.customer.verified_by_id, self.customer.verified_at = by.id, now
        audit.record("customer.checked", self.customer.label, actor_id=by.id, at=now, result=result)
