"""Everything in one archive, for whoever leaves: the lists as an import reads them, the tables as they are kept, and a
description of both.

Every table of the database is either in `TABLES` or, with the reason, in `LEFT_OUT`; a test says so.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from enum import Enum
from typing import IO, TYPE_CHECKING, Any
from zipfile import ZIP_DEFLATED, ZipFile
from zoneinfo import ZoneInfo

from flask_babel import force_locale
from sqlalchemy import LargeBinary, Table, inspect, select
from sqlalchemy.orm import undefer

from salesboard.database import Base, db
from salesboard.exchange.export_attachments import write_attachments
from salesboard.exchange.export_csv import write_csv
from salesboard.exchange.export_lists import all_of, list_table
from salesboard.exchange.export_pages import lines_of
from salesboard.exchange.export_tables import Line, OutColumn, OutTable
from salesboard.exchange.fields import Kind
from salesboard.installation import installation
from salesboard.sealed import secrets_of

if TYPE_CHECKING:
    from salesboard.exchange.exporting import Counted

TABLES: dict[str, tuple[str, ...]] = {
    "installation": (),
    "stage_settings": (),
    "calendar_days": (),
    "users": ("password_hash",),
    "teams": (),
    "team_members": (),
    "customers": ("name_key", "search_text", "sort_name"),
    "customer_needs": (),
    "contacts": (),
    "custom_fields": ("name_key",),
    "deals": ("search_text",),
    "custom_values": (),
    "deal_collaborators": (),
    "placements": (),
    "payments": (),
    "payment_receipts": (),
    "satisfactions": (),
    "complaints": (),
    "documents": (),
    "document_files": ("file_key",),
    "followups": ("request_key",),
    "followup_corrections": (),
    "objections": (),
    "objection_steps": (),
    "promises": (),
    "promise_steps": (),
    "followup_people": (),
    "followup_papers": (),
    "followup_links": (),
    "followup_chain": (),
    "tasks": (),
    "task_postponements": (),
    "cadences": (),
    "rhythms": (),
    "targets": (),
    "reports": ("unique_key",),
    "report_rows": (),
    "conclusions": (),
    "measures": (),
    "report_comments": (),
    "report_schedules": (),
    "spot_checks": (),
    "saved_views": (),
    "tidyings": (),
    "tidied_customers": (),
    "field_changes": (),
    "not_duplicates": (),
    "merges": ("facts", "learnt"),
    "reminders": (),
    "imports": ("file_key",),
    "exports": ("file_key",),
    "number_series": (),
    "audit_events": (),
    "hand_overs": (),
    "handed_over": (),
}
"""What goes along, and of each table the columns that do not: secrets, and what is made from other columns."""

LEFT_OUT = {
    "customer_search_parts": "finds customers by what goes along with them",
    "deal_search_parts": "finds deals by what goes along with them",
    "contact_ways": "finds contacts by what goes along with them",
    "access_links": "ways in",
    "calendar_addresses": "ways in",
    "sign_ins": "ways in, and from where somebody signed in",
    "outbox": "work of the machine",
    "channels": "secret addresses of robots, which whoever knows them can write to",
    "deliveries": "what the machine sent out, of what goes along as reminders",
    "import_rows": "the trial run of a file that somebody else keeps",
    "import_traces": "what an undo needs",
    "import_shapes": "how the columns of files that others write are read",
}


def write_archive(target: IO[bytes], counted: Counted) -> None:
    """Writes the archive, in English whoever asks: it is read by programs, and by people who know none of ours."""
    with force_locale("en"), ZipFile(target, "w", ZIP_DEFLATED) as archive:
        archive.writestr("README.md", _readme())
        archive.writestr("schema.json", json.dumps(_schema(), ensure_ascii=False, indent=1))
        zone = ZoneInfo(installation().timezone)
        for kind in Kind:
            with archive.open(f"lists/{kind.value}.csv", "w", force_zip64=True) as file:
                write_csv(counted.table(list_table(kind, all_of(kind), zone)), file)
        for name in TABLES:
            with archive.open(f"tables/{name}.csv", "w", force_zip64=True) as file:
                write_csv(counted.table(_as_kept(name)), file)
        if missing := write_attachments(archive, counted.pulse):
            archive.writestr("missing.txt", "\n".join(missing))


def columns_of(name: str) -> list[str]:
    """The columns of a table that go along; sealed ones by what they hold."""
    left_out, model = TABLES[name], _model_of(name)
    if model is None:
        return [column.name for column in Base.metadata.tables[name].columns if column.name not in left_out]
    plain = [
        attribute.key
        for attribute in inspect(model).column_attrs
        if not _is_sealed(attribute.columns[0]) and attribute.key not in (*left_out, "seal_id")
    ]
    return plain + [secret.name for secret in secrets_of(name)]


def _is_sealed(column: Any) -> bool:
    return type(column.type) is LargeBinary


def _as_kept(name: str) -> OutTable:
    columns, model = columns_of(name), _model_of(name)
    heads = tuple(OutColumn(column) for column in columns)
    if model is None:
        return OutTable(name, heads, _lines_of_plain(Base.metadata.tables[name], columns))

    def tell(page: Sequence[Any]) -> list[Line]:
        return [[_written(getattr(record, column)) for column in columns] for record in page]

    if not hasattr(model, "id"):
        return OutTable(name, heads, iter(tell(db.session.scalars(select(model)).all())))
    return OutTable(name, heads, lines_of(select(model).options(undefer("*")), model, tell))


def _lines_of_plain(table: Table, columns: list[str]) -> Iterator[Line]:
    """Of a table that only joins two others."""
    for row in db.session.execute(select(*(table.c[name] for name in columns))).all():
        yield [_written(value) for value in row]


def _model_of(name: str) -> Any:
    mappers = (mapper for mapper in Base.registry.mappers if mapper.local_table is Base.metadata.tables[name])
    return next((mapper.class_ for mapper in mappers), None)


def _written(value: Any) -> str | None:
    """A value as programs exchange it: moments in UTC, amounts with a point, structures as JSON."""
    if value is None or isinstance(value, str):
        return value.value if isinstance(value, Enum) else value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float | Decimal):
        return str(value)
    return json.dumps(value, ensure_ascii=False, default=str)


def _schema() -> dict[str, Any]:
    return {
        "made_by": "salesboard",
        "currency": installation().currency,
        "timezone": installation().timezone,
        "encoding": "UTF-8 with a byte-order mark",
        "escape": "a text that begins with = + - @, a tab or a line end has an apostrophe in front: take one off",
        "moments": "RFC 3339, in UTC",
        "tables": {name: _described(name) for name in TABLES},
        "left_out": LEFT_OUT,
    }


def _described(name: str) -> dict[str, Any]:
    table, model = Base.metadata.tables[name], _model_of(name)
    about = (model.__doc__ or "").strip().partition("\n")[0] if model is not None else "joins two tables"
    return {"about": about, "columns": [_described_column(table, column) for column in columns_of(name)]}


def _described_column(table: Table, name: str) -> dict[str, Any]:
    if name not in table.c:
        return {"name": name, "type": "TEXT", "kept_sealed": True}
    column = table.c[name]
    described: dict[str, Any] = {
        "name": name,
        "type": str(column.type),
        "may_be_empty": bool(column.nullable),
    }
    if column.primary_key:
        described["key"] = True
    for reference in column.foreign_keys:
        described["refers_to"] = reference.target_fullname
    return described


def _readme() -> str:
    here = installation()
    return f"""# Everything of {here.name}

Made by salesboard on {here.today.isoformat()}.

lists/    customers, contacts, deals and follow-ups under the heads that salesboard's own import reads: bring
          customers.csv in first, then the others with "fill what is empty".
files/    the files of documents, by the id of their document; tables/document_files.csv says what each is. Those that
          could not be read stand in missing.txt, if there were any.
tables/   every table as it is kept, with its ids. schema.json says what each column holds and what it refers to.

All files are CSV in UTF-8 with a byte-order mark, comma-separated, quoted where needed. A text that a spreadsheet would
take for a formula has an apostrophe in front; an import here takes it off again, another program has to.
Passwords, sessions and links are not part of this.
"""
