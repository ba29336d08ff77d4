"""one key for a name in traditional and in simplified signs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from salesboard.customers.rules import name_key

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

AT_ONCE = 1000
_customers = sa.table(
    "customers", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("name_key", sa.String)
)


def upgrade() -> None:
    """Computes the keys again by today's rule; only those that differ are written."""
    connection, last = op.get_bind(), 0
    change = (
        _customers.update().where(_customers.c.id == sa.bindparam("of")).values(name_key=sa.bindparam("key"))
    )
    part = sa.select(_customers).order_by(_customers.c.id).limit(AT_ONCE)
    while rows := connection.execute(part.where(_customers.c.id > last)).all():
        last = rows[-1].id
        keyed = [(row, name_key(row.name)[:200]) for row in rows]
        changed = [{"of": row.id, "key": key} for row, key in keyed if key != row.name_key]
        if changed:
            connection.execute(change, changed)


def downgrade() -> None:
    """Keys only say which names are alike: an earlier version reads these too."""
