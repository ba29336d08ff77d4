"""kinds of rows behind a report's numbers: objections, tasks, rhythm, proposals judged, customers, the deals ahead"""

from __future__ import annotations

from alembic import op

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

_BEFORE = ("closed", "created", "entered", "stays", "warned", "notes")
_NEW = ("objections", "tasks", "rhythm", "judged", "newcomers", "kept", "ahead")


def upgrade() -> None:
    _allow(_BEFORE + _NEW)


def downgrade() -> None:
    op.execute(f"DELETE FROM report_rows WHERE row_set IN ({_told(_NEW)})")
    _allow(_BEFORE)


def _allow(row_sets: tuple[str, ...]) -> None:
    with op.batch_alter_table("report_rows") as rows:
        rows.drop_constraint(op.f("ck_report_rows_row_set"), type_="check")
        rows.create_check_constraint(op.f("ck_report_rows_row_set"), f"row_set IN ({_told(row_sets)})")


def _told(row_sets: tuple[str, ...]) -> str:
    return ", ".join(f"'{each}'" for each in row_sets)
