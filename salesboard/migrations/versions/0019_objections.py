"""objections as rows, and what became of each"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

_STATES = ("raised", "answered", "settled")


def upgrade() -> None:
    op.create_table(
        "objections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("followup_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("told", _state("told"), nullable=True),
        sa.Column("state", _state("state"), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_objections_text")),
        _key("objections", "followup_id", "followups", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objections")),
        sa.UniqueConstraint("followup_id", "position", name=op.f("uq_objections_followup_id_position")),
    )
    op.create_table(
        "objection_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("objection_id", sa.Integer(), nullable=False),
        sa.Column("state", _state("state"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _key("objection_steps", "by_id", "users"),
        _key("objection_steps", "objection_id", "objections", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_objection_steps")),
    )
    op.create_index(op.f("ix_objection_steps_objection_id"), "objection_steps", ["objection_id"])
    op.execute(
        """INSERT INTO objections (followup_id, position, text, told, state, answered_at, settled_at, version)
        SELECT id, 1, objection, objection_state, coalesce(objection_state, 'raised'),
            CASE WHEN objection_state IN ('answered', 'settled') THEN occurred_at END,
            CASE WHEN objection_state = 'settled' THEN occurred_at END, 1
        FROM followups WHERE objection <> '' ORDER BY id"""
    )
    # SQLite drops no column that a check of the table names.
    op.execute("ALTER TABLE followups DROP CONSTRAINT ck_followups_objection_state")
    for name in ("objection", "objection_state"):
        op.drop_column("followups", name)


def downgrade() -> None:
    """Several objections of one note become lines again; what became of each after the note is lost."""
    op.add_column("followups", sa.Column("objection", sa.Text(), server_default="", nullable=False))
    told = ", ".join(f"'{state}'" for state in _STATES)
    check = f"CONSTRAINT ck_followups_objection_state CHECK (objection_state IN ({told}))"
    op.execute(f"ALTER TABLE followups ADD COLUMN objection_state VARCHAR(20) {check}")
    lines = "string_agg(text, chr(10) ORDER BY position)"
    if op.get_bind().dialect.name == "sqlite":
        lines = "group_concat(text, char(10) ORDER BY position)"
    op.execute(
        f"""UPDATE followups SET
            objection = (SELECT {lines} FROM objections WHERE followup_id = followups.id),
            objection_state = (SELECT told FROM objections WHERE followup_id = followups.id AND position = 1)
        WHERE id IN (SELECT followup_id FROM objections)"""
    )
    op.drop_table("objection_steps")
    op.drop_table("objections")


def _state(name: str) -> sa.Enum:
    return sa.Enum(*_STATES, name=name, native_enum=False, create_constraint=True, length=20)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
