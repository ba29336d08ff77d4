"""corrections of follow-ups, with the earlier words"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("followups", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "followup_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("followup_id", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("why <> ''", name=op.f("ck_followup_corrections_why")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_followup_corrections_by_id_users")),
        sa.ForeignKeyConstraint(
            ["followup_id"],
            ["followups.id"],
            name=op.f("fk_followup_corrections_followup_id_followups"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup_corrections")),
        sa.UniqueConstraint(
            "followup_id", "version", name=op.f("uq_followup_corrections_followup_id_version")
        ),
    )


def downgrade() -> None:
    """The corrected words stay; the chain, which tells of their correction, then speaks of what is gone."""
    op.drop_table("followup_corrections")
    op.drop_column("followups", "version")
