"""customers known well: needs one by one, attitudes, who reports to whom, changes field by field, spot checks"""

from __future__ import annotations

from collections.abc import Iterator

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AT_ONCE = 1000
_customers = sa.table("customers", sa.column("id", sa.Integer), sa.column("needs", sa.Text))
_needs = sa.table(
    "customer_needs",
    sa.column("customer_id", sa.Integer),
    sa.column("position", sa.Integer),
    sa.column("text", sa.Text),
    sa.column("priority", sa.String),
)
# Columns that refer to another table or are checked are added as the databases write them: SQLite would else copy the
# whole table, and with it lose what refers to it. As told here it can also take them away again.
_REFERRING = (
    ("customers", "verified_by_id", "users"),
    ("customers", "archived_by_id", "users"),
    ("contacts", "reports_to_id", "contacts"),
)
_CHOSEN = (
    ("contacts", "preferred_channel", "", ("phone", "email", "wechat", "visit")),
    (
        "contacts",
        "attitude",
        " DEFAULT 'unknown' NOT NULL",
        ("supporter", "neutral", "opponent", "unknown"),
    ),
)
_PLAIN = (
    ("customers", sa.Column("status_is_set", sa.Boolean(), server_default=sa.false(), nullable=False)),
    ("customers", sa.Column("verified_at", sa.DateTime(timezone=True), nullable=True)),
    ("customers", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True)),
    ("contacts", sa.Column("updated_at", sa.DateTime(timezone=True), nullable=True)),
    ("installation", sa.Column("check_sample", sa.Integer(), server_default="5", nullable=False)),
    ("installation", sa.Column("unmet_days", sa.Integer(), server_default="30", nullable=False)),
    ("installation", sa.Column("high_value", sa.BigInteger(), server_default="50000000", nullable=False)),
)


def upgrade() -> None:
    for table, column, target in _REFERRING:
        refers = f"CONSTRAINT fk_{table}_{column}_{target} REFERENCES {target} (id)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} INTEGER {refers}")
    for table, column, more, values in _CHOSEN:
        told = ", ".join(f"'{value}'" for value in values)
        check = f"CONSTRAINT ck_{table}_{column} CHECK ({column} IN ({told}))"
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} VARCHAR(20){more} {check}")
    for table, column in _PLAIN:
        op.add_column(table, column._copy())
    op.create_index(op.f("ix_contacts_reports_to_id"), "contacts", ["reports_to_id"])
    _make_needs()
    _make_changes()
    _make_checks()
    connection = op.get_bind()
    for rows in _parts(_customers.c.needs.is_not(None)):
        told = [
            {"customer_id": row.id, "position": place, "text": text, "priority": "normal"}
            for row in rows
            for place, text in enumerate(_lines(row.needs))
        ]
        if told:
            connection.execute(_needs.insert(), told)
    op.drop_column("customers", "needs")


def downgrade() -> None:
    op.add_column("customers", sa.Column("needs", sa.Text(), nullable=True))
    connection = op.get_bind()
    of_one = sa.select(_needs.c.text).where(_needs.c.customer_id == sa.bindparam("of"))
    writing = _customers.update().where(_customers.c.id == sa.bindparam("of"))
    for rows in _parts(_customers.c.id.in_(sa.select(_needs.c.customer_id))):
        for row in rows:
            lines = connection.scalars(of_one.order_by(_needs.c.position), {"of": row.id})
            connection.execute(writing.values(needs="\n".join(lines)), {"of": row.id})
    for table in ("spot_checks", "field_changes", "customer_needs"):
        op.drop_table(table)
    op.drop_index(op.f("ix_contacts_reports_to_id"), "contacts")
    columns = [(table, column.name) for table, column in _PLAIN]
    columns += [(table, column) for table, column, *_more in (*_CHOSEN, *_REFERRING)]
    for table, column in columns:
        op.drop_column(table, column)


def _parts(condition: sa.ColumnElement[bool]) -> Iterator[list[sa.Row[tuple[int, str | None]]]]:
    """Customers with this in common, some at a time."""
    last = 0
    while True:
        wanted = sa.select(_customers.c.id, _customers.c.needs).where(condition, _customers.c.id > last)
        rows = list(op.get_bind().execute(wanted.order_by(_customers.c.id).limit(AT_ONCE)))
        if not rows:
            return
        yield rows
        last = rows[-1].id


def _lines(text: str) -> list[str]:
    """One need a line; an empty line stays with the need before it."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line.strip() or not lines:
            lines.append(line)
        else:
            lines[-1] += f"\n{line}"
    return [line for line in lines if line.strip()]


def _one_of(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=20)


def _key(table: str, column: str, target: str, ondelete: str | None = None) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_{column}_{target}")
    return sa.ForeignKeyConstraint([column], [f"{target}.id"], name=name, ondelete=ondelete)


def _make_needs() -> None:
    op.create_table(
        "customer_needs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("priority", _one_of("priority", "high", "normal", "low"), nullable=False),
        sa.CheckConstraint("text <> ''", name=op.f("ck_customer_needs_told")),
        _key("customer_needs", "customer_id", "customers", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_needs")),
    )
    op.create_index(
        op.f("ix_customer_needs_customer_id_position"), "customer_needs", ["customer_id", "position"]
    )


def _make_changes() -> None:
    op.create_table(
        "field_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("contact_id", sa.Integer(), nullable=True),
        sa.Column("deal_id", sa.Integer(), nullable=True),
        sa.Column("field", sa.String(length=60), nullable=False),
        sa.Column("before", sa.Text(), nullable=True),
        sa.Column("after", sa.Text(), nullable=True),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        _key("field_changes", "customer_id", "customers", "CASCADE"),
        _key("field_changes", "contact_id", "contacts", "CASCADE"),
        _key("field_changes", "deal_id", "deals", "CASCADE"),
        _key("field_changes", "by_id", "users"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_field_changes")),
    )
    op.create_index(op.f("ix_field_changes_customer_id_id"), "field_changes", ["customer_id", "id"])
    op.create_index(op.f("ix_field_changes_contact_id"), "field_changes", ["contact_id"])
    op.create_index(op.f("ix_field_changes_deal_id"), "field_changes", ["deal_id"])


def _make_checks() -> None:
    op.create_table(
        "spot_checks",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("week", sa.Date(), nullable=False),
        sa.Column("supervisor_id", sa.Integer(), nullable=False),
        sa.Column("customer_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("drawn_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("result", _one_of("result", "right", "wrong"), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("checked_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(result IS NULL) = (checked_at IS NULL)", name=op.f("ck_spot_checks_recorded_whole")
        ),
        _key("spot_checks", "supervisor_id", "users"),
        _key("spot_checks", "customer_id", "customers", "CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spot_checks")),
        sa.UniqueConstraint(
            "week", "supervisor_id", "customer_id", name=op.f("uq_spot_checks_week_supervisor_id_customer_id")
        ),
    )
    op.create_index(
        op.f("ix_spot_checks_customer_id_checked_at"), "spot_checks", ["customer_id", "checked_at"]
    )
