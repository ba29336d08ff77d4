"""Reading an understood sheet row by row into records. See `records` for what comes out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from salesboard.customers.custom_rules import FieldKind
from salesboard.exchange.amounts import has_whole_percents, read_amount, read_percent
from salesboard.exchange.channels import NO_CHANNELS
from salesboard.exchange.columns import NAMES_CUSTOMER, NAMES_PERSON, Column, Matching
from salesboard.exchange.dates import order_of, read_date, read_moment
from salesboard.exchange.fields import BY_KEY, Field, Kind, OwnValue, resolve
from salesboard.exchange.reading import Cell, Row
from salesboard.exchange.reasons import NotTaken, Reason, Unreadable
from salesboard.exchange.records import (
    CHANNELS,
    ContactRecord,
    CustomerRecord,
    DealRecord,
    FollowUpRecord,
    Ignored,
    Outcome,
    Problem,
    Rejection,
    RowRecords,
    Values,
)
from salesboard.exchange.units import scale_of, unit_line
from salesboard.exchange.values import (
    Habits,
    cell_text,
    is_private,
    plain,
    publishable,
    says_nothing,
    storable,
    without_brackets,
)
from salesboard.private_numbers import looks_like_home

_TOTALS = re.compile(
    r"(?:本[页月周季年]|当[月年]|月度|季度|年度|全年)?(?:合计|总计|小计|汇总|共计|总共|总和|累计|平均值?|sum|average|"
    r"(?:sub|grand)?totals?)(?:共计?)?[0-9]*[家个户条笔名项人次万亿元]*"
)
"""A word for totals as `plain` leaves it, be it with what it counts: 合计：120家."""
_COUNTED = re.compile(r"[\d.,\s%¥￥$€£万萬亿億元家个個户戶条條笔筆名项項次人+-]+", re.ASCII)
_SIGNED_BY = re.compile(
    r"(?:制表|製表|填表|编制|編製|审核|審核|复核|複核|审批|审阅|批准)(?:人|日期|时间|時間)?\s*[:：]|"
    r"(?:说明|說明|备注|備註|注|註)\s*[:：]"
)
"""How the lines below a table begin: who made it, who checked it, what to know of it."""


@dataclass(frozen=True)
class Slot:
    """One field, the column it is read from (None: only its default) and how that column writes."""

    field: Field
    column: Column | None
    habits: Habits
    meanings: Mapping[str, str]
    """Their words for ours."""
    default: str | None

    @property
    def head(self) -> str:
        return self.column.head if self.column else self.field.code

    @property
    def is_of_ours(self) -> bool:
        """Holds figures, dates, words or people, not free text: there a dash means nothing."""
        if self.field.own is not None:
            return self.field.own.kind is not FieldKind.TEXT
        return self.field.reads is not None or self.field.is_person


def read_rows(matching: Matching) -> Iterator[Outcome]:
    """One outcome for every row of the sheet, in its order."""
    name = matching.sheet.name
    slots = slots_of(matching)
    head = [column.head for column in matching.columns]
    sums = {column.index for column in matching.columns if any(map(_is_sum, column.fields))}
    for row in matching.sheet.rows():
        if row.is_blank:
            yield Ignored(name, row.number, "blank")
        elif row.number < matching.head_row:
            yield Ignored(name, row.number, "title")
        elif [cell_text(cell) for cell in row.cells] == head:
            yield Ignored(name, row.number, "head")
        elif _is_total(row):
            yield Ignored(name, row.number, "totals")
        elif _is_signature(row):
            yield Ignored(name, row.number, "footer")
        else:
            yield _read(_counted_once(row, sums), matching, slots)


def _is_sum(field: Field) -> bool:
    return field.reads is read_amount


def _counted_once(row: Row, sums: set[int]) -> Row:
    """A cell merged over several rows speaks of them all; an amount is all of theirs together, and the first row's."""
    if not row.merged & sums:
        return row
    return row._replace(
        cells=tuple(
            [None if index in row.merged and index in sums else cell for index, cell in enumerate(row.cells)]
        )
    )


def slots_of(matching: Matching) -> list[Slot]:
    """What is read from where, one for each field of each column."""
    options, kind = matching.options, matching.kind
    meanings: dict[Field, dict[str, str]] = {}
    for key, words in matching.known_as.words.items() if matching.known_as else ():
        meanings[BY_KEY[key]] = dict(words)
    for each in options.values:
        meanings.setdefault(resolve(each.field, kind), {})[plain(each.theirs) or each.theirs] = each.ours
    defaults = {resolve(each.field, kind): each.value for each in options.defaults}
    habits = _habits(matching)
    pairs: list[tuple[Field, Column | None]] = [
        (field, column) for column in matching.columns for field in column.fields
    ]
    pairs += [(field, None) for field in defaults if field not in matching.fields()]
    return [
        Slot(
            field,
            column,
            habits[column.index] if column else Habits(),
            meanings.get(field, {}),
            defaults.get(field),
        )
        for field, column in pairs
    ]


def _habits(matching: Matching) -> dict[int, Habits]:
    """How each column writes its shares and dates, seen over the whole sheet."""
    looked_at = {
        column.index: list[Cell]()
        for column in matching.columns
        if any(field.reads in (read_percent, read_date, read_moment) or field.own for field in column.fields)
    }
    for row in matching.sheet.rows() if looked_at else ():
        for index, cells in looked_at.items():
            if row.number > matching.head_row and index < len(row.cells):
                cells.append(row.cells[index])
    line = unit_line(matching)
    return {
        column.index: Habits(
            scale=scale_of(column.head, line) if any(map(_is_sum, column.fields)) else 1,
            whole_percents=has_whole_percents(looked_at.get(column.index, ())),
            date_order=matching.options.date_order or order_of(looked_at.get(column.index, ())),
        )
        for column in matching.columns
    }


def _is_total(row: Row) -> bool:
    """A row that begins with a word for totals and says nothing but figures beside it."""
    said = [cell for cell in row.cells if cell is not None]
    if not _TOTALS.fullmatch(plain(without_brackets(cell_text(said[0])))):
        return False
    return all(not isinstance(cell, str) or _COUNTED.fullmatch(cell) for cell in said[1:])


def _is_signature(row: Row) -> bool:
    """A line below the table, such as 制表：张三 | 审核：李四. A customer's own name has no colon."""
    said = [cell for cell in row.cells if cell is not None]
    return isinstance(said[0], str) and all(
        isinstance(cell, str) and _SIGNED_BY.match(cell.strip()) for cell in said
    )


def _read(row: Row, matching: Matching, slots: list[Slot]) -> Outcome:
    problems: list[Problem] = []
    try:
        values = _values(row, slots, problems)
        records = _records(row, matching, values, problems)
    except NotTaken as refusal:
        return Rejection(matching.sheet.name, row.number, refusal.reason, publishable(row.cells))
    homes = tuple([slot.head for slot in slots if looks_like_home(_words(values.get(slot.field.key)))])
    return replace(records, homes=homes) if homes else records


def _words(value: object) -> str:
    return value if isinstance(value, str) else value.text if isinstance(value, OwnValue) else ""


def _values(row: Row, slots: list[Slot], problems: list[Problem]) -> Values:
    """The row's values by field key. A way to reach a contact adds to what other columns gave."""
    values: dict[str, Any] = {}
    for slot in slots:
        cell = row.cells[slot.column.index] if slot.column and slot.column.index < len(row.cells) else None
        if slot.meanings and cell is not None:
            text = cell_text(cell)
            cell = slot.meanings.get(plain(text) or text, cell)
        if cell is None or (slot.is_of_ours and says_nothing(cell)):
            cell = slot.default
        if cell is None or cell == "":
            continue
        if is_private(cell):
            raise NotTaken("private_number", column=slot.head)
        try:
            value = _value(cell, slot, problems)
        except Unreadable as unreadable:
            if slot.field.is_strict:
                raise NotTaken("unreadable", column=slot.head, why=unreadable.reason) from unreadable
            problems.append(Problem(slot.head, unreadable.reason))
            continue
        if slot.field.is_channel:
            values[CHANNELS] = values.get(CHANNELS, NO_CHANNELS) + value
        elif value not in (None, ""):
            values.setdefault(slot.field.key, value)
    return values


def _value(cell: Cell, slot: Slot, problems: list[Problem]) -> Any:
    field = slot.field
    if field.reads is not None:
        return field.reads(cell, slot.habits)
    text = cell_text(cell)
    kept = storable(text)
    if kept != text:
        problems.append(Problem(slot.head, Reason("unstorable")))
    if len(kept) > field.longest:
        raise NotTaken("too_long", column=slot.head, length=len(kept), limit=field.longest)
    return kept if field.is_free_text else " ".join(line.strip() for line in kept.split("\n"))


def _records(row: Row, matching: Matching, values: Values, problems: list[Problem]) -> RowRecords:
    carries = matching.carries
    _require_customer(values, matching)
    contact = ContactRecord.of(values) if Kind.CONTACTS in carries else None
    if matching.kind is Kind.CONTACTS and not any(name in values for name in NAMES_PERSON):
        raise _missing("contact.contact_name", matching)
    if "deal.name" not in values and _asks_for_deal_name(matching):
        raise _missing("deal.name", matching)
    if Kind.FOLLOWUPS in carries and "followup.occurred_at" not in values and _tells_of_talk(values, carries):
        raise _missing("followup.occurred_at", matching)
    return RowRecords(
        sheet=matching.sheet.name,
        row=row.number,
        heads=matching.heads_told,
        customer=_customer(values, matching),
        contact=contact,
        deal=_deal(values, matching, problems),
        followup=FollowUpRecord.of(values) if Kind.FOLLOWUPS in carries else None,
        problems=tuple(problems),
        cells=row.cells,
    )


def _require_customer(values: Values, matching: Matching) -> None:
    """A row about a customer needs its name; one that only belongs to a customer may give its number instead, and so
    may the rows of a program that knows customers by number alone."""
    by_number = Kind.CUSTOMERS not in matching.carries or _numbers_customers(matching)
    names = NAMES_CUSTOMER if by_number else ("customer.name",)
    if not any(name in values for name in names):
        raise _missing("customer.name", matching)


def _customer(values: Values, matching: Matching) -> CustomerRecord:
    """Where a program knows customers by number alone, a new one is called by it until its name comes in."""
    customer = CustomerRecord.of(values)
    may_stand_in = customer.name is None and _numbers_customers(matching)
    return replace(customer, may_stand_in=True) if may_stand_in else customer


def _numbers_customers(matching: Matching) -> bool:
    return matching.known_as is not None and matching.known_as.numbers_customers


def _asks_for_deal_name(matching: Matching) -> bool:
    return matching.kind is Kind.DEALS and BY_KEY["deal.name"] in matching.fields()


def _tells_of_talk(values: Values, carries: frozenset[Kind]) -> bool:
    """Without a date the words of a talk would be lost; a row that has none is still good for what else it carries."""
    says = any(key.startswith("followup.") for key in values)
    return says or carries == {Kind.FOLLOWUPS}


def _deal(values: Values, matching: Matching, problems: list[Problem]) -> DealRecord | None:
    """A date of closing belongs to closed deals only: an open one's is when it is expected, or a contradiction."""
    deal = DealRecord.of(values)
    if deal is None or deal.closed_date is None or deal.is_closed:
        return deal
    if deal.closed_date != deal.expected_close:
        head = _head_of("deal.closed_date", matching) or "closed_date"
        problems.append(Problem(head, Reason("still_open", {"value": deal.closed_date})))
    return replace(deal, closed_date=None)


def _missing(key: str, matching: Matching) -> NotTaken:
    return NotTaken("missing", field=_head_of(key, matching) or BY_KEY[key].label)


def _head_of(key: str, matching: Matching) -> str | None:
    """What the sheet calls a field, where it has such a column."""
    field = BY_KEY[key]
    return next((column.head for column in matching.columns if field in column.fields), None)
