"""import wizard"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

CHILDREN = ("import_rows", "import_traces")


def upgrade() -> None:
    op.create_table(
        "import_shapes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["made_by_id"], ["users.id"], name=op.f("fk_import_shapes_made_by_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_shapes")),
        sa.UniqueConstraint("digest", name=op.f("uq_import_shapes_digest")),
    )
    op.add_column("import_rows", sa.Column("told", sa.LargeBinary(), nullable=True))
    for name in ("words", "people"):
        op.add_column("imports", sa.Column(name, sa.JSON(), nullable=True))
        op.execute(f"UPDATE imports SET {name} = '[]'")
    _choose_from("skip", "fill", "update", "create", then=_require)


def downgrade() -> None:
    op.execute("UPDATE imports SET on_duplicate = 'update' WHERE on_duplicate = 'fill'")
    _choose_from("skip", "update", "create", then=_drop)
    op.drop_column("import_rows", "told")
    op.drop_table("import_shapes")


def _require(imports: object) -> None:
    for name in ("words", "people"):
        imports.alter_column(name, existing_type=sa.JSON(), nullable=False)  # type: ignore[attr-defined]


def _drop(imports: object) -> None:
    for name in ("words", "people"):
        imports.drop_column(name)  # type: ignore[attr-defined]


def _choose_from(*choices: str, then: object) -> None:
    """Gives the column its new check. SQLite has to build the table anew for that, and lets go of what depends on the
    old one: those rows are put aside meanwhile."""
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for child in CHILDREN if is_sqlite else ():
        op.execute(f"CREATE TEMPORARY TABLE kept_{child} AS SELECT * FROM {child}")
    with op.batch_alter_table("imports", schema=None) as imports:
        imports.drop_constraint(op.f("ck_imports_on_duplicate"), type_="check")
        listed = ", ".join(f"'{choice}'" for choice in choices)
        imports.create_check_constraint(op.f("ck_imports_on_duplicate"), f"on_duplicate IN ({listed})")
        then(imports)  # type: ignore[operator]
    for child in CHILDREN if is_sqlite else ():
        op.execute(f"INSERT INTO {child} SELECT * FROM kept_{child}")
        op.execute(f"DROP TABLE kept_{child}")
