"""The trial run: what will happen to each row of a file, decided against the database without changing it.

The same plan is made again when the import is confirmed and is then carried out, so what was shown is what comes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from salesboard.access import acting_as_system
from salesboard.exchange.bundles import Bundle
from salesboard.exchange.columns import Matching, match_book
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing
from salesboard.exchange.fields import Kind
from salesboard.exchange.gathering import Gatherer, Verdict
from salesboard.exchange.models import Fate, OnDuplicate
from salesboard.exchange.options import Options
from salesboard.exchange.reading import Book
from salesboard.exchange.reasons import Reason
from salesboard.exchange.records import Rejection, RowRecords
from salesboard.exchange.rows import read_rows

ORDER = (Kind.CUSTOMERS, Kind.CONTACTS, Kind.DEALS, Kind.FOLLOWUPS)
"""Sheets are planned in this order, so that what belongs to a customer finds it."""

MOST_WARNINGS = 50
COUNTED = {Fate.CREATE: "created", Fate.UPDATE: "updated", Fate.SKIP: "skipped", Fate.REJECT: "rejected"}


@dataclass
class Plan:
    """All that an import will do: the customers with what belongs to them, and a verdict on each row."""

    bundles: list[Bundle] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Records that come in."""
        return sum(bundle.size for bundle in self.bundles)

    @property
    def rejects(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.fate is Fate.REJECT]

    def counts(self) -> dict[str, dict[str, int]]:
        """Records made and changed, rows skipped and rejected, by kind: the counts of CONTRACT's import answer."""
        counted = Counter((verdict.kind, COUNTED[verdict.fate]) for verdict in self.verdicts)
        return {kind.value: {name: counted[kind, name] for name in COUNTED.values()} for kind in ORDER}


def make_plan(
    book: Book,
    options: Options,
    *,
    crew: Crew,
    on_duplicate: OnDuplicate,
    zone: str,
    progress: Callable[[int], None] = lambda rows: None,
) -> Plan:
    """Raises FileRefused where the file as a whole cannot be understood. Changes nothing."""
    matched = match_book(book, options)
    sheets = sorted(matched.sheets, key=lambda sheet: ORDER.index(sheet.kind))
    rejections: list[Verdict] = []
    read = list(_read(sheets, rejections, progress))
    with acting_as_system("a double is a double whoever owns the first"):
        existing = Existing.of([row for _, row in read])
    gatherer = Gatherer(existing, crew, on_duplicate, ZoneInfo(zone), [row for _, row in read])
    for matching, row in read:
        gatherer.take(row, matching.kind)
    warnings = [Reason("sheet_unread", {"sheet": name}) for name in matched.unread]
    return Plan(
        gatherer.bundles, rejections + gatherer.verdicts, warnings + _left_out([row for _, row in read])
    )


def _read(
    sheets: list[Matching], rejections: list[Verdict], progress: Callable[[int], None]
) -> Iterator[tuple[Matching, RowRecords]]:
    for matching in sheets:
        for count, outcome in enumerate(read_rows(matching)):
            if count % 1000 == 999:
                progress(count + 1)
            if isinstance(outcome, RowRecords):
                yield matching, outcome
            elif isinstance(outcome, Rejection):
                rejections.append(
                    Verdict(
                        outcome.sheet,
                        outcome.row,
                        matching.kind,
                        Fate.REJECT,
                        "",
                        outcome.reason,
                        outcome.cells,
                    )
                )


def _left_out(rows: list[RowRecords]) -> list[Reason]:
    """Values that rows lost although they come in, the first ones in words."""
    lost = [
        Reason("left_out", {"sheet": row.sheet, "row": row.row, "column": each.column, "why": each.reason})
        for row in rows
        for each in row.problems
    ]
    more = len(lost) - MOST_WARNINGS
    return lost[:MOST_WARNINGS] + ([Reason("more_left_out", {"count": more})] if more > 0 else [])
