"""What came in by one import, in the shape of its file: its heads, its order, its words.

As long as nobody changed what a row is about, the row comes back as the file had it. A cell about a record that was
changed since says what is so now, in the file's own word where it has one; a column from which nothing is taken stays
as it came. Rows that were not taken are not in it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import selectinload

from salesboard.customers.models import Contact, Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.exchange.export_facts import Around, Fact
from salesboard.exchange.export_lists import MODELS, around_of, facts_of
from salesboard.exchange.export_pages import AT_ONCE, People, people_called
from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, Value
from salesboard.exchange.export_theirs import Theirs
from salesboard.exchange.fields import Kind
from salesboard.exchange.meanings import Sure
from salesboard.exchange.models import Import, ImportRow
from salesboard.exchange.revising import LEFT_AT
from salesboard.exchange.traces import ImportTrace
from salesboard.exchange.understanding import cells_given_back
from salesboard.followups.models import FollowUp


def tables_of_import(found: Import, zone: ZoneInfo) -> list[OutTable]:
    """A table for each sheet of the file that was read; rows are read when they are asked for."""
    facts = {fact.key: fact for kind in Kind for fact in facts_of(kind) if fact.key.startswith(kind.singular)}
    return [_table(found, sheet, facts, zone) for sheet in sheets_of(found)]


def sheets_of(found: Import) -> list[dict[str, Any]]:
    """The sheets of the file that were read."""
    return [sheet for sheet in found.sheets if sheet["columns"]]


def count_of_import(found: Import) -> int:
    """How many rows made or changed what their sheet is about, the viewer's or not."""
    told = [_rows_with_records(found, sheet) for sheet in sheets_of(found)]
    return sum(db.session.scalar(select(func.count()).select_from(rows.subquery())) or 0 for rows in told)


def _rows_with_records(found: Import, sheet: Mapping[str, Any]) -> Select[*tuple[Any, ...]]:
    """Each row of a sheet with the record that it is about."""
    rows: Any = (
        select(ImportTrace.row, func.max(ImportTrace.record_id).label("record_id"))
        .where(
            ImportTrace.import_id == found.id,
            ImportTrace.kind == Kind(sheet["kind"]).singular,
            ImportTrace.sheet == sheet["name"],
        )
        .group_by(ImportTrace.row)
    )
    return rows


def _table(found: Import, sheet: dict[str, Any], facts: Mapping[str, Fact], zone: ZoneInfo) -> OutTable:
    columns = [column for column in sheet["columns"] if column["sure"] != Sure.OURS]
    heads = tuple(OutColumn(column["head"], _type_of(column, facts)) for column in columns)
    return OutTable(sheet["name"], heads, _lines(found, sheet, columns, facts, zone))


def _type_of(column: Mapping[str, Any], facts: Mapping[str, Fact]) -> Type:
    """Each cell says itself what it is; only figures may have more places than money has."""
    types = {facts[key].type for key in column["fields"] if key in facts}
    return Type.NUMBER if Type.AMOUNT in types else Type.TEXT


def _lines(
    found: Import,
    sheet: dict[str, Any],
    columns: Sequence[dict[str, Any]],
    facts: Mapping[str, Fact],
    zone: ZoneInfo,
) -> Iterator[Line]:
    theirs, ours = Theirs(found, sheet), len(sheet["columns"]) - len(columns)
    people = theirs.called(people_called())
    rows, last = _rows_with_records(found, sheet), 0
    while True:
        about = db.session.execute(
            rows.where(ImportTrace.row > last).order_by(ImportTrace.row).limit(AT_ONCE)
        ).all()
        if not about:
            return
        last = about[-1].row
        page = _Page.read(found, sheet, {row.row: row.record_id for row in about}, people, zone)
        lines = [
            [
                _cell(column, cell, row, page, facts, theirs)
                for column, cell in zip(columns, cells[ours:], strict=True)
            ]
            for row, cells in page.rows(len(sheet["columns"]))
        ]
        del page
        db.session.rollback()
        yield from lines


def _cell(
    column: Mapping[str, Any],
    cell: Value,
    row: _About,
    page: _Page,
    facts: Mapping[str, Fact],
    theirs: Theirs,
) -> Value:
    keys: list[str] = column["fields"]
    if all(page.is_as_it_came(key, row) for key in keys):
        return cell
    said = [page.says(key, row, facts.get(key), theirs, column["head"]) for key in keys]
    return next((value for value in reversed(said) if value not in (None, "")), None)


AS_WRITTEN = 1
"""The version of a talk that nobody has corrected."""


@dataclass
class _About:
    """What one row is about."""

    row: int
    record: Any
    customer: Customer
    contact: Contact | None = None
    deal: Deal | None = None

    def of(self, kind: str) -> Any:
        if kind == "customer":
            return self.customer
        if kind == "contact":
            return self.record if isinstance(self.record, Contact) else self.contact
        if kind == "deal":
            return self.record if isinstance(self.record, Deal) else self.deal
        return self.record


@dataclass
class _Page:
    """Some rows with all that they are about, and what of it is still as the import left it."""

    abouts: dict[int, _About]
    told: dict[int, dict[str, Any]]
    is_talks: bool
    untouched: set[tuple[str, int]] = field(default_factory=set)
    arounds: dict[str, Around] = field(default_factory=dict)

    @classmethod
    def read(
        cls, found: Import, sheet: Mapping[str, Any], ids: dict[int, int], people: People, zone: ZoneInfo
    ) -> _Page:
        """`ids`: the record that each row is about."""
        kind = Kind(sheet["kind"])
        records = _by_id(kind, ids.values())
        of_customers = {each.id if kind is Kind.CUSTOMERS else each.customer_id for each in records.values()}
        customers = _by_id(Kind.CUSTOMERS, of_customers)
        contacts = db.session.scalars(
            select(Contact).where(Contact.customer_id.in_(of_customers)).order_by(Contact.id.desc())
        ).all()
        by_row = _made_beside(found, sheet["name"], list(ids))
        deals = _by_id(Kind.DEALS, [*by_row["deal"].values(), *_deals_of(records.values())])
        by_id, first = {each.id: each for each in contacts}, {each.customer_id: each for each in contacts}
        abouts: dict[int, _About] = {}
        for row, record_id in ids.items():
            record = records.get(record_id)
            customer = (
                customers.get(record.id if kind is Kind.CUSTOMERS else record.customer_id) if record else None
            )
            if record is not None and customer is not None:
                contact = by_id.get(by_row["contact"].get(row, 0)) or first.get(customer.id)
                deal = deals.get(getattr(record, "deal_id", None) or by_row["deal"].get(row, 0))
                abouts[row] = _About(row, record, customer, contact, deal)
        lines = select(ImportRow.row, ImportRow.told).where(
            ImportRow.import_id == found.id,
            ImportRow.sheet == sheet["name"],
            ImportRow.row.in_(list(abouts)),
            ImportRow.told.is_not(None),
        )
        told = {row.row: row.told for row in db.session.execute(lines)}
        page = cls(abouts, told, kind is Kind.FOLLOWUPS)
        of_kind: dict[str, list[Any]] = {"customer": list(customers.values()), "contact": list(contacts)}
        of_kind["deal"] = list(deals.values())
        page.untouched = _untouched(found, of_kind)
        of_kind[kind.singular] = list(records.values())
        page.arounds = {
            one: around_of(Kind(f"{one}s"), each, people, zone) for one, each in of_kind.items() if each
        }
        return page

    def rows(self, breadth: int) -> Iterator[tuple[_About, list[Any]]]:
        """Each row as the file had it, as broad as its head."""
        for row, about in sorted(self.abouts.items()):
            cells = cells_given_back(self.told.get(row, {}).get("cells", []))[:breadth]
            yield about, cells + [None] * (breadth - len(cells))

    def is_as_it_came(self, key: str, row: _About) -> bool:
        """Whether nobody changed since what a cell of this field tells of. Where a deal stood after a talk does not
        change."""
        kind = key.partition(".")[0]
        if kind == "followup":
            return bool(row.record.version == AS_WRITTEN)
        if self.is_talks and key == "deal.stage":
            return True
        record = row.of(kind)
        if key == "customer.status":  # it follows the deals, and the customer's version does not tell
            return bool(self.told[row.row]["values"].get(key) == record.status)
        return (kind, record.id) in self.untouched if record is not None else kind == "deal"

    def says(self, key: str, row: _About, fact: Fact | None, theirs: Theirs, head: str) -> Value:
        """What is so now."""
        kind = key.partition(".")[0]
        record = row.of(kind)
        if record is None:
            return None
        if key == "deal.outcome":
            return theirs.outcome(record)
        if key == "contact.last_name":
            return str(record.name)
        if key.endswith(".number") and record.external_id:
            return str(record.external_id)
        return theirs.said(key, fact.of(record, self.arounds[kind]), head) if fact else None


def _by_id(kind: Kind, ids: Iterable[int]) -> dict[int, Any]:
    """Those of these records that the viewer may see."""
    wanted: Select[Any] = select(MODELS[kind]).where(MODELS[kind].id.in_(set(ids)))
    if kind is Kind.CUSTOMERS:
        wanted = wanted.options(selectinload(Customer.need_rows))
    return {record.id: record for record in db.session.scalars(wanted)}


def _made_beside(found: Import, sheet: str, rows: list[int]) -> dict[str, dict[int, int]]:
    """The contacts and deals that these rows made or changed, whatever else they are about."""
    told = select(ImportTrace.kind, ImportTrace.row, ImportTrace.record_id).where(
        ImportTrace.import_id == found.id,
        ImportTrace.kind.in_(("contact", "deal")),
        ImportTrace.sheet == sheet,
        ImportTrace.row.in_(rows),
    )
    by_row: dict[str, dict[int, int]] = {"contact": {}, "deal": {}}
    for trace in db.session.execute(told):
        by_row[trace.kind][trace.row] = trace.record_id
    return by_row


def _deals_of(records: Iterable[Any]) -> Iterator[int]:
    """Those that talks were about."""
    for record in records:
        if isinstance(record, FollowUp) and record.deal_id is not None:
            yield record.deal_id


def _untouched(found: Import, of_kind: Mapping[str, Sequence[Any]]) -> set[tuple[str, int]]:
    """Kind and id of those that this import made or changed last."""
    whole: set[tuple[str, int]] = set()
    for kind, records in of_kind.items():
        traces = select(ImportTrace).where(
            ImportTrace.import_id == found.id,
            ImportTrace.kind == kind,
            ImportTrace.record_id.in_({record.id for record in records}),
        )
        last = {trace.record_id: trace for trace in db.session.scalars(traces.order_by(ImportTrace.id))}
        whole |= {(kind, each.id) for each in records if each.id in last and _is_left(each, last[each.id])}
    return whole


def _is_left(record: Any, trace: ImportTrace) -> bool:
    if isinstance(record, Contact):
        left_at = (trace.before or {}).get(LEFT_AT)
        return (record.updated_at.isoformat() if record.updated_at else None) == left_at
    return bool(record.version == trace.version)
