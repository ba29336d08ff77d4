"""reminders of tasks: late ones, talks without their note, a cadence missed, a supervisor's nudge"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

_KINDS = (
    "step_late", "stage_overdue", "step_missing", "stage_warned", "report_ready", "housekeeping", "access_review",
)  # fmt: skip
_OF_TASKS = ("note_owed", "task_late", "cadence_missed", "nudge")
_BEFORE = (
    "CASE WHEN kind IN ('housekeeping', 'access_review') THEN deal_id IS NULL AND report_id IS NULL "
    "ELSE (deal_id IS NULL) <> (report_id IS NULL) END"
)
_AFTER = (
    "CASE WHEN kind IN ('housekeeping', 'access_review') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL "
    "WHEN kind IN ('note_owed', 'task_late', 'cadence_missed', 'nudge') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NOT NULL "
    "ELSE (deal_id IS NULL) <> (report_id IS NULL) AND task_id IS NULL END"
)


def upgrade() -> None:
    op.drop_index("uq_reminders_of_pages", "reminders")
    with op.batch_alter_table("reminders") as reminders:
        reminders.add_column(sa.Column("task_id", sa.Integer(), nullable=True))
        reminders.create_foreign_key(
            op.f("fk_reminders_task_id_tasks"), "tasks", ["task_id"], ["id"], ondelete="CASCADE"
        )
        reminders.create_unique_constraint(
            op.f("uq_reminders_person_id_kind_task_id_day"), ["person_id", "kind", "task_id", "day"]
        )
        _check(reminders, _KINDS + _OF_TASKS, _AFTER)
    op.create_index(op.f("ix_reminders_task_id"), "reminders", ["task_id"])
    _index_pages("deal_id IS NULL AND report_id IS NULL AND task_id IS NULL")


def downgrade() -> None:
    told = ", ".join(f"'{kind}'" for kind in _OF_TASKS)
    op.execute(f"DELETE FROM reminders WHERE kind IN ({told})")
    op.drop_index("uq_reminders_of_pages", "reminders")
    op.drop_index(op.f("ix_reminders_task_id"), "reminders")
    with op.batch_alter_table("reminders") as reminders:
        _check(reminders, _KINDS, _BEFORE)
        reminders.drop_constraint(op.f("uq_reminders_person_id_kind_task_id_day"), type_="unique")
        reminders.drop_constraint(op.f("fk_reminders_task_id_tasks"), type_="foreignkey")
        reminders.drop_column("task_id")
    _index_pages("deal_id IS NULL AND report_id IS NULL")


def _check(reminders: Any, kinds: tuple[str, ...], one_subject: str) -> None:
    told = ", ".join(f"'{kind}'" for kind in kinds)
    checks = {"ck_reminders_kind": f"kind IN ({told})", "ck_reminders_one_subject": one_subject}
    for name, condition in checks.items():
        reminders.drop_constraint(op.f(name), type_="check")
        reminders.create_check_constraint(op.f(name), condition)


def _index_pages(without_subject: str) -> None:
    """The one of a page and day: which reminders are about a page is said by what they are not about."""
    only = sa.text(without_subject)
    op.create_index(
        "uq_reminders_of_pages",
        "reminders",
        ["person_id", "kind", "day"],
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )
