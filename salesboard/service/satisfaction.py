"""Satisfaction (满意度): what a customer said of a delivery, as a score with their words."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import Base, UtcDateTime, db
from salesboard.deals.models import Deal
from salesboard.versioned import Versioned


@guarded
class Satisfaction(Versioned, Base):
    """A score from 1 to 5 for one delivery of a deal, and why."""

    __tablename__ = "satisfactions"
    __table_args__ = (
        CheckConstraint("score BETWEEN 1 AND 5", name="score"),
        Index(None, "deal_id", "day"),
        Index(None, "day"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    deal_id: Mapped[int] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    delivery: Mapped[str] = mapped_column(String(80), default="")
    day: Mapped[date] = mapped_column(Date)
    score: Mapped[int]
    words: Mapped[str] = mapped_column(Text, default="")
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=1)

    deal: Mapped[Deal] = relationship()
    updated_by: Mapped[User | None] = relationship(foreign_keys=updated_by_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """To all who see the deal."""
        return cls.deal_id.in_(select(Deal.id).where(Deal.visible_to(viewer)))

    @classmethod
    def tell(cls, deal: Deal, *, by: User, now: datetime, **facts: Any) -> Satisfaction:
        """Writes down what the customer said; `facts` are delivery, day, score and words.

        The same of the same person again is not a second score; the deal is to be held, so that two at once are not.
        """
        if sent := db.session.scalar(select(cls).filter_by(deal_id=deal.id, by_id=by.id, **facts).limit(1)):
            return sent
        told = cls(
            deal_id=deal.id, at=now, by_id=by.id, updated_at=now, updated_by_id=by.id, version=1, **facts
        )
        db.session.add(told)
        db.session.flush()
        audit.record("satisfaction.told", deal.label, actor_id=by.id, at=now, score=told.score)
        return told

    @classmethod
    def locked(cls, satisfaction_id: int) -> Satisfaction | None:
        """It, if its deal is visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == satisfaction_id).with_for_update(of=cls))

    def revise(self, *, by: User, now: datetime, expected_version: int, **facts: Any) -> None:
        """Says it otherwise. Raises Conflict when it changed since `expected_version`."""
        self.expect_version(expected_version, _("This score was changed meanwhile."))
        before = {name: getattr(self, name) for name in facts}
        if before == facts:
            return
        for name, value in facts.items():
            setattr(self, name, value)
        self.changed(by.id, now)
        earlier = {"score": before["score"], "words": before["words"]}
        audit.record("satisfaction.revised", self.deal.label, actor_id=by.id, at=now, before=earlier)


def scores_of(record: Customer | Deal) -> Sequence[Satisfaction]:
    """What was said of the deliveries of a deal, or of all deals of a customer, the latest first. One SELECT."""
    own = Deal.id == record.id if isinstance(record, Deal) else Deal.customer_id == record.id
    rows = select(Satisfaction).join(Satisfaction.deal).options(contains_eager(Satisfaction.deal)).where(own)
    return db.session.scalars(rows.order_by(Satisfaction.day.desc(), Satisfaction.id.desc())).all()
