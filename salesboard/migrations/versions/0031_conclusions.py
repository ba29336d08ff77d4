"""what people conclude from reports, and say about them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "conclusions",
        *_of_report("conclusions"),
        sa.Column(
            "part",
            sa.Enum(
                "worked",
                "failed",
                "causes",
                name="part",
                native_enum=False,
                create_constraint=True,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["updated_by_id"], ["users.id"], name=op.f("fk_conclusions_updated_by_id_users")
        ),
        sa.UniqueConstraint("report_id", "part", name=op.f("uq_conclusions_report_id_part")),
    )
    op.create_table(
        "report_comments",
        *_of_report("report_comments"),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.CheckConstraint("words <> ''", name=op.f("ck_report_comments_told")),
        sa.ForeignKeyConstraint(["by_id"], ["users.id"], name=op.f("fk_report_comments_by_id_users")),
    )
    op.create_index(op.f("ix_report_comments_report_id"), "report_comments", ["report_id"])


def downgrade() -> None:
    op.drop_table("report_comments")
    op.drop_table("conclusions")


def _of_report(table: str) -> tuple[sa.SchemaItem, ...]:
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["report_id"], ["reports.id"], name=op.f(f"fk_{table}_report_id_reports"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
