"""Which row of a sheet is its head, what the sheet is about, and which of our fields each column holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import cached_property

from salesboard.exchange.fields import BY_KEY, OWN, Field, Kind, kinds_of, resolve
from salesboard.exchange.formats import Format, recognise
from salesboard.exchange.headings import EXPLAINING_SHEETS
from salesboard.exchange.heads import find_head, is_talked_of, samples_below
from salesboard.exchange.meanings import (
    UNKNOWN,
    Meaning,
    Sure,
    guess,
    is_named,
    meaning_of,
    ours_before,
    shape_of,
)
from salesboard.exchange.options import Default, Options, Remembered, SheetSaid
from salesboard.exchange.reading import Book, Row, Sheet
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.values import cell_text, plain, storable, without_brackets

NAMES_CUSTOMER = ("customer.name", "customer.number", "customer.external_id")
"""What a row of any kind may call its customer by."""
NAMES_PERSON = ("contact.contact_name", "contact.first_name", "contact.last_name")
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
    sure: Sure = Sure.NONE

    @property
    def is_repetition(self) -> bool:
        """Nothing is taken from it, and nothing is lost by that."""
        return not self.fields and self.sure in (Sure.REPEATS, Sure.HAND, Sure.REMEMBERED, Sure.OURS)


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
    shape: str = ""
    remembered: Remembered | None = None

    def fields(self) -> set[Field]:
        return {field for column in self.columns for field in column.fields}

    @cached_property
    def heads_told(self) -> tuple[str | None, ...]:
        """The heads under which a row is told in a note; None for a column that is not."""
        return tuple(
            None if column.sure in (Sure.OURS, Sure.PRIVATE) else column.head for column in self.columns
        )

    @property
    def unmatched(self) -> list[str]:
        """The heads that nothing is taken from and no other column repeats."""
        return [
            column.head
            for column in self.columns
            if column.head and not (column.fields or column.is_repetition)
        ]

    @property
    def lacks(self) -> list[Field]:
        """The required fields that no column holds and no default gives; without them no row can be taken."""
        given = {resolve(default.field, self.kind).key for default in self.options.defaults}
        keys = {field.key for field in self.fields()} | given
        if keys.intersection(NAMES_PERSON):
            keys.add("contact.contact_name")
        asked = [field.key for field in BY_KEY.values() if field.is_required and field.kind is self.kind]
        if self.kind is Kind.DEALS and (len(self.carries) > 1 or self.options.kind is None):
            asked.remove(
                "deal.name"
            )  # a customer list with a stage column: its deals go by the customer's name
        missing = [key for key in asked if key not in keys]
        if not (keys.intersection(NAMES_CUSTOMER) or "customer.name" in missing):
            missing.append("customer.name")
        return [BY_KEY[key] for key in missing]


@dataclass(frozen=True)
class BookMatching:
    sheets: tuple[Matching, ...]
    unread: tuple[str, ...]
    """The sheets that were left out: hidden ones, and those without a known column."""
    left_out: tuple[str, ...] = ()
    """Those that the person leaves out."""

    @property
    def readable(self) -> list[Matching]:
        return [matching for matching in self.sheets if not matching.lacks]


def match_book(book: Book, options: Options, *, is_lenient: bool = False) -> BookMatching:
    """Understands all visible sheets, or those that the options name. Raises FileRefused when none is understood.

    With `is_lenient` a person will look at what came of it: a sheet may lack a required field, and where nothing is
    known the first one is taken with its columns open.
    """
    wanted = [book.sheet(options.sheet)] if options.sheet is not None else _wanted(book, options)
    matched: list[Matching] = []
    refusals: list[FileRefused] = []
    for sheet in wanted:
        try:
            matching = match_sheet(sheet, options, is_lenient=options.said_of(sheet.name).is_read is True)
            if not is_lenient:
                _check_required(matching)
            matched.append(matching)
        except FileRefused as refusal:
            refusals.append(refusal)
    if is_lenient and not matched and wanted:
        matched = [match_sheet(sheet, options, is_lenient=True) for sheet in wanted if is_talked_of(sheet)][
            :1
        ]
    if not matched:
        raise refusals[0] if refusals and not is_lenient else FileRefused("nothing_in_it")
    if not any(_has_rows(matching) or not matching.lacks for matching in matched):
        raise FileRefused("no_rows", sheet=matched[0].sheet.name)
    _check_all_used(options, matched)
    read = {matching.sheet.name for matching in matched}
    known = read.union(EXPLAINING_SHEETS.values())
    names = [sheet.name for sheet in book.sheets if sheet.name not in known]
    left_out = tuple(name for name in names if options.said_of(name).is_read is False)
    return BookMatching(tuple(matched), tuple(name for name in names if name not in left_out), left_out)


def _wanted(book: Book, options: Options) -> list[Sheet]:
    said = {sheet.name: options.said_of(sheet.name).is_read for sheet in book.sheets}
    return [
        sheet
        for sheet in book.sheets
        if said[sheet.name] or (said[sheet.name] is None and not sheet.is_hidden)
    ]


def match_sheet(sheet: Sheet, options: Options, *, is_lenient: bool = False) -> Matching:
    """Understands one sheet. Raises FileRefused when no column is known, unless that `is_lenient`."""
    said = options.said_of(sheet.name)
    head = find_head(sheet, options, said, is_lenient=is_lenient)
    shape = shape_of(head)
    remembered = None if said.is_anew else options.shapes.get(shape)
    if remembered is not None:
        options = replace(options, values=remembered.values + options.values)
    heads = tuple(storable(cell_text(cell)) for cell in head.cells)
    known_as = recognise(plain(without_brackets(text)) for text in heads)
    meanings = _meanings(head, heads, known_as, options, said, remembered)
    certain = [code for meaning in meanings if meaning.is_known for code in meaning.codes]
    kind_said = said.kind or (remembered.kind if remembered else None)
    carries = _carried(certain, options, kind_said)
    kind = options.kind or kind_said or next(kind for kind in _LEADING if kind in carries)
    guessed = _with_guesses(sheet, head, heads, meanings)
    columns = _assigned(heads, guessed, kind, carries)
    carries |= {
        field.kind
        for column in columns
        if column.sure is Sure.GUESS
        for field in column.fields
        if field.is_channel
    }
    if said.customer and kind is not Kind.CUSTOMERS:
        unnamed = Default("customer.name", said.customer)
        options = replace(options, defaults=(*options.defaults, unnamed))
    return Matching(sheet, head.number, columns, kind, carries, known_as, options, shape, remembered)


def _meanings(
    head: Row,
    heads: tuple[str, ...],
    known_as: Format | None,
    options: Options,
    said: SheetSaid,
    remembered: Remembered | None,
) -> list[Meaning]:
    """What each column holds: as the person said, as it was matched before, else by its name."""
    marked = frozenset(text for text in heads if text.startswith(OWN))
    meanings = [meaning_of(text, known_as, options, marked) for text in heads]
    before = ours_before(head.cells)
    meanings[:before] = [Meaning((), Sure.OURS)] * before
    if remembered is not None:
        for place, keys in remembered.columns.items():
            if place + before < len(meanings):
                meanings[place + before] = Meaning(keys, Sure.REMEMBERED)
    for index, keys in said.columns.items():
        if index < len(meanings):
            meanings[index] = Meaning(keys, Sure.HAND)
    return meanings


def _with_guesses(sheet: Sheet, head: Row, heads: tuple[str, ...], meanings: list[Meaning]) -> list[Meaning]:
    unknown = [index for index, meaning in enumerate(meanings) if meaning is UNKNOWN and heads[index]]
    samples = samples_below(sheet, head.number, unknown) if unknown else {}
    return [
        guess(heads[index], samples[index]) if index in samples else meaning
        for index, meaning in enumerate(meanings)
    ]


def _carried(codes: Iterable[str], options: Options, kind: Kind | None) -> frozenset[Kind]:
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
    has_date = "followup.occurred_at" in keys | {
        resolve(each.field, Kind.FOLLOWUPS).key for each in options.defaults
    }
    if keys.intersection(_TELLS_OF_TALK) and (has_date or not carried):
        carried.add(
            Kind.FOLLOWUPS
        )  # without a date, what a list of deals says of talks stays in the row's note
    if options.kind is None:
        return frozenset(carried | {kind} if kind else carried or {Kind.CUSTOMERS})
    beside = {Kind.CONTACTS} if options.kind is Kind.CUSTOMERS else set()
    return frozenset({options.kind} | (carried & beside))


_LAYERS = (
    (Sure.HAND,),
    (Sure.REMEMBERED, Sure.FORMAT, Sure.NAME),
    (Sure.GUESS,),
)
"""Of two columns for one field the surer one holds it, else the first. A format may name a second one, which fills what
the first leaves empty."""


def _assigned(
    heads: tuple[str, ...], meanings: list[Meaning], kind: Kind, carries: frozenset[Kind]
) -> tuple[Column, ...]:
    """Each column with its fields; of ways to reach a contact there may be several."""
    taken: set[Field] = set()
    fields: dict[int, tuple[Field, ...]] = {}
    for layer in _LAYERS:
        for index, meaning in enumerate(meanings):
            if meaning.sure in layer:
                is_guess, is_format = meaning.sure is Sure.GUESS, meaning.sure is Sure.FORMAT
                fields[index] = tuple(
                    field
                    for field in (_meant(code, kind, carries) for code in meaning.codes)
                    if field is not None
                    and (_is_wanted(field, carries) or (is_guess and field.is_channel))
                    and (field.is_channel or is_format or field not in taken)
                )
                taken.update(fields[index])
    return tuple(
        _column(index, head, meanings[index], fields.get(index, ())) for index, head in enumerate(heads)
    )


def _column(index: int, head: str, meaning: Meaning, fields: tuple[Field, ...]) -> Column:
    """A column that another one was taken before, or that its sheet has no use for, is not known for anything."""
    is_spent = meaning.codes and not fields and meaning.sure not in (Sure.HAND, Sure.REMEMBERED)
    return Column(index, head, fields, Sure.NONE if is_spent else meaning.sure)


def _meant(code: str, kind: Kind, carries: frozenset[Kind]) -> Field | None:
    """The field of a code: of what the sheet is about, else of what it carries besides. A list of contacts numbers
    contacts, who have no number here. Who looks after nothing but talks has held them."""
    if kind is Kind.CONTACTS and code in ("number", "external_id"):
        return None
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
    """Raises FileRefused for a sheet of which no row could be taken, and for words of a field that is none."""
    for each in matching.options.values:
        resolve(each.field, matching.kind)
    for field in matching.lacks:
        raise FileRefused("no_required_column", sheet=matching.sheet.name, field=field.label)


def _has_rows(matching: Matching) -> bool:
    """Whether anything stands below the head; where a person says which row that is, they see it for themselves."""
    is_said = matching.options.said_of(matching.sheet.name).head_row is not None
    return is_said or any(
        row.number > matching.head_row and not row.is_blank for row in matching.sheet.rows()
    )


def _check_all_used(options: Options, matched: list[Matching]) -> None:
    heads = [column.head for matching in matched for column in matching.columns if column.head]
    for each in options.columns:
        if not any(is_named(head, each.column) for head in heads):
            raise FileRefused("no_such_column", column=each.column, columns=", ".join(heads))
