"""channels of people and teams, deliveries through them, reminders put off"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CHANNELS = ("email", "wecom", "dingtalk", "feishu", "slack", "webhook")
DELIVERIES = ("digest", "now", "team", "test")


def upgrade() -> None:
    op.create_table(
        "channels",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of(CHANNELS), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("address_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("secret_sealed", sa.LargeBinary(), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("is_on", sa.Boolean(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("rests_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seal_id", sa.String(length=16), nullable=True),
        sa.CheckConstraint(_told("kind", CHANNELS), name=op.f("ck_channels_kind")),
        sa.CheckConstraint("(person_id IS NULL) <> (team_id IS NULL)", name=op.f("ck_channels_whose")),
        sa.CheckConstraint("kind <> 'email' OR person_id IS NOT NULL", name=op.f("ck_channels_mailbox")),
        sa.CheckConstraint("(kind = 'email') = (address_sealed IS NULL)", name=op.f("ck_channels_address")),
        sa.ForeignKeyConstraint(
            ["person_id"], ["users.id"], name=op.f("fk_channels_person_id_users"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["team_id"], ["teams.id"], name=op.f("fk_channels_team_id_teams"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_channels")),
        sa.UniqueConstraint("seal_id", name=op.f("uq_channels_seal_id")),
    )
    only = sa.text("kind = 'email'")
    op.create_index(
        "uq_channels_mailbox",
        "channels",
        ["person_id"],
        unique=True,
        sqlite_where=only,
        postgresql_where=only,
    )
    op.create_index(op.f("ix_channels_person_id"), "channels", ["person_id"])
    op.create_index(op.f("ix_channels_team_id"), "channels", ["team_id"])
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=80), nullable=False),
        sa.Column("channel_id", sa.Integer(), nullable=False),
        sa.Column("kind", _one_of(DELIVERIES), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("reminder_ids", sa.JSON(), nullable=False),
        sa.Column("work_id", sa.Integer(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("left_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(_told("kind", DELIVERIES), name=op.f("ck_deliveries_kind")),
        sa.ForeignKeyConstraint(
            ["channel_id"],
            ["channels.id"],
            name=op.f("fk_deliveries_channel_id_channels"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["work_id"], ["outbox.id"], name=op.f("fk_deliveries_work_id_outbox"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deliveries")),
        sa.UniqueConstraint("key", name=op.f("uq_deliveries_key")),
        sa.UniqueConstraint("work_id", name=op.f("uq_deliveries_work_id")),
    )
    op.create_index(op.f("ix_deliveries_channel_id_kind_day"), "deliveries", ["channel_id", "kind", "day"])
    op.create_index(op.f("ix_deliveries_created_at"), "deliveries", ["created_at"])
    op.add_column("reminders", sa.Column("put_off_until", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("reminders", "put_off_until")
    op.drop_table("deliveries")
    op.drop_table("channels")


def _one_of(names: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*names, name="kind", native_enum=False, create_constraint=False, length=20)


def _told(column: str, names: tuple[str, ...]) -> str:
    return f"{column} IN ({', '.join(repr(name) for name in names)})"
