"""What a card or a line of the list shows of a deal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Row, Select, Subquery, select

from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal

deals = Deal.__table__.alias("its_facts")
owners = User.__table__.alias("its_owner")
customers = Customer.__table__.alias("its_customer")
"""Read through the deal: whoever sees a deal sees the name and level of its customer."""


def facts_of(picked: Subquery) -> Select[Any]:
    """The facts of the deals whose ids `picked` holds.

    Whom they may be shown to was decided when they were picked, from `Deal`; here they are only looked up by id, in
    plain tables, so that the database starts from the few that were picked.
    """
    deal, customer, owner = deals.c, customers.c, owners.c
    return (
        select(
            deal.id,
            deal.number,
            deal.name,
            deal.stage,
            deal.outcome,
            deal.amount,
            deal.worth,
            deal.probability,
            deal.entered_on,
            deal.expected_close,
            deal.position,
            deal.next_step,
            deal.next_due,
            deal.next_method,
            deal.lost_reason,
            deal.owner_id,
            owner.name.label("owner_name"),
            customer.name.label("customer_name"),
            customer.level,
        )
        .select_from(picked)
        .join(deals, deal.id == picked.c.id)
        .join(customers, customer.id == deal.customer_id)
        .join(owners, owner.id == deal.owner_id)
    )


def details_of(deal_ids: Iterable[int]) -> dict[int, Row[Any]]:
    """What further columns of the list say of these deals, which were picked before. One SELECT."""
    deal, customer = deals.c, customers.c
    wanted: Select[Any] = select(
        deal.id,
        deal.first_goal,
        deal.contract_number,
        deal.contract_amount,
        deal.signed_on,
        deal.competitor,
        deal.external_id,
        deal.created_on,
        deal.updated_at,
        customer.number.label("customer_number"),
        customer.industry,
        customer.region,
        customer.source,
    ).join(customers, customer.id == deal.customer_id)
    return {row.id: row for row in db.session.execute(wanted.where(deal.id.in_(list(deal_ids))))}
