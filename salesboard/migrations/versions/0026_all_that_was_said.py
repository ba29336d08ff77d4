"""promises, who took part, papers handed over, and who takes the next step at what hour"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None

_STATES = ("open", "kept", "broken", "withdrawn")
_LINKS = ("written", "corrected", "objection", "taken_back", "removed")


def upgrade() -> None:
    op.add_column("followups", sa.Column("next_at", sa.DateTime(timezone=True), nullable=True))
    op.execute(
        "ALTER TABLE followups ADD COLUMN next_owner_id INTEGER"
        " CONSTRAINT fk_followups_next_owner_id_users REFERENCES users (id)"
    )
    op.create_table(
        "promises",
        *_of_note("promises"),
        sa.Column("what", sa.String(length=500), nullable=False),
        sa.Column("told_due", sa.Date(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("state", _state(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("what <> ''", name=op.f("ck_promises_what")),
    )
    op.create_index(op.f("ix_promises_state_due_on"), "promises", ["state", "due_on"])
    op.create_table(
        "promise_steps",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("promise_id", sa.Integer(), nullable=False),
        sa.Column("state", _state(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        _key("promise_steps", "by_id", "users"),
        _key("promise_steps", "promise_id", "promises", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_promise_steps")),
    )
    op.create_index(op.f("ix_promise_steps_promise_id"), "promise_steps", ["promise_id"])
    op.create_table(
        "followup_people",
        *_of_note("followup_people"),
        sa.Column(
            "side",
            sa.Enum("ours", "theirs", name="side", native_enum=False, create_constraint=True, length=20),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=True),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        _key("followup_people", "user_id", "users"),
        _key("followup_people", "contact_id", "contacts", "SET NULL"),
    )
    op.create_index(op.f("ix_followup_people_contact_id"), "followup_people", ["contact_id"])
    op.create_table(
        "followup_papers",
        *_of_note("followup_papers"),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("edition", sa.Integer(), nullable=False),
        _key("followup_papers", "document_id", "documents"),
    )
    _links(*_LINKS, "promise")


def downgrade() -> None:
    """Promises become lines of words again; what became of them, and which papers were meant, is lost."""
    lines = "string_agg(what, chr(10) ORDER BY position)"
    if op.get_bind().dialect.name == "sqlite":
        lines = "group_concat(what, char(10) ORDER BY position)"
    op.execute(
        f"""UPDATE followups SET promised = (SELECT {lines} FROM promises WHERE followup_id = followups.id)
        WHERE promised = '' AND id IN (SELECT followup_id FROM promises)"""
    )
    op.execute("UPDATE followup_links SET kind = 'objection' WHERE kind = 'promise'")
    _links(*_LINKS)
    for table in ("followup_papers", "followup_people", "promise_steps", "promises"):
        op.drop_table(table)
    for column in ("next_owner_id", "next_at"):
        op.drop_column("followups", column)


def _of_note(table: str) -> tuple[sa.SchemaItem, ...]:
    """What each row of a note has: its place in it."""
    return (
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("followup_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        _key(table, "followup_id", "followups", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("followup_id", "position", name=op.f(f"uq_{table}_followup_id_position")),
    )


def _links(*kinds: str) -> None:
    told = ", ".join(f"'{kind}'" for kind in kinds)
    with op.batch_alter_table("followup_links") as links:
        links.drop_constraint(op.f("ck_followup_links_kind"), type_="check")
        links.create_check_constraint(op.f("ck_followup_links_kind"), f"kind IN ({told})")


def _state() -> sa.Enum:
    return sa.Enum(*_STATES, name="state", native_enum=False, create_constraint=True, length=20)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)
