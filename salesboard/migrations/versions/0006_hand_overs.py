"""hand-overs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "hand_overs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("leaver_id", sa.Integer(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["leaver_id"], ["users.id"], name=op.f("fk_hand_overs_leaver_id_users")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_hand_overs_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_overs")),
    )
    op.create_index(op.f("ix_hand_overs_leaver_id"), "hand_overs", ["leaver_id"])
    op.create_table(
        "handed_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("hand_over_id", sa.Integer(), nullable=False),
        sa.Column("heir_id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("customer", "deal", name="kind", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.ForeignKeyConstraint(
            ["hand_over_id"], ["hand_overs.id"], name=op.f("fk_handed_over_hand_over_id_hand_overs")
        ),
        sa.ForeignKeyConstraint(["heir_id"], ["users.id"], name=op.f("fk_handed_over_heir_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_handed_over")),
    )
    op.create_index(
        op.f("ix_handed_over_hand_over_id_heir_id_id"), "handed_over", ["hand_over_id", "heir_id", "id"]
    )


def downgrade() -> None:
    op.drop_table("handed_over")
    op.drop_table("hand_overs")
