"""satisfaction with deliveries, complaints and questions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "satisfactions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=False),
        sa.Column("delivery", sa.String(length=80), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("score", sa.Integer(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("score BETWEEN 1 AND 5", name=op.f("ck_satisfactions_score")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_satisfactions_deal_id_deals"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_satisfactions_by_id_users")),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.id"], name=op.f("fk_satisfactions_updated_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_satisfactions")),
    )
    op.create_index(op.f("ix_satisfactions_day"), "satisfactions", ["day"])
    op.create_index(op.f("ix_satisfactions_deal_id_day"), "satisfactions", ["deal_id", "day"])
    op.create_table(
        "complaints",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("kind", _choice("kind", "complaint", "question"), nullable=False),
        sa.Column("state", _choice("state", "open", "answered", "settled"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_complaints_told")),
        sa.CheckConstraint("(state = 'open') = (answered_at IS NULL)", name=op.f("ck_complaints_answered")),
        sa.CheckConstraint(
            "(state = 'settled') = (settled_at IS NOT NULL)", name=op.f("ck_complaints_settled")
        ),
        sa.CheckConstraint(
            "answered_at IS NULL OR answered_at >= opened_at", name=op.f("ck_complaints_order")
        ),
        sa.CheckConstraint(
            "settled_at IS NULL OR settled_at >= answered_at", name=op.f("ck_complaints_order_of_settling")
        ),
        sa.CheckConstraint("kind IN ('complaint', 'question')", name=op.f("ck_complaints_kind")),
        sa.CheckConstraint("state IN ('open', 'answered', 'settled')", name=op.f("ck_complaints_state")),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_complaints_customer_id_customers"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_complaints_deal_id_deals"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_complaints_owner_id_users")),
        sa.ForeignKeyConstraint(
            ["recorded_by_id"], ["users.id"], name=op.f("fk_complaints_recorded_by_id_users")
        ),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.id"], name=op.f("fk_complaints_updated_by_id_users")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaints")),
    )
    for columns in (["customer_id"], ["deal_id"], ["owner_id", "state"], ["opened_at"]):
        op.create_index(op.f(f"ix_complaints_{'_'.join(columns)}"), "complaints", columns)


def downgrade() -> None:
    op.drop_table("complaints")
    op.drop_table("satisfactions")


def _choice(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=20)
