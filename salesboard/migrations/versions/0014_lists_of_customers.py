"""lists of customers: how a name is sorted, an index for each column that one sorts by, and wider ones of deals"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from salesboard.customers.rules import pinyin_keys

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

AT_ONCE = 1000
SORTED_BY = (
    "sort_name",
    "level",
    "status",
    "industry",
    "region",
    "source",
    "employees",
    "first_contact_date",
    "verified_at",
)
OF_CUSTOMER = ("customer_id", "owner_id", "outcome", "stage", "next_due", "worth", "id")
_customers = sa.table(
    "customers", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("sort_name", sa.String)
)


def upgrade() -> None:
    """Says of every name how it is spoken, which it is sorted by."""
    op.add_column(
        "customers", sa.Column("sort_name", sa.String(length=200), nullable=False, server_default="")
    )
    connection, last = op.get_bind(), 0
    change = (
        _customers.update()
        .where(_customers.c.id == sa.bindparam("of"))
        .values(sort_name=sa.bindparam("spoken"))
    )
    part = sa.select(_customers.c.id, _customers.c.name).order_by(_customers.c.id).limit(AT_ONCE)
    while rows := connection.execute(part.where(_customers.c.id > last)).all():
        last = rows[-1].id
        connection.execute(change, [{"of": row.id, "spoken": pinyin_keys(row.name)[0][:200]} for row in rows])
    for name in SORTED_BY:
        op.create_index(op.f(f"ix_customers_{name}_id"), "customers", [name, "id"])
    _look_deals_up_by(("owner_id", "customer_id"), OF_CUSTOMER)


def downgrade() -> None:
    _look_deals_up_by(("owner_id",), ("customer_id",))
    for name in SORTED_BY:
        op.drop_index(op.f(f"ix_customers_{name}_id"), table_name="customers")
    op.drop_column("customers", "sort_name")


def _look_deals_up_by(owner: tuple[str, ...], customer: tuple[str, ...]) -> None:
    """What is asked of a customer's deals, whose they are and what comes next, is answered by the index alone."""
    for name, columns in (("ix_deals_owner_id", owner), ("ix_deals_customer_id", customer)):
        op.drop_index(name, table_name="deals")
        op.create_index(name, "deals", list(columns))
