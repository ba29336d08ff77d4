"""Complaints and questions of customers: opened, answered, settled, each with when, by whom and what was said."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Select, Text, select
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.deals.belonging import seen_with_its_record
from salesboard.deals.models import Deal
from salesboard.versioned import Versioned

COMPLAINTS_A_PAGE = 50


class ComplaintKind(StrEnum):
    COMPLAINT = "complaint"
    QUESTION = "question"


class ComplaintState(StrEnum):
    OPEN = "open"
    ANSWERED = "answered"
    SETTLED = "settled"


@guarded
class Complaint(Versioned, Base):
    """What a customer complained of or asked; `owner` sees to it.

    Who sees the deal that it is about sees it; one about no deal in particular is seen with the customer.
    """

    __tablename__ = "complaints"
    __table_args__ = (
        CheckConstraint("words <> ''", name="told"),
        CheckConstraint("(state = 'open') = (answered_at IS NULL)", name="answered"),
        CheckConstraint("(state = 'settled') = (settled_at IS NOT NULL)", name="settled"),
        CheckConstraint("answered_at IS NULL OR answered_at >= opened_at", name="order"),
        CheckConstraint("settled_at IS NULL OR settled_at >= answered_at", name="order_of_settling"),
        Index(None, "customer_id"),
        Index(None, "deal_id"),
        Index(None, "owner_id", "state"),
        Index(None, "opened_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    kind: Mapped[ComplaintKind] = mapped_column(choice(ComplaintKind, "kind"))
    state: Mapped[ComplaintState] = mapped_column(choice(ComplaintState, "state"))
    words: Mapped[str] = mapped_column(Text)
    answer: Mapped[str] = mapped_column(Text, default="")
    owner_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    opened_at: Mapped[datetime] = mapped_column(UtcDateTime)
    answered_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    settled_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    recorded_at: Mapped[datetime] = mapped_column(UtcDateTime)
    recorded_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    customer: Mapped[Customer] = relationship()
    deal: Mapped[Deal | None] = relationship()
    owner: Mapped[User] = relationship(foreign_keys=owner_id)
    updated_by: Mapped[User | None] = relationship(foreign_keys=updated_by_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return seen_with_its_record(cls, viewer)

    @classmethod
    def open(
        cls,
        customer: Customer,
        deal: Deal | None,
        *,
        kind: ComplaintKind,
        words: str,
        owner: User,
        opened_at: datetime,
        by: User,
        now: datetime,
    ) -> Complaint:
        """Writes down what the customer said at `opened_at`; the same of the same person again is not a second one.

        The customer is to be held, so that two at once cannot both be the first.
        """
        same = {"customer_id": customer.id, "recorded_by_id": by.id, "opened_at": opened_at, "kind": kind}
        if sent := db.session.scalar(select(cls).filter_by(**same, words=words).limit(1)):
            return sent
        complaint = cls(
            customer_id=customer.id,
            deal_id=deal.id if deal else None,
            kind=kind,
            state=ComplaintState.OPEN,
            words=words,
            owner_id=owner.id,
            opened_at=opened_at,
            recorded_at=now,
            recorded_by_id=by.id,
            updated_at=now,
            updated_by_id=by.id,
            version=1,
        )
        db.session.add(complaint)
        db.session.flush()
        told = {"complaint": complaint.id, "kind": kind, "owner": owner.email}
        audit.record("complaint.opened", customer.label, actor_id=by.id, at=now, **told)
        return complaint

    @classmethod
    def locked(cls, complaint_id: int) -> Complaint | None:
        """The complaint, if it is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == complaint_id).with_for_update(of=cls))

    def follow(
        self,
        state: ComplaintState,
        answer: str,
        owner: User,
        *,
        by: User,
        now: datetime,
        expected_version: int,
    ) -> None:
        """Says how it stands, what was answered, and who sees to it from now on; the same again changes nothing.

        Raises Conflict when somebody said otherwise since `expected_version`.
        """
        self.expect_version(expected_version, _("Somebody said meanwhile how this stands."))
        if (state, answer, owner.id) == (self.state, self.answer, self.owner_id):
            return
        source = self.state
        self.answer, self.owner_id = answer, owner.id
        self._stand(state, max(now, self.opened_at))
        self.changed(by.id, now)
        told = {"complaint": self.id, "source": source, "target": state, "owner": owner.email}
        audit.record("complaint.followed", self.customer.label, actor_id=by.id, at=now, **told)

    def _stand(self, state: ComplaintState, at: datetime) -> None:
        self.state = state
        if state is ComplaintState.OPEN:
            self.answered_at = self.settled_at = None
            return
        self.answered_at = self.answered_at or at
        self.settled_at = (self.settled_at or at) if state is ComplaintState.SETTLED else None


def complaint_shown(complaint_id: int) -> Complaint | None:
    """The complaint, if it is visible, with its customer, deal and owner."""
    return db.session.scalar(_with_all().where(Complaint.id == complaint_id))


def complaints_of(record: Customer | Deal) -> Sequence[Complaint]:
    """Those of a deal, or of a customer with all deals, what is not settled first. One SELECT."""
    own = Complaint.deal_id == record.id if isinstance(record, Deal) else Complaint.customer_id == record.id
    rows = select(Complaint).where(own).options(joinedload(Complaint.owner), joinedload(Complaint.deal))
    return db.session.scalars(
        rows.order_by(Complaint.settled_at.is_not(None), Complaint.opened_at.desc(), Complaint.id.desc())
    ).all()


def open_complaints(owner_id: int | None, page: int, *, settled: bool = False) -> Sequence[Complaint]:
    """A page, and one more, of what is not settled yet, the oldest first; or of what is, the latest first. Of everybody
    that one sees, or of one owner. One SELECT."""
    is_settled = Complaint.state == ComplaintState.SETTLED
    rows = _with_all().where(is_settled if settled else ~is_settled)
    if owner_id is not None:
        rows = rows.where(Complaint.owner_id == owner_id)
    order = Complaint.settled_at.desc() if settled else Complaint.opened_at
    first = page * COMPLAINTS_A_PAGE
    return db.session.scalars(
        rows.order_by(order, Complaint.id).offset(first).limit(COMPLAINTS_A_PAGE + 1)
    ).all()


def _with_all() -> Select[Complaint]:
    return (
        select(Complaint)
        .join(Complaint.customer)
        .options(contains_eager(Complaint.customer), joinedload(Complaint.deal), joinedload(Complaint.owner))
    )
