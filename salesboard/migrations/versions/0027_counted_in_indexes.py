"""indexes that hold all that is asked of stays and talks when many are counted"""

from __future__ import annotations

from alembic import op

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None

_INDEXES = {
    "ix_placements_entered_at": (
        "placements",
        ["stage", "entered_at"],
        ["left_at", "outcome", "undone_at", "deal_id"],
    ),
    "ix_followups_author_id_occurred_at": (
        "followups",
        ["author_id", "occurred_at"],
        ["kind", "taken_back_at", "is_on_time"],
    ),
}


def upgrade() -> None:
    for name, (table, columns, further) in _INDEXES.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns + further)


def downgrade() -> None:
    for name, (table, columns, _further) in _INDEXES.items():
        op.drop_index(name, table)
        op.create_index(name, table, columns)
