"""What is kept of a customer, and perhaps of one of its deals: who sees it, and to whom it goes along with them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, func, select, update

from salesboard.access import Role, Viewer
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal


def seen_with_its_record(model: Any, viewer: Viewer) -> ColumnElement[bool]:
    """Rows with a `customer_id` and, where they are about a deal, its `deal_id`.

    A deal's to all who see the deal; a customer's own to all who see the customer, collaborators excepted: they were
    added to a deal, not to the customer.
    """
    of_deals: ColumnElement[bool] = model.deal_id.in_(select(Deal.id).where(Deal.visible_to(viewer)))
    if viewer.role is Role.COLLABORATOR:
        return of_deals
    of_customers = model.customer_id.in_(select(Customer.id).where(Customer.visible_to(viewer)))
    return of_deals | (model.deal_id.is_(None) & of_customers)


def of_earlier_owner(
    model: Any, *which: ColumnElement[bool], deal: Deal | None, customer_id: int, earlier_id: int
) -> tuple[ColumnElement[bool], ...]:
    """Of the rows in `which` those that the earlier owner of the deal, or without one of the customer, had of it."""
    about = model.deal_id.is_(None) if deal is None else model.deal_id == deal.id
    return about, model.customer_id == customer_id, model.owner_id == earlier_id, *which


def give(model: Any, which: Sequence[Any], person_id: int, *, by_id: int | None, now: datetime) -> None:
    """These rows are this person's from here on; each gets another version, so that open forms notice."""
    changed = {
        "owner_id": person_id,
        "updated_at": now,
        "updated_by_id": by_id,
        "version": model.version + 1,
    }
    db.session.execute(
        update(model).where(*which).values(changed), execution_options={"synchronize_session": False}
    )


def by_heir(
    model: Any, is_open: ColumnElement[bool], leaver: User, heirs: Sequence[User]
) -> Mapping[int, Sequence[int]]:
    """The open rows of a leaver, by id of who gets them: whoever looks after their deal or customer by now, if they are
    among the heirs, else, and of what is about no customer, the first of them."""
    after = func.coalesce(Deal.owner_id, Customer.owner_id).label("after")
    rows = db.session.execute(
        select(model.id, after)
        .outerjoin(Customer, Customer.id == model.customer_id)
        .outerjoin(Deal, Deal.id == model.deal_id)
        .where(model.owner_id == leaver.id, is_open)
        .order_by(model.id)
    )
    able, got = {heir.id for heir in heirs}, defaultdict[int, list[int]](list)
    for row_id, owner_id in rows:
        got[owner_id if owner_id in able else heirs[0].id].append(row_id)
    return got
