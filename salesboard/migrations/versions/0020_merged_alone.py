"""the index of merged customers holds those alone, so that no list is read by it"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

NAME = "ix_customers_merged_into_id"


def upgrade() -> None:
    op.drop_index(NAME, "customers")
    merged = sa.text("merged_into_id IS NOT NULL")
    op.create_index(NAME, "customers", ["merged_into_id"], sqlite_where=merged, postgresql_where=merged)


def downgrade() -> None:
    op.drop_index(NAME, "customers")
    op.create_index(NAME, "customers", ["merged_into_id"])
