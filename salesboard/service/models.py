"""Payments (回款): the instalments of a won deal, what came in of each, and the verbs that change them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, Money, UtcDateTime, db
from salesboard.deals.models import Deal
from salesboard.errors import Refused
from salesboard.service.rules import still_owed
from salesboard.versioned import Versioned


class Instalment(NamedTuple):
    """One line of a payment plan as somebody wrote it; `payment_id` where it stood there before."""

    payment_id: int | None
    name: str
    due_on: date
    amount: Decimal


@guarded
class Payment(Versioned, Base):
    """An instalment of a won deal: due by a day, received in one part or several.

    It stays with a deal whose signing is taken back, waits there for the next one, and counts for nothing meanwhile.
    """

    __tablename__ = "payments"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "deal_id", "due_on"),
        Index(None, "due_on"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(80), default="")
    due_on: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    deal: Mapped[Deal] = relationship()
    updated_by: Mapped[User | None] = relationship(foreign_keys=updated_by_id)
    receipts: Mapped[list[Receipt]] = relationship(
        back_populates="payment", order_by="Receipt.day, Receipt.id", passive_deletes=True
    )

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """To all who see the deal."""
        return cls.deal_id.in_(select(Deal.id).where(Deal.visible_to(viewer)))

    @classmethod
    def plan(cls, deal: Deal, wanted: Sequence[Instalment], *, by: User, now: datetime) -> bool:
        """Makes these the instalments of the deal, which the caller holds; says whether anything changed.

        One that is not wanted any more goes, unless something was received for it: then Refused is raised, and so for
        an instalment that is not this deal's.
        """
        known = {payment.id: payment for payment in cls.of(deal)}
        kept = {line.payment_id for line in wanted if line.payment_id is not None}
        if not kept <= known.keys():
            raise Refused(_("One of these instalments is not there any more. Open the plan again."))
        gone = [payment for payment_id, payment in known.items() if payment_id not in kept]
        if any(payment.receipts for payment in gone):
            raise Refused(_("An instalment for which something was received cannot be taken out."))
        changes = [line for line in wanted if line.payment_id is None or known[line.payment_id].differs(line)]
        for payment in gone:
            db.session.delete(payment)
        for line in changes:
            if line.payment_id is None:
                fresh = {"created_at": now, "created_by_id": by.id, "updated_at": now, "updated_by_id": by.id}
                db.session.add(
                    cls(deal_id=deal.id, name=line.name, due_on=line.due_on, amount=line.amount, **fresh)
                )
            else:
                known[line.payment_id]._become(line, by, now)
        if gone or changes:
            db.session.flush()
            total = sum((line.amount for line in wanted), Decimal(0))
            facts = {"instalments": len(wanted), "total": str(total)}
            audit.record("payments.planned", deal.label, actor_id=by.id, at=now, **facts)
        return bool(gone or changes)

    @classmethod
    def of(cls, deal: Deal) -> Sequence[Payment]:
        """The instalments of a deal with what was received, the earliest first. One SELECT."""
        rows = select(cls).where(cls.deal_id == deal.id).options(joinedload(cls.receipts))
        return db.session.scalars(rows.order_by(cls.due_on, cls.id)).unique().all()

    @classmethod
    def locked(cls, payment_id: int) -> Payment | None:
        """The instalment, if its deal is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == payment_id).with_for_update(of=cls))

    @property
    def received(self) -> Decimal:
        return sum((receipt.amount for receipt in self.receipts), Decimal(0))

    @property
    def owed(self) -> Decimal:
        return still_owed(self.amount, self.received)

    @property
    def received_on(self) -> date | None:
        """The day of the last receipt."""
        return self.receipts[-1].day if self.receipts else None

    def differs(self, line: Instalment) -> bool:
        return (self.name, self.due_on, self.amount) != (line.name, line.due_on, line.amount)

    def receive(
        self, amount: Decimal, day: date, *, by: User, now: datetime, expected_version: int
    ) -> Receipt:
        """Something came in. Raises Conflict when the instalment changed since `expected_version`."""
        self._expect(expected_version)
        if not (self.deal.stage.is_signed and not self.deal.is_lost):
            raise Refused(_("This deal is not signed any more."))
        receipt = Receipt(payment_id=self.id, day=day, amount=amount, by_id=by.id, at=now)
        self.receipts.append(receipt)
        self.changed(by.id, now)
        self._record("payment.received", by, now, amount=str(amount), day=str(day))
        return receipt

    def take_back(self, receipt: Receipt, *, by: User, now: datetime, expected_version: int) -> None:
        """A receipt was written down wrongly: it goes, and the audit log keeps what it said. Raises as `receive`."""
        self._expect(expected_version)
        told = {"amount": str(receipt.amount), "day": str(receipt.day)}
        self.receipts.remove(receipt)
        db.session.delete(receipt)
        self.changed(by.id, now)
        self._record("payment.taken_back", by, now, **told)

    def _become(self, line: Instalment, by: User, now: datetime) -> None:
        self.name, self.due_on, self.amount = line.name, line.due_on, line.amount
        self.changed(by.id, now)

    def _expect(self, version: int) -> None:
        self.expect_version(version, _("This instalment was changed meanwhile."))

    def _record(self, verb: str, by: User, now: datetime, **details: Any) -> None:
        audit.record(verb, self.deal.label, actor_id=by.id, at=now, payment=self.id, **details)


@guarded
class Receipt(Base):
    """Money that came in for an instalment on one day."""

    __tablename__ = "payment_receipts"
    __table_args__ = (
        CheckConstraint("amount > 0", name="amount"),
        Index(None, "payment_id"),
        Index(None, "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    payment_id: Mapped[int] = mapped_column(ForeignKey("payments.id", ondelete="CASCADE"))
    day: Mapped[date] = mapped_column(Date)
    amount: Mapped[Decimal] = mapped_column(Money)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    payment: Mapped[Payment] = relationship(back_populates="receipts")
    by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.payment_id.in_(select(Payment.id).where(Payment.visible_to(viewer)))
