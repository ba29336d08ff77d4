"""What was said of probable duplicates: that they are not the same. It can be taken back."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import combinations

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    UniqueConstraint,
    delete,
    func,
    select,
)
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.sharing import merged_away
from salesboard.database import Base, UtcDateTime, db, insert_into

PAIRS_A_PAGE = 50


@guarded
class NotDuplicate(Base):
    """Two customers that somebody said are not one: they are not proposed as duplicates of each other again."""

    __tablename__ = "not_duplicates"
    __table_args__ = (
        CheckConstraint("first_id < second_id", name="ordered"),
        UniqueConstraint("first_id", "second_id"),
        Index(None, "second_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    first_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    second_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    first: Mapped[Customer] = relationship(foreign_keys=first_id)
    second: Mapped[Customer] = relationship(foreign_keys=second_id)
    by: Mapped[User] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """To whoever sees both."""
        visible = select(Customer.id).where(Customer.visible_to(viewer))
        return cls.first_id.in_(visible) & cls.second_id.in_(visible)

    @classmethod
    def present(cls) -> ColumnElement[bool]:
        return cls.first_id.not_in(merged_away()) & cls.second_id.not_in(merged_away())

    @classmethod
    def say(cls, customers: Iterable[Customer], *, by: User, now: datetime) -> None:
        """No two of these customers are the same. Said twice it changes nothing."""
        numbers = {customer.id: customer.number for customer in customers}
        rows = [
            {"first_id": first, "second_id": second, "by_id": by.id, "at": now}
            for first, second in combinations(sorted(numbers), 2)
        ]
        told = insert_into(cls).values(rows).on_conflict_do_nothing().returning(cls.id)
        if rows and db.session.scalars(told).all():
            cls._record("customer.told_apart", numbers, by, now)

    @classmethod
    def take_back(cls, customers: Iterable[Customer], *, by: User, now: datetime) -> None:
        """They may be the same after all. Done twice it changes nothing."""
        numbers = {customer.id: customer.number for customer in customers}
        among = cls.first_id.in_(numbers), cls.second_id.in_(numbers)
        gone = delete(cls).where(*among).returning(cls.id).execution_options(synchronize_session=False)
        if db.session.scalars(gone).all():
            cls._record("customer.told_alike", numbers, by, now)

    @classmethod
    def page(cls, page: int) -> tuple[Sequence[NotDuplicate], int]:
        """Some of what was said, the latest first, and how much there is. Two SELECTs."""
        both = joinedload(cls.first), joinedload(cls.second), joinedload(cls.by)
        said = select(cls).options(*both).order_by(cls.id.desc())
        rows = db.session.scalars(said.offset(page * PAIRS_A_PAGE).limit(PAIRS_A_PAGE)).all()
        return rows, db.session.scalar(select(func.count(cls.id))) or 0

    @staticmethod
    def _record(verb: str, numbers: dict[int, str], by: User, now: datetime) -> None:
        for customer_id in sorted(numbers):
            others = [number for other, number in sorted(numbers.items()) if other != customer_id]
            audit.record(verb, f"customer {numbers[customer_id]}", actor_id=by.id, at=now, others=others)
