"""tasks, how often they were put off, and the cadence of levels and customers"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

_METHODS = ("phone", "visit", "online", "email", "wechat", "other")
_LEVELS = ("key", "normal", "potential")
_ONE_OPEN = (
    ("open_step", "step", ["deal_id"]),
    ("open_node", "node", ["deal_id", "node"]),
    ("open_cadence", "cadence", ["customer_id"]),
)


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def upgrade() -> None:
    _make_tasks()
    op.create_table(
        "task_postponements",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _key("task_postponements", "task_id", "tasks", "CASCADE"),
        _key("task_postponements", "by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_postponements")),
    )
    op.create_index(op.f("ix_task_postponements_task_id"), "task_postponements", ["task_id"])
    op.create_table(
        "cadences",
        sa.Column("level", _one_of("level", *_LEVELS), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.CheckConstraint("days BETWEEN 1 AND 366", name=op.f("ck_cadences_days")),
        sa.PrimaryKeyConstraint("level", name=op.f("pk_cadences")),
    )
    op.create_table(
        "rhythms",
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=True),
        sa.Column("paused_until", sa.Date(), nullable=True),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("days BETWEEN 1 AND 366", name=op.f("ck_rhythms_days")),
        _key("rhythms", "customer_id", "customers", "CASCADE"),
        _key("rhythms", "by_id", "users"),
        sa.PrimaryKeyConstraint("customer_id", name=op.f("pk_rhythms")),
    )
    _let_heirs_have("customer", "deal", "task")
    # The next steps that deals wait for are tasks from now on; who planned them, and when, was not kept.
    op.execute(
        "INSERT INTO tasks (kind, state, what, customer_id, deal_id, owner_id, due_on, method, goal, postponed, "
        "created_at, updated_at, version) "
        "SELECT 'step', 'open', next_step, customer_id, id, owner_id, next_due, next_method, '', 0, "
        "updated_at, updated_at, 1 FROM deals WHERE next_step <> '' AND outcome = 'open' ORDER BY id"
    )


def downgrade() -> None:
    op.execute("DELETE FROM handed_over WHERE kind = 'task'")
    _let_heirs_have("customer", "deal")
    for table in ("rhythms", "cadences", "task_postponements", "tasks"):
        op.drop_table(table)


def _let_heirs_have(*kinds: str) -> None:
    told = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("handed_over") as table:
        table.drop_constraint(op.f("ck_handed_over_kind"), type_="check")
        table.create_check_constraint(op.f("ck_handed_over_kind"), f"kind IN ({told})")


def _make_tasks() -> None:
    op.create_table(
        "tasks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of("kind", "step", "node", "cadence", "own"), nullable=False),
        sa.Column("state", _one_of("state", "open", "done", "dropped"), nullable=False),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("owner_id", sa.Integer(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("method", _one_of("method", *_METHODS), nullable=True),
        sa.Column("goal", sa.String(length=500), nullable=False),
        sa.Column("node", _one_of("node", "first_talk", "needs", "proposal", "negotiation"), nullable=True),
        sa.Column("postponed", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_by_id", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("closed_by_id", sa.Integer(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("followup_id", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated_by_id", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("what <> ''", name=op.f("ck_tasks_told")),
        sa.CheckConstraint("(state = 'open') = (closed_at IS NULL)", name=op.f("ck_tasks_closed")),
        sa.CheckConstraint("(state = 'done') = (done_on IS NOT NULL)", name=op.f("ck_tasks_done")),
        sa.CheckConstraint("(kind = 'node') = (node IS NOT NULL)", name=op.f("ck_tasks_node_named")),
        sa.CheckConstraint(
            "kind NOT IN ('step', 'node') OR deal_id IS NOT NULL", name=op.f("ck_tasks_of_deal")
        ),
        _key("tasks", "customer_id", "customers", "CASCADE"),
        _key("tasks", "deal_id", "deals", "CASCADE"),
        _key("tasks", "owner_id", "users"),
        _key("tasks", "created_by_id", "users"),
        _key("tasks", "closed_by_id", "users"),
        _key("tasks", "updated_by_id", "users"),
        _key("tasks", "followup_id", "followups", "SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
    )
    for columns in (
        ["owner_id", "state", "due_on"],
        ["customer_id", "state"],
        ["deal_id", "state"],
        ["followup_id"],
    ):
        op.create_index(op.f("ix_tasks_" + "_".join(columns)), "tasks", columns)
    for name, kind, columns in _ONE_OPEN:
        only = sa.text(f"kind = '{kind}' AND state = 'open'")
        op.create_index(
            f"uq_tasks_{name}", "tasks", columns, unique=True, sqlite_where=only, postgresql_where=only
        )
