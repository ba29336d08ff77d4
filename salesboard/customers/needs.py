"""What a customer needs, one row a need, in the order in which it was told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard.access import Viewer, guarded
from salesboard.customers.rules import Need, Priority
from salesboard.database import Base, choice

if TYPE_CHECKING:
    from salesboard.customers.models import Customer


@guarded
class CustomerNeed(Base):
    """A need or pain point of a customer, with its priority."""

    __tablename__ = "customer_needs"
    __table_args__ = (CheckConstraint("text <> ''", name="told"), Index(None, "customer_id", "position"))

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int] = mapped_column(ForeignKey("customers.id", ondelete="CASCADE"))
    position: Mapped[int]
    text: Mapped[str] = mapped_column(Text)
    priority: Mapped[Priority] = mapped_column(choice(Priority, "priority"), default=Priority.NORMAL)
    customer: Mapped[Customer] = relationship(back_populates="need_rows")

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        customers = cls.customer.entity.class_
        return cls.customer_id.in_(select(customers.id).where(customers.visible_to(viewer)))

    @property
    def told(self) -> Need:
        return Need(self.text, self.priority)
