"""How often a customer is to be talked with: by its level, by its own rhythm, or for a while not at all."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ColumnElement, Date, ForeignKey, String, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.lasting import lasting
from salesboard.tasks.rules import LONGEST_CADENCE, USUAL_CADENCE


class Cadence(Base):
    """The admin's own cadence of a level, in days; without a row the usual one holds."""

    __tablename__ = "cadences"
    __table_args__ = (CheckConstraint(f"days BETWEEN 1 AND {LONGEST_CADENCE}", name="days"),)

    level: Mapped[Level] = mapped_column(choice(Level, "level"), primary_key=True)
    days: Mapped[int]

    @classmethod
    def adjust(cls, days: dict[Level, int], *, by_id: int, now: datetime) -> None:
        """Says how often the customers of each level are to be talked with."""
        kept = {row.level: row for row in db.session.scalars(select(cls))}
        before = {level: kept[level].days if level in kept else USUAL_CADENCE[level] for level in days}
        changed = {level: [before[level], each] for level, each in days.items() if each != before[level]}
        for level in changed:
            row = kept.get(level) or cls(level=level)
            row.days = days[level]
            db.session.add(row)
        if changed:
            audit.record("cadence.adjusted", "cadence", actor_id=by_id, at=now, changed=changed)


@guarded
class Rhythm(Base):
    """A customer's own rhythm: other days than its level's, or a pause up to and with a day, with its reason."""

    __tablename__ = "rhythms"
    __table_args__ = (CheckConstraint(f"days BETWEEN 1 AND {LONGEST_CADENCE}", name="days"),)

    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"), primary_key=True)
    days: Mapped[int | None]
    paused_until: Mapped[date | None] = mapped_column(Date)
    reason: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return cls.customer_id.in_(select(Customer.id).where(Customer.visible_to(viewer)))

    @classmethod
    def of(cls, customer: Customer) -> Rhythm | None:
        return db.session.get(cls, customer.id)

    @classmethod
    def set(
        cls,
        customer: Customer,
        *,
        days: int | None,
        paused_until: date | None,
        reason: str,
        by: User,
        now: datetime,
    ) -> None:
        """Gives the customer its own rhythm; with neither days nor pause it follows its level again.

        Where nothing changes nothing is kept.
        """
        row, told = cls.of(customer), (days, paused_until, reason)
        if told == ((row.days, row.paused_until, row.reason) if row else (None, None, "")):
            return
        if row is not None and not any(told):
            db.session.delete(row)
        else:
            row = row or cls(customer_id=customer.id)
            row.days, row.paused_until, row.reason = told
            row.by_id, row.at = by.id, now
            db.session.add(row)
        audit.record(
            "cadence.set",
            customer.label,
            actor_id=by.id,
            at=now,
            days=days,
            paused_until=str(paused_until or ""),
            reason=reason,
        )


@lasting(Cadence)
def cadences() -> dict[Level, int]:
    """Days between two talks, for each level as the admin left it."""
    kept = {row.level: row.days for row in db.session.execute(select(Cadence.level, Cadence.days))}
    return {level: kept.get(level, days) for level, days in USUAL_CADENCE.items()}
