"""what imports and their shapes repeat of a file lies sealed"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import sqlalchemy as sa
from alembic import op

from salesboard import crypto

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

SAID = {
    "imports": {"options": False, "strangers": False, "words": False, "people": False, "error": True},
    "import_shapes": {"said": False},
}
"""By table the columns, and whether each may be empty."""
CHILDREN = {"imports": ("import_rows", "import_traces"), "import_shapes": ()}


def upgrade() -> None:
    for table, columns in SAID.items():
        _turn(table, columns, sa.JSON(), sa.LargeBinary(), _sealed)


def downgrade() -> None:
    for table, columns in SAID.items():
        _turn(table, columns, sa.LargeBinary(), sa.JSON(), _opened)


def _sealed(value: Any, place: str) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return crypto.ring().seal(text.encode("utf-8", "surrogatepass"), place)


def _opened(value: Any, place: str) -> Any:
    return json.loads(crypto.ring().open(bytes(value), place).decode("utf-8", "surrogatepass"))


def _turn(
    table: str, columns: dict[str, bool], old: Any, new: Any, turned: Callable[[Any, str], Any]
) -> None:
    """Gives the columns their new type, with what stood in them."""
    connection = op.get_bind()
    before = sa.table(table, sa.column("id", sa.Integer), *(sa.column(name, old) for name in columns))
    rows = connection.execute(sa.select(before)).mappings().all()
    for name in columns:
        op.drop_column(table, name)
        op.add_column(table, sa.Column(name, new, nullable=True))
    now = sa.table(table, sa.column("id", sa.Integer), *(sa.column(name, new) for name in columns))
    for row in rows:
        told = {name: turned(row[name], f"{table}.{name}") for name in columns if row[name] is not None}
        connection.execute(now.update().where(now.c.id == row["id"]).values(**told))
    _require(table, [name for name, may_be_empty in columns.items() if not may_be_empty], new)


def _require(table: str, columns: list[str], kind: Any) -> None:
    """SQLite has to build the table anew for that, and lets go of what depends on the old one: those rows are put aside
    meanwhile."""
    children = CHILDREN[table] if op.get_bind().dialect.name == "sqlite" else ()
    for child in children:
        op.execute(f"CREATE TEMPORARY TABLE kept_{child} AS SELECT * FROM {child}")
    with op.batch_alter_table(table, schema=None) as altered:
        for name in columns:
            altered.alter_column(name, existing_type=kind, nullable=False)
    for child in children:
        op.execute(f"INSERT INTO {child} SELECT * FROM kept_{child}")
        op.execute(f"DROP TABLE kept_{child}")
