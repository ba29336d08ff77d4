"""targets of teams and people"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

METRICS = ("signed_amount", "signed_deals", "new_customers", "received", "follow_up_rate")


def upgrade() -> None:
    op.create_table(
        "targets",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "metric",
            sa.Enum(*METRICS, name="metric", native_enum=False, create_constraint=False, length=20),
            nullable=False,
        ),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("period_key", sa.String(length=8), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.Column("set_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("set_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(team_id IS NULL) <> (person_id IS NULL)", name=op.f("ck_targets_one_scope")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_targets_value")),
        sa.CheckConstraint(
            "metric IN ('signed_amount', 'signed_deals', 'new_customers', 'received', 'follow_up_rate')",
            name=op.f("ck_targets_metric"),
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_targets_team_id_teams"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_targets_person_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["set_by_id"], ["users.id"], name=op.f("fk_targets_set_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_targets")),
        sa.UniqueConstraint(
            "team_id", "metric", "period_key", name=op.f("uq_targets_team_id_metric_period_key")
        ),
        sa.UniqueConstraint(
            "person_id", "metric", "period_key", name=op.f("uq_targets_person_id_metric_period_key")
        ),
    )
    op.create_index(op.f("ix_targets_year"), "targets", ["year"])


def downgrade() -> None:
    op.drop_table("targets")
