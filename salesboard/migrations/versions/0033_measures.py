"""measures: tasks without a customer, decided in a report or planned for a target, and what came of them"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None

_KINDS = "kind IN ('step', 'node', 'cadence', 'own')"
_KINDS_NOW = "kind IN ('step', 'node', 'cadence', 'own', 'measure')"
_OF_CUSTOMER = "(kind = 'measure') = (customer_id IS NULL)"
_REWRITTEN = (
    ("customer_id INTEGER NOT NULL", "customer_id INTEGER"),
    ("goal VARCHAR(500) NOT NULL,", "goal VARCHAR(500) NOT NULL, \n\toutcome VARCHAR(500) NOT NULL,"),
    (
        f"CONSTRAINT ck_tasks_kind CHECK ({_KINDS})",
        f"CONSTRAINT ck_tasks_kind CHECK ({_KINDS_NOW}), \n\t"
        f"CONSTRAINT ck_tasks_of_customer CHECK ({_OF_CUSTOMER})",
    ),
)
"""What of the table's own words changes: SQLite alters neither a column nor a check."""


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(_REWRITTEN, added={"outcome": "''"})
    else:
        op.add_column("tasks", sa.Column("outcome", sa.String(500), nullable=False, server_default=""))
        op.alter_column("tasks", "outcome", server_default=None)
        op.alter_column("tasks", "customer_id", nullable=True)
        _check("ck_tasks_kind", _KINDS_NOW)
        op.create_check_constraint(op.f("ck_tasks_of_customer"), "tasks", _OF_CUSTOMER)
    _make_measures()
    op.add_column("reports", sa.Column("carried", sa.JSON(), nullable=True))


def downgrade() -> None:
    """Measures go: there is no place for them."""
    op.drop_column("reports", "carried")
    op.drop_table("measures")
    op.execute("DELETE FROM handed_over WHERE kind = 'task' AND number IN "
               "(SELECT CAST(id AS VARCHAR(20)) FROM tasks WHERE kind = 'measure')")  # fmt: skip
    op.execute("DELETE FROM tasks WHERE kind = 'measure'")
    if op.get_bind().dialect.name == "sqlite":
        _rebuild(tuple((after, before) for before, after in reversed(_REWRITTEN)), added={})
        return
    op.drop_constraint(op.f("ck_tasks_of_customer"), "tasks", type_="check")
    _check("ck_tasks_kind", _KINDS)
    op.alter_column("tasks", "customer_id", nullable=False)
    op.drop_column("tasks", "outcome")


def _check(name: str, condition: str) -> None:
    op.drop_constraint(op.f(name), "tasks", type_="check")
    op.create_check_constraint(op.f(name), "tasks", condition)


def _rebuild(rewritten: tuple[tuple[str, str], ...], added: dict[str, str]) -> None:
    """Writes the table anew in other words. What refers to its rows steps aside meanwhile, for dropping the table
    takes that along."""
    bind = op.get_bind()
    words = {
        row.name: row.sql
        for row in bind.execute(
            sa.text("SELECT name, sql FROM sqlite_master WHERE tbl_name = 'tasks' AND sql IS NOT NULL")
        )
    }
    table = (
        words.pop("tasks")
        .replace("CREATE TABLE tasks", "CREATE TABLE tasks_anew")
        .replace('"tasks"', "tasks_anew")
    )
    for before, after in rewritten:
        if before not in table:
            raise RuntimeError(f"the table of tasks does not say {before!r}")
        table = table.replace(before, after)
    referring = {"task_postponements": "1", "reminders": "task_id IS NOT NULL"}
    for name, which in referring.items():
        bind.exec_driver_sql(f"CREATE TABLE aside_{name} AS SELECT * FROM {name} WHERE {which}")
        bind.exec_driver_sql(f"DELETE FROM {name} WHERE {which}")
    bind.exec_driver_sql(table)
    there = [row[1] for row in bind.exec_driver_sql("PRAGMA table_info(tasks_anew)")]
    values = ", ".join(added.get(column, column) for column in there)
    bind.exec_driver_sql(
        f"INSERT INTO tasks_anew ({', '.join(there)}) SELECT {values} FROM tasks ORDER BY id"
    )
    bind.exec_driver_sql("DROP TABLE tasks")
    bind.exec_driver_sql("ALTER TABLE tasks_anew RENAME TO tasks")
    for statement in words.values():
        bind.exec_driver_sql(statement)
    for name in referring:
        bind.exec_driver_sql(f"INSERT INTO {name} SELECT * FROM aside_{name}")
        bind.exec_driver_sql(f"DROP TABLE aside_{name}")


def _make_measures() -> None:
    op.create_table(
        "measures",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("task_id", sa.Integer(), nullable=False),
        sa.Column("report_id", sa.Integer(), nullable=True),
        sa.Column("period_key", sa.String(length=24), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("step_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("team_id IS NULL OR person_id IS NULL", name=op.f("ck_measures_one_scope")),
        *(
            sa.ForeignKeyConstraint(
                [column], [f"{target}.id"], name=op.f(f"fk_measures_{column}_{target}"), ondelete="CASCADE"
            )
            for column, target in (
                ("task_id", "tasks"),
                ("report_id", "reports"),
                ("team_id", "teams"),
                ("person_id", "users"),
                ("step_id", "measures"),
            )
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_measures")),
        sa.UniqueConstraint("task_id", name=op.f("uq_measures_task_id")),
    )
    for column in ("report_id", "team_id", "person_id", "step_id"):
        op.create_index(op.f(f"ix_measures_{column}"), "measures", [column])
