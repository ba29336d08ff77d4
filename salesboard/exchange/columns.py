"""Which row of a sheet is its head, what the sheet is about, and which of our fields each column holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice

from salesboard.exchange.amounts import without_unit
from salesboard.exchange.fields import BY_KEY, OWN, Field, Kind, kinds_of, own_code, resolve
from salesboard.exchange.formats import Format, recognise
from salesboard.exchange.headings import EXPLAINING_SHEETS, HEADS
from salesboard.exchange.options import Options
from salesboard.exchange.reading import Book, Cell, Row, Sheet
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import cell_text, plain, storable, without_brackets

_HEAD_WITHIN = 30
"""The head is looked for among so many rows; titles and notes may stand above it."""

NAMES_CUSTOMER = ("customer.name", "customer.number", "customer.external_id")
"""What a row of any kind may call its customer by."""
_NAMES_DEAL = ("deal.name", "deal.number", "deal.external_id", "deal.stage")
_TELLS_OF_TALK = (
    "followup.content",
    "followup.feedback",
    "followup.method",
    "followup.agreed",
    "followup.objection",
)
_TELLS_OF_DEAL = (
    "deal.number", "deal.name", "deal.stage", "deal.amount", "deal.probability", "deal.expected_close",
    "deal.contract_amount",
)  # fmt: skip
_LEADING = (Kind.FOLLOWUPS, Kind.DEALS, Kind.CUSTOMERS, Kind.CONTACTS)
"""Of several kinds that a sheet carries, it is about the one whose rows say most."""


@dataclass(frozen=True)
class Column:
    index: int
    head: str
    fields: tuple[Field, ...] = ()
    is_repetition: bool = False
    """Known to say only what other columns say, and therefore not imported."""


@dataclass(frozen=True)
class Matching:
    """A sheet understood: its head row (as the person counts), columns, and what its rows carry."""

    sheet: Sheet
    head_row: int
    columns: tuple[Column, ...]
    kind: Kind
    """What the sheet is about first of all: that kind's required fields are asked of each row."""
    carries: frozenset[Kind]
    known_as: Format | None
    options: Options

    def fields(self) -> set[Field]:
        return {field for column in self.columns for field in column.fields}

    @property
    def unmatched(self) -> list[str]:
        """The heads that nothing is taken from and no other column repeats."""
        return [
            column.head
            for column in self.columns
            if column.head and not (column.fields or column.is_repetition)
        ]


@dataclass(frozen=True)
class BookMatching:
    sheets: tuple[Matching, ...]
    unread: tuple[str, ...]
    """The sheets that were left out: hidden ones, and those without a known column."""


def match_book(book: Book, options: Options) -> BookMatching:
    """Understands all visible sheets, or the one that the options name. Raises FileRefused when none is understood."""
    if options.sheet is not None:
        wanted = [book.sheet(options.sheet)]
    else:
        wanted = [sheet for sheet in book.sheets if not sheet.is_hidden]
    matched: list[Matching] = []
    refusals: list[FileRefused] = []
    for sheet in wanted:
        try:
            matched.append(match_sheet(sheet, options))
        except FileRefused as refusal:
            refusals.append(refusal)
    if not matched:
        raise refusals[0] if refusals else FileRefused("nothing_in_it")
    _check_all_used(options, matched)
    read = {matching.sheet.name for matching in matched}
    known = read.union(EXPLAINING_SHEETS.values())
    return BookMatching(tuple(matched), tuple(sheet.name for sheet in book.sheets if sheet.name not in known))


def match_sheet(sheet: Sheet, options: Options) -> Matching:
    """Understands one sheet. Raises FileRefused when no column is known, or a required field has none."""
    head = _find_head(sheet, options)
    known_as = recognise(plain(without_brackets(cell_text(cell))) for cell in head.cells)
    marked = frozenset(text for cell in head.cells if (text := cell_text(cell)).startswith(OWN))
    meanings = [_codes(cell, known_as, options, marked) for cell in head.cells]
    carries = _carried([code for meaning in meanings for code in meaning or ()], options)
    kind = options.kind or next(kind for kind in _LEADING if kind in carries)
    columns = _assigned(head.cells, meanings, kind, carries, options)
    matching = Matching(sheet, head.number, columns, kind, carries, known_as, options)
    _check_required(matching)
    return matching


def _find_head(sheet: Sheet, options: Options) -> Row:
    """The first row of those with the most known heads. One known word amid a table of others is no head."""
    best, most = None, 0
    widest = widest_above = 0
    for row in islice(sheet.rows(), _HEAD_WITHIN):
        known = sum(bool(_codes(cell, None, options)) for cell in row.cells)
        if known > most:
            best, most, widest_above = row, known, widest
        widest = max(widest, _filled(row))
    if best is None or (most == 1 and 1 < _filled(best) <= widest_above):
        raise FileRefused("no_head_row", sheet=sheet.name)
    return best


def _filled(row: Row) -> int:
    return sum(cell is not None for cell in row.cells)


def _codes(
    cell: Cell, known_as: Format | None, options: Options, marked: frozenset[str] = frozenset()
) -> tuple[str, ...] | None:
    """What a head stands for; nothing at all (`()`) when it repeats other columns; None when it is not known.

    Beside a head that is `marked` as a field of the installation's own, the same without the mark is none.
    """
    head = cell_text(cell)
    if not head:
        return None
    given = [each.field for each in options.columns if _is_named(head, each.column)]
    if given:
        return tuple(field for field in given if field)
    if OWN + head not in marked and (own := own_code(head)):
        return (own,)
    for name in (plain(head), plain(without_brackets(head)), plain(without_unit(head))):
        if known_as is not None and name in known_as.heads:
            return known_as.heads[name]
        if name in HEADS:
            return HEADS[name]
    return None


def _is_named(head: str, name: str) -> bool:
    return head == name or (plain(head) == plain(name) != "")


def _carried(codes: Iterable[str], options: Options) -> frozenset[Kind]:
    """The kinds that a row speaks of, beyond naming a record of them."""
    certain = [resolve(code, Kind.DEALS) for code in codes if len(kinds_of(code)) == 1]
    keys = {field.key for field in certain}
    carried = set[Kind]()
    if any(field.kind is Kind.CUSTOMERS and field.key not in NAMES_CUSTOMER for field in certain):
        carried.add(Kind.CUSTOMERS)
    if any(field.kind is Kind.CONTACTS for field in certain):
        carried.add(Kind.CONTACTS)
    if keys.intersection(_TELLS_OF_DEAL):
        carried.add(Kind.DEALS)
    if keys.intersection(_TELLS_OF_TALK):
        carried.add(Kind.FOLLOWUPS)
    if options.kind is None:
        return frozenset(carried or {Kind.CUSTOMERS})
    beside = {Kind.CONTACTS} if options.kind is Kind.CUSTOMERS else set()
    return frozenset({options.kind} | (carried & beside))


def _assigned(
    heads: tuple[Cell, ...],
    meanings: list[tuple[str, ...] | None],
    kind: Kind,
    carries: frozenset[Kind],
    options: Options,
) -> tuple[Column, ...]:
    """Each column with its fields. Of two columns for one field the given one holds it, else the first; of ways to
    reach a contact there may be several."""
    given = [
        each for each in options.columns if any(_is_named(cell_text(cell), each.column) for cell in heads)
    ]
    claimed = {resolve(each.field, kind) for each in given if each.field}
    taken: set[Field] = set()
    columns = []
    for index, (cell, meaning) in enumerate(zip(heads, meanings, strict=True)):
        head = storable(cell_text(cell))
        is_given = any(_is_named(head, each.column) for each in given)
        blocked = taken if is_given else taken | claimed
        fields = tuple(
            field
            for field in (_meant(code, kind, carries) for code in meaning or ())
            if _is_wanted(field, carries) and (field.is_channel or field not in blocked)
        )
        taken.update(fields)
        columns.append(Column(index, head, fields, is_repetition=meaning == ()))
    return tuple(columns)


def _meant(code: str, kind: Kind, carries: frozenset[Kind]) -> Field:
    """The field of a code: of what the sheet is about, else of what it carries besides. Who looks after nothing but
    talks has held them."""
    field = resolve(code, kind)
    if _is_wanted(field, carries) or code == field.key:
        return field
    others = (BY_KEY.get(f"{other.singular}.{code}") for other in _LEADING if other in carries)
    author = BY_KEY["followup.author"] if code == "owner" and kind is Kind.FOLLOWUPS else field
    return next(filter(None, others), author)


def _is_wanted(field: Field, carries: frozenset[Kind]) -> bool:
    names_deal = field.key in _NAMES_DEAL and Kind.FOLLOWUPS in carries
    return field.kind in carries or field.key in NAMES_CUSTOMER or names_deal


def _check_required(matching: Matching) -> None:
    given = {resolve(default.field, matching.kind).key for default in matching.options.defaults}
    for each in matching.options.values:
        resolve(each.field, matching.kind)
    keys = {field.key for field in matching.fields()} | given
    asked = [field.key for field in BY_KEY.values() if field.is_required and field.kind is matching.kind]
    if matching.kind is Kind.DEALS and (len(matching.carries) > 1 or matching.options.kind is None):
        asked.remove(
            "deal.name"
        )  # a list of customers with their stages: its deals go by the customer's name
    for key in asked:
        if key not in keys:
            raise FileRefused("no_required_column", sheet=matching.sheet.name, field=BY_KEY[key].label)
    if not keys.intersection(NAMES_CUSTOMER):
        raise FileRefused(
            "no_required_column", sheet=matching.sheet.name, field=BY_KEY["customer.name"].label
        )


def _check_all_used(options: Options, matched: list[Matching]) -> None:
    heads = [column.head for matching in matched for column in matching.columns if column.head]
    for each in options.columns:
        if not any(_is_named(head, each.column) for head in heads):
            raise FileRefused("no_such_column", column=each.column, columns=", ".join(heads))
