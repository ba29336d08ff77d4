"""what begins at each letter of the texts that customers and deals are searched by, kept by the database itself; and
which customers are in the history archive"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

LONGEST = 8
TABLES = {"customers": ("customer_search_parts", "customer_id"), "deals": ("deal_search_parts", "deal_id")}
ON_SQLITE = "sqlite"

PLACES = """(WITH RECURSIVE letters(place) AS (
    SELECT 1 UNION ALL SELECT place + 1 FROM letters WHERE place < length({text})
) SELECT place FROM letters)"""
PART = f"substr({{text}}, place, {LONGEST})"
IS_WORD = "substr({text}, place, 1) NOT IN ('', ' ')"


def upgrade() -> None:
    is_archived = sa.text("archived_at IS NOT NULL")
    op.create_index(
        op.f("ix_customers_archived_at"),
        "customers",
        ["archived_at"],
        sqlite_where=is_archived,
        postgresql_where=is_archived,
    )
    on_sqlite = op.get_bind().dialect.name == ON_SQLITE
    for table, (parts, row_id) in TABLES.items():
        letters = sa.String(LONGEST) if on_sqlite else sa.String(LONGEST, collation="C")
        op.create_table(
            parts,
            sa.Column("part", letters, nullable=False),
            sa.Column(row_id, sa.Integer(), autoincrement=False, nullable=False),
            sa.PrimaryKeyConstraint("part", row_id, name=op.f(f"pk_{parts}")),
            sqlite_with_rowid=False,
        )
        _fill(table, parts, row_id, on_sqlite)
        triggers = _on_sqlite if on_sqlite else _on_postgresql
        for statement in triggers(table, parts, row_id):
            op.execute(statement)


def downgrade() -> None:
    op.drop_index(op.f("ix_customers_archived_at"), table_name="customers")
    for table, (parts, _) in TABLES.items():
        if op.get_bind().dialect.name == ON_SQLITE:
            for when in ("insert", "update", "delete"):
                op.execute(f"DROP TRIGGER {parts}_{when}")
        else:
            op.execute(f"DROP TRIGGER {parts}_kept ON {table}")
            op.execute(f"DROP FUNCTION keep_{parts}()")
        op.drop_table(parts)


def _fill(table: str, parts: str, row_id: str, on_sqlite: bool) -> None:
    """In the order of the index, which is the quickest way to make one."""
    letters = (
        f"""JOIN (WITH RECURSIVE letters(place) AS (
            SELECT 1 UNION ALL SELECT place + 1 FROM letters
            WHERE place < (SELECT max(length(search_text)) FROM {table})
        ) SELECT place FROM letters) AS letters ON place <= length(search_text)"""
        if on_sqlite
        else "CROSS JOIN LATERAL generate_series(1, length(search_text)) AS letters(place)"
    )
    part, is_word = (told.format(text="search_text") for told in (PART, IS_WORD))
    op.execute(
        f"INSERT INTO {parts} (part, {row_id})"
        f" SELECT DISTINCT {part}, id FROM {table} {letters} WHERE {is_word} ORDER BY 1, 2"
    )


def _on_sqlite(table: str, parts: str, row_id: str) -> list[str]:
    add, take = _steps(parts, row_id, PLACES)
    return [
        f"CREATE TRIGGER {parts}_insert AFTER INSERT ON {table} BEGIN {add}; END",
        f"""CREATE TRIGGER {parts}_update AFTER UPDATE OF search_text ON {table}
            WHEN OLD.search_text <> NEW.search_text BEGIN {take}; {add}; END""",
        f"CREATE TRIGGER {parts}_delete AFTER DELETE ON {table} BEGIN {take}; END",
    ]


def _on_postgresql(table: str, parts: str, row_id: str) -> list[str]:
    add, take = _steps(parts, row_id, "generate_series(1, length({text})) AS letters(place)")
    return [
        f"""CREATE FUNCTION keep_{parts}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
            IF TG_OP = 'UPDATE' THEN
                IF OLD.search_text = NEW.search_text THEN RETURN NULL; END IF;
            END IF;
            IF TG_OP <> 'INSERT' THEN {take}; END IF;
            IF TG_OP <> 'DELETE' THEN {add}; END IF;
            RETURN NULL;
        END $$""",
        f"""CREATE TRIGGER {parts}_kept AFTER INSERT OR DELETE OR UPDATE OF search_text ON {table}
            FOR EACH ROW EXECUTE FUNCTION keep_{parts}()""",
    ]


def _steps(parts: str, row_id: str, places: str) -> tuple[str, str]:
    """What adds the parts of the new text, and what takes those of the old one away."""
    new, old = (
        f"SELECT {PART} AS part FROM {places} WHERE {IS_WORD}".format(text=f"{which}.search_text")
        for which in ("NEW", "OLD")
    )
    add = f"""INSERT INTO {parts} (part, {row_id})
        SELECT DISTINCT part, NEW.id FROM ({new}) AS told WHERE true ON CONFLICT DO NOTHING"""
    take = f"DELETE FROM {parts} WHERE {row_id} = OLD.id AND part IN ({old})"
    return add, take
