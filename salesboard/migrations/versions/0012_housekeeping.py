"""housekeeping: why a customer is lost, what was confirmed, and reminders that the turn of a page has come"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_REASONS = ("price", "competitor", "need_changed", "no_budget", "no_answer", "invalid_lead", "other")
_KINDS = ("step_late", "stage_overdue", "step_missing", "stage_warned", "report_ready")
_OF_PAGES = ("housekeeping", "access_review")
_ONE_SUBJECT = "(deal_id IS NULL) <> (report_id IS NULL)"
_SUBJECT_OR_PAGE = (
    "CASE WHEN kind IN ('housekeeping', 'access_review') THEN deal_id IS NULL AND report_id IS NULL "
    f"ELSE {_ONE_SUBJECT} END"
)
_WITHOUT_SUBJECT = sa.text("deal_id IS NULL AND report_id IS NULL")


def upgrade() -> None:
    told = _quoted(_REASONS)
    check = f"CONSTRAINT ck_customers_lost_reason CHECK (lost_reason IN ({told}))"
    op.execute(f"ALTER TABLE customers ADD COLUMN lost_reason VARCHAR(20) {check}")
    _make_tidyings()
    _allow(_KINDS + _OF_PAGES, _SUBJECT_OR_PAGE)
    op.create_index(
        "uq_reminders_of_pages",
        "reminders",
        ["person_id", "kind", "day"],
        unique=True,
        sqlite_where=_WITHOUT_SUBJECT,
        postgresql_where=_WITHOUT_SUBJECT,
    )


def downgrade() -> None:
    op.execute(f"DELETE FROM reminders WHERE kind IN ({_quoted(_OF_PAGES)})")
    op.drop_index("uq_reminders_of_pages", "reminders")
    _allow(_KINDS, _ONE_SUBJECT)
    op.drop_table("tidied_customers")
    op.drop_table("tidyings")
    op.drop_column("customers", "lost_reason")


def _allow(kinds: tuple[str, ...], one_subject: str) -> None:
    """Which kinds of reminders there are, and which need a subject. Nothing refers to reminders, so that SQLite may
    copy them."""
    checks = {"ck_reminders_kind": f"kind IN ({_quoted(kinds)})", "ck_reminders_one_subject": one_subject}
    with op.batch_alter_table("reminders") as reminders:
        for name, condition in checks.items():
            reminders.drop_constraint(op.f(name), type_="check")
            reminders.create_check_constraint(op.f(name), condition)


def _quoted(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _make_tidyings() -> None:
    op.create_table(
        "tidyings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "proposal",
            _one_of("proposal", "lost_without_reason", "no_channel", "untouched"),
            nullable=False,
        ),
        sa.Column("act", _one_of("act", "reason", "lose", "archive", "leave"), nullable=False),
        sa.Column("reason", _one_of("reason", *_REASONS), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(undone_at IS NULL) = (undone_by_id IS NULL)", name=op.f("ck_tidyings_undone_whole")
        ),
        _key("tidyings", "by_id", "users"),
        _key("tidyings", "undone_by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidyings")),
    )
    op.create_index(op.f("ix_tidyings_by_id_at"), "tidyings", ["by_id", "at"])
    op.create_table(
        "tidied_customers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tidying_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.Date(), nullable=True),
        sa.Column("is_kept", sa.Boolean(), nullable=False),
        _key("tidied_customers", "tidying_id", "tidyings", "CASCADE"),
        _key("tidied_customers", "customer_id", "customers", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tidied_customers")),
    )
    op.create_index(
        op.f("ix_tidied_customers_customer_id_rests_until"),
        "tidied_customers",
        ["customer_id", "rests_until"],
    )
    op.create_index(op.f("ix_tidied_customers_tidying_id"), "tidied_customers", ["tidying_id"])
