"""Housekeeping (数据清洗) that was confirmed: what was done about which customers, all at once, and its way back."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ColumnElement, Date, ForeignKey, Index, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, acting_as_system, guarded
from salesboard.accounts.models import User
from salesboard.customers.housekeeping_rules import Act, Proposal, next_time
from salesboard.customers.models import Customer
from salesboard.customers.rules import LostReason
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Invalid, Refused


@guarded
class Tidying(Base):
    """What somebody did about some of the customers that one proposal named, in one transaction."""

    __tablename__ = "tidyings"
    __table_args__ = (
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_whole"),
        Index(None, "by_id", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    proposal: Mapped[Proposal] = mapped_column(choice(Proposal, "proposal"))
    act: Mapped[Act] = mapped_column(choice(Act, "act"))
    reason: Mapped[LostReason | None] = mapped_column(choice(LostReason, "reason"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)

    by: Mapped[User] = relationship(foreign_keys=by_id)
    undone_by: Mapped[User | None] = relationship(foreign_keys=undone_by_id)
    customers: Mapped[list[TidiedCustomer]] = relationship(
        back_populates="tidying", order_by="TidiedCustomer.id", cascade="all, delete-orphan"
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own, and those of the people whom one looks after."""
        return viewer.sees_owner(cls.by_id)

    @classmethod
    def carry_out(
        cls,
        proposal: Proposal,
        act: Act,
        customers: Sequence[Customer],
        *,
        reason: LostReason | None,
        by: User,
        now: datetime,
        today: date,
    ) -> Tidying:
        """Does `act` to each of the customers, which the caller holds. Raises Invalid where a reason is missing, and
        Refused where one of them cannot be lost or archived; nothing at all happens then."""
        if not customers:
            raise Refused(_("None of these customers is proposed any more."))
        if reason is None and act is not Act.LEAVE and proposal is Proposal.LOST_WITHOUT_REASON:
            raise Invalid({"reason": _("Choose the reason.")})
        made = cls(proposal=proposal, act=act, reason=reason, by_id=by.id, at=now)
        for customer in customers:
            before = customer.standing
            if act is not Act.LEAVE:
                customer.lose(reason, by=by, now=now)
            if act is Act.ARCHIVE:
                customer.archive(by=by, now=now)
            rests_until = next_time(today) if act is Act.LEAVE else None
            made.customers.append(
                TidiedCustomer(
                    customer_id=customer.id,
                    before=before,
                    after=customer.standing,
                    version=customer.version,
                    rests_until=rests_until,
                )
            )
        db.session.add(made)
        db.session.flush()
        numbers = [customer.number for customer in customers]
        told = {"proposal": proposal, "act": act, "customers": numbers}
        audit.record("housekeeping.done", made.label, actor_id=by.id, at=now, **told)
        return made

    @classmethod
    def shown(cls, tidying_id: int) -> Tidying | None:
        """The one with this id, if visible, with the people who did and undid it."""
        with_both = joinedload(cls.by), joinedload(cls.undone_by)
        return db.session.scalar(select(cls).where(cls.id == tidying_id).options(*with_both))

    @classmethod
    def locked(cls, tidying_id: int) -> Tidying | None:
        """The one with this id, if visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == tidying_id).with_for_update(of=cls))

    @property
    def label(self) -> str:
        """How the audit log names this."""
        return f"housekeeping {self.id}"

    def undo(self, *, by: User, now: datetime) -> None:
        """Gives each customer back what it was; those that were changed since stay as they are, and are marked.

        Done twice it changes nothing.
        """
        if self.undone_at is not None:
            return
        self.undone_by_id, self.undone_at = by.id, now
        with acting_as_system("who was handed on meanwhile was changed since, and stays"):
            ids = [each.customer_id for each in self.customers]
            held = select(Customer).where(Customer.id.in_(ids)).order_by(Customer.id)
            found = {row.id: row for row in db.session.scalars(held.with_for_update(of=Customer))}
        for each in self.customers:
            each.rests_until = None
            if self.act is Act.LEAVE:
                continue
            customer = found.get(each.customer_id)
            each.is_kept = customer is None or (customer.version, customer.standing) != (
                each.version,
                each.after,
            )
            if customer is not None and not each.is_kept:
                customer.stand_as(each.before, by=by, now=now)
        kept = sum(each.is_kept for each in self.customers)
        audit.record("housekeeping.undone", self.label, actor_id=by.id, at=now, kept=kept)


class TidiedCustomer(Base):
    """One of the customers: what it was before and after, in which version, and until when it is left alone."""

    __tablename__ = "tidied_customers"
    __table_args__ = (Index(None, "customer_id", "rests_until"), Index(None, "tidying_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    tidying_id: Mapped[int] = mapped_column(ForeignKey("tidyings.id", ondelete="CASCADE"))
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    before: Mapped[dict[str, Any]] = mapped_column(JSON)
    after: Mapped[dict[str, Any]] = mapped_column(JSON)
    version: Mapped[int]
    rests_until: Mapped[date | None] = mapped_column(Date)
    is_kept: Mapped[bool] = mapped_column(default=False)
    """Whether an undo left it as it was, because it was changed since."""

    tidying: Mapped[Tidying] = relationship(back_populates="customers")
    customer: Mapped[Customer] = relationship()
