"""an index that holds all that customers are counted by"""

from __future__ import annotations

from alembic import op

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None

_NAME = "ix_customers_counted"
_COLUMNS = ["level", "status", "region", "industry", "source", "owner_id", "archived_at", "merged_into_id"]


def upgrade() -> None:
    op.create_index(_NAME, "customers", _COLUMNS)


def downgrade() -> None:
    op.drop_index(_NAME, "customers")
