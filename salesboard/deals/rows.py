"""What a card or a line of the list shows of a deal."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Select, Subquery, select

from salesboard.accounts.models import User
from salesboard.customers.models import Customer
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
