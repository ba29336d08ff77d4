"""customers said not to be the same"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "not_duplicates",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("first_id", sa.Integer(), nullable=False),
        sa.Column("second_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("first_id < second_id", name=op.f("ck_not_duplicates_ordered")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_not_duplicates_by_id_users")),
        sa.ForeignKeyConstraint(
            ["first_id"],
            ["customers.id"],
            name=op.f("fk_not_duplicates_first_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["second_id"],
            ["customers.id"],
            name=op.f("fk_not_duplicates_second_id_customers"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_not_duplicates")),
        sa.UniqueConstraint("first_id", "second_id", name=op.f("uq_not_duplicates_first_id_second_id")),
    )
    op.create_index(op.f("ix_not_duplicates_second_id"), "not_duplicates", ["second_id"])


def downgrade() -> None:
    op.drop_table("not_duplicates")
