"""Who was added to which deal: kept below the deals, for customers are seen through it too."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Column, ColumnElement, ForeignKey, Select, Table, column, select, table

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


def seen_deals(viewer: Viewer) -> Select[tuple[int]]:
    """Ids of the deals that the viewer looks after or was added to."""
    deals = table("deals", column("id"), column("owner_id"))
    is_shared = deals.c.id.in_(shared_deals(viewer))
    return select(deals.c.id).where(viewer.sees_owner(deals.c.owner_id) | is_shared)


def merged_away() -> Select[tuple[int]]:
    """Ids of the customers that were merged into others; they and what stayed with them are set aside."""
    customers = table("customers", column("id"), column("merged_into_id"))
    return select(customers.c.id).where(customers.c.merged_into_id.is_not(None))


def has_seen_deal(viewer: Viewer, customer_id: Any) -> ColumnElement[bool]:
    """The condition that the viewer looks after a deal of this customer, or was added to one.

    A customer's deals may belong to several people: each of them needs to know whom they sell to. Who looks after one
    person's has few of them, which are looked up; who looks after several people's sees nearly every customer by its
    owner alone, so that the few others are asked one by one.
    """
    deals = table("deals", column("owner_id"), column("customer_id"))
    looked_after = select(deals.c.customer_id).where(viewer.sees_owner(deals.c.owner_id))
    shared = select(deal_collaborators.c.customer_id).where(deal_collaborators.c.user_id == viewer.person_id)
    if viewer.owner_ids is not None and len(viewer.owner_ids) > 1:
        return looked_after.where(deals.c.customer_id == customer_id).exists() | customer_id.in_(shared)
    return customer_id.in_(looked_after) | customer_id.in_(shared)
