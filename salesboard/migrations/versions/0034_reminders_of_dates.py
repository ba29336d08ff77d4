"""reminders of instalments due, of renewals near, of promises of customers"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None

_KINDS = (
    "step_late", "stage_overdue", "step_missing", "stage_warned", "report_ready", "housekeeping", "access_review",
    "note_owed", "task_late", "cadence_missed", "nudge",
)  # fmt: skip
_OF_DATES = ("payment_due", "renewal_near", "promise_due")
_BEFORE = (
    "CASE WHEN kind IN ('housekeeping', 'access_review') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL "
    "WHEN kind IN ('note_owed', 'task_late', 'cadence_missed', 'nudge') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NOT NULL "
    "ELSE (deal_id IS NULL) <> (report_id IS NULL) AND task_id IS NULL END"
)
_AFTER = (
    "CASE WHEN kind IN ('housekeeping', 'access_review') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL AND promise_id IS NULL "
    "WHEN kind IN ('note_owed', 'task_late', 'cadence_missed', 'nudge') "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NOT NULL AND promise_id IS NULL "
    "WHEN kind = 'promise_due' "
    "THEN deal_id IS NULL AND report_id IS NULL AND task_id IS NULL AND promise_id IS NOT NULL "
    "ELSE (deal_id IS NULL) <> (report_id IS NULL) AND task_id IS NULL AND promise_id IS NULL END"
)
_WITHOUT_SUBJECT = "deal_id IS NULL AND report_id IS NULL AND task_id IS NULL"


def upgrade() -> None:
    op.drop_index("uq_reminders_of_pages", "reminders")
    with op.batch_alter_table("reminders") as reminders:
        reminders.add_column(sa.Column("promise_id", sa.Integer(), nullable=True))
        reminders.create_foreign_key(
            op.f("fk_reminders_promise_id_promises"), "promises", ["promise_id"], ["id"], ondelete="CASCADE"
        )
        reminders.create_unique_constraint(
            op.f("uq_reminders_person_id_kind_promise_id_day"), ["person_id", "kind", "promise_id", "day"]
        )
        _check(reminders, _KINDS + _OF_DATES, _AFTER)
    op.create_index(op.f("ix_reminders_promise_id"), "reminders", ["promise_id"])
    _index_pages(f"{_WITHOUT_SUBJECT} AND promise_id IS NULL")


def downgrade() -> None:
    told = ", ".join(f"'{kind}'" for kind in _OF_DATES)
    op.execute(f"DELETE FROM reminders WHERE kind IN ({told})")
    op.drop_index("uq_reminders_of_pages", "reminders")
    op.drop_index(op.f("ix_reminders_promise_id"), "reminders")
    with op.batch_alter_table("reminders") as reminders:
        _check(reminders, _KINDS, _BEFORE)
        reminders.drop_constraint(op.f("uq_reminders_person_id_kind_promise_id_day"), type_="unique")
        reminders.drop_constraint(op.f("fk_reminders_promise_id_promises"), type_="foreignkey")
        reminders.drop_column("promise_id")
    _index_pages(_WITHOUT_SUBJECT)


def _check(reminders: Any, kinds: tuple[str, ...], one_subject: str) -> None:
    told = ", ".join(f"'{kind}'" for kind in kinds)
    checks = {"ck_reminders_kind": f"kind IN ({told})", "ck_reminders_one_subject": one_subject}
    for name, condition in checks.items():
        reminders.drop_constraint(op.f(name), type_="check")
        reminders.create_check_constraint(op.f(name), condition)


def _index_pages(without_subject: str) -> None:
    only = sa.text(without_subject)
    op.create_index(
        "uq_reminders_of_pages",
        "reminders",
        ["person_id", "kind", "day"],
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )
