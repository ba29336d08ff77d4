"""the chain of digests over follow-ups"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from salesboard.database import UtcDateTime
from salesboard.followups.digests import chained, fingerprint

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

AT_ONCE = 1000
_WORDS = (
    "kind", "method", "participants", "content", "feedback", "agreed", "materials", "promised", "new_needs",
    "competitor_news", "opportunity_risk", "next_step", "next_method",
)  # fmt: skip
_followups = sa.table(
    "followups",
    sa.column("id", sa.Integer),
    sa.column("number", sa.String),
    sa.column("author_id", sa.Integer),
    sa.column("occurred_at", UtcDateTime),
    sa.column("recorded_at", UtcDateTime),
    sa.column("is_on_time", sa.Boolean),
    sa.column("objection", sa.Text),
    sa.column("objection_state", sa.String),
    sa.column("next_due", sa.Date),
    sa.column("taken_back_at", UtcDateTime),
    *(sa.column(name, sa.Text) for name in _WORDS),
)
_SAID = (*_WORDS, "author_id", "occurred_at", "recorded_at", "is_on_time", "next_due")


def upgrade() -> None:
    links = op.create_table(
        "followup_links",
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "written", "corrected", "objection", "taken_back", "removed",
                name="kind", native_enum=False, create_constraint=True, length=20,
            ),
            nullable=False,
        ),
        sa.Column("number", sa.String(length=20), nullable=False),
        sa.Column("said", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_followup_links")),
    )  # fmt: skip
    head = op.create_table(
        "followup_chain",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("length", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_followup_chain")),
    )
    position, digest = 0, ""
    for rows in _parts():
        made = []
        for row in rows:
            for kind, said in _told(row):
                position += 1
                digest = chained(digest, position, kind, row.number, said)
                made.append(
                    {"position": position, "kind": kind, "number": row.number, "said": said, "digest": digest}
                )
        op.get_bind().execute(links.insert(), made)
    op.get_bind().execute(head.insert(), {"id": 1, "length": position, "digest": digest})


def downgrade() -> None:
    op.drop_table("followup_chain")
    op.drop_table("followup_links")


def _told(row: Any) -> Iterator[tuple[str, str]]:
    """What is there already counts as written in the order of the ids."""
    said = {name: getattr(row, name) for name in _SAID}
    objections = [[row.objection, row.objection_state]] if row.objection else None
    yield "written", fingerprint(said | {"objections": objections})
    if row.taken_back_at is not None:
        yield "taken_back", fingerprint({"taken_back_at": row.taken_back_at})


def _parts() -> Iterator[list[Any]]:
    last, part = 0, sa.select(_followups).order_by(_followups.c.id).limit(AT_ONCE)
    while rows := list(op.get_bind().execute(part.where(_followups.c.id > last))):
        yield rows
        last = rows[-1].id
