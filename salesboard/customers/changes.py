"""What changed about a customer, its people and its deals: field by field, from what to what.

Values that are kept sealed are written down masked: that they changed, not what they were.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, ForeignKey, Index, String, Text, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.customers.rules import Need, Priority, masked
from salesboard.customers.sharing import seen_deals
from salesboard.database import Base, UtcDateTime, db

if TYPE_CHECKING:
    from salesboard.customers.models import Customer

SEALED = frozenset({"phone", "email", "wechat", "annual_revenue", "budget"})
"""Fields whose values lie in no plain column."""

LARGEST_VERSION = 2**31 - 1

_MARKS = {Priority.HIGH: "↑ ", Priority.NORMAL: "", Priority.LOW: "↓ "}


@guarded
class FieldChange(Base):
    """One field of one record, before and after. Rows are only ever added.

    About the customer itself, or about one of its contacts or deals; `version` is the one that the record has since;
    for a contact its customer's.
    """

    __tablename__ = "field_changes"
    __table_args__ = (
        Index(None, "customer_id", "id"),
        Index(None, "contact_id"),
        Index(None, "deal_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    contact_id: Mapped[int | None] = mapped_column(ForeignKey("contacts.id", ondelete="CASCADE"))
    deal_id: Mapped[int | None] = mapped_column(ForeignKey("deals.id", ondelete="CASCADE"))
    field: Mapped[str] = mapped_column(String(60))
    before: Mapped[str | None] = mapped_column(Text)
    after: Mapped[str | None] = mapped_column(Text)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    version: Mapped[int]
    by: Mapped[User | None] = relationship()
    customer: Mapped[Customer] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """Those of customers one sees; what is about a deal, only where one sees the deal."""
        customers = cls.customer.entity.class_
        of_customers = cls.customer_id.in_(select(customers.id).where(customers.visible_to(viewer)))
        return of_customers & (cls.deal_id.is_(None) | cls.deal_id.in_(seen_deals(viewer)))


def note_changes(
    before: Mapping[str, Any],
    after: Mapping[str, Any],
    *,
    customer_id: int,
    version: int,
    by_id: int | None,
    at: datetime,
    contact_id: int | None = None,
    deal_id: int | None = None,
) -> None:
    """Writes down what changed, in the transaction under way; both by field, `after` says which fields there are."""
    db.session.add_all(
        FieldChange(
            customer_id=customer_id,
            contact_id=contact_id,
            deal_id=deal_id,
            field=field,
            before=as_told(field, before.get(field)),
            after=as_told(field, value),
            by_id=by_id,
            at=at,
            version=version,
        )
        for field, value in after.items()
    )


def as_told(field: str, value: Any) -> str | None:
    """How a value stands in the history: codes and figures as they are, needs a line each, sealed ones masked."""
    if value is None or value in ("", ()):
        return None
    if field in SEALED:
        return masked(field, value)
    if isinstance(value, tuple):
        return "\n".join(_told_need(need) for need in value)
    if isinstance(value, Decimal):
        return f"{value:f}"
    return value.isoformat() if isinstance(value, date) else str(value)


def changes_since(customer_id: int, version: int) -> list[FieldChange]:
    """What happened to the customer's own facts and its people's after this version, the oldest first; nothing where
    it is no version at all."""
    if not 0 <= version <= LARGEST_VERSION:
        return []
    since = select(FieldChange).where(
        FieldChange.customer_id == customer_id,
        FieldChange.deal_id.is_(None),
        FieldChange.version > version,
    )
    return list(db.session.scalars(since.options(joinedload(FieldChange.by)).order_by(FieldChange.id)))


def _told_need(need: Need) -> str:
    return f"{_MARKS[need.priority]}{need.text}"
