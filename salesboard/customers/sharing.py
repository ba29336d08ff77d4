"""Who was added to which deal: kept below the deals, for customers are seen through it too."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Select, Table, select

from salesboard.access import Viewer
from salesboard.database import Base

deal_collaborators = Table(
    "deal_collaborators",
    Base.metadata,
    Column("deal_id", ForeignKey("deals.id", ondelete="CASCADE"), primary_key=True),
    Column("user_id", ForeignKey("users.id"), primary_key=True, index=True),
    Column("customer_id", ForeignKey("customers.id"), nullable=False),
)


def shared_deals(viewer: Viewer) -> Select[tuple[int]]:
    """Ids of the deals that the viewer was added to."""
    return select(deal_collaborators.c.deal_id).where(deal_collaborators.c.user_id == viewer.person_id)


def customers_of_shared_deals(viewer: Viewer) -> Select[tuple[int]]:
    """Ids of the customers whose deals the viewer was added to."""
    return select(deal_collaborators.c.customer_id).where(deal_collaborators.c.user_id == viewer.person_id)
