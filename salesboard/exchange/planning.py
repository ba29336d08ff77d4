"""The trial run: what will happen to each row of a file, decided against the database without changing it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from salesboard.access import acting_as_system
from salesboard.customers.rules import goes_round
from salesboard.exchange.bundles import Bundle, Place
from salesboard.exchange.columns import BookMatching, Matching
from salesboard.exchange.crew import Crew
from salesboard.exchange.existing import Existing
from salesboard.exchange.fields import BY_KEY, Kind
from salesboard.exchange.gathering import Gatherer
from salesboard.exchange.models import Fate
from salesboard.exchange.reasons import Reason
from salesboard.exchange.records import Rejection, RowRecords
from salesboard.exchange.rows import read_rows
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.verdicts import Verdict

ORDER = (Kind.CUSTOMERS, Kind.CONTACTS, Kind.DEALS, Kind.FOLLOWUPS)
"""Sheets are planned in this order, so that what belongs to a customer finds it."""

ROWS_BETWEEN_SIGNS = 1000
MOST_WARNINGS = 50
MOST_STRANGERS = 20
COUNTED = {Fate.CREATE: "created", Fate.UPDATE: "updated", Fate.SKIP: "skipped", Fate.REJECT: "rejected"}


@dataclass
class Plan:
    """All that an import will do: the customers with what belongs to them, and a verdict on each row.

    `taken` are the numbers, of those the file has, that other records bear; `rows` what those that can be read say.
    """

    bundles: list[Bundle] = field(default_factory=list)
    verdicts: list[Verdict] = field(default_factory=list)
    warnings: list[Reason] = field(default_factory=list)
    taken: set[str] = field(default_factory=set)
    rows: list[RowRecords] = field(default_factory=list)

    @property
    def size(self) -> int:
        """Records that come in or change."""
        return sum(bundle.size for bundle in self.bundles)

    @property
    def rejects(self) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.fate is Fate.REJECT]

    @property
    def strangers(self) -> list[str]:
        """Those whose rows are not taken because nobody here is called so, the most named first."""
        named = (verdict.reason for verdict in self.rejects if verdict.reason)
        counted = Counter(str(reason.params["name"]) for reason in named if reason.code == "unknown_person")
        return [name for name, _rows in counted.most_common(MOST_STRANGERS)]

    @property
    def digest(self) -> str:
        """The same for two plans that do the same to each row."""
        told = ((verdict.sheet, verdict.row, verdict.kind, verdict.fate) for verdict in self.verdicts)
        return hashlib.sha256(repr(list(told)).encode()).hexdigest()

    def counts(self) -> dict[str, dict[str, int]]:
        """Records made and changed, rows skipped and rejected, by kind: the counts of CONTRACT's import answer."""
        counted = Counter((verdict.kind, COUNTED[verdict.fate]) for verdict in self.verdicts)
        return {kind.value: {name: counted[kind, name] for name in COUNTED.values()} for kind in ORDER}


def make_plan(
    matched: BookMatching,
    *,
    crew: Crew,
    treatment: Treatment,
    zone: str,
    progress: Callable[[int], None] = lambda rows: None,
) -> Plan:
    """Raises FileRefused for damage that shows only now. Changes nothing; `progress` hears now and then how many rows
    are read, which stays so to the end."""
    sheets = sorted(matched.readable, key=lambda sheet: ORDER.index(sheet.kind))
    rejections: list[Verdict] = []
    told = list(_read(sheets, rejections, progress))
    rows = [row for _matching, row in told]

    def alive() -> None:
        progress(len(rows) + len(rejections))

    with acting_as_system("a double is a double whoever owns the first"):
        existing = Existing.of(rows, alive)
    gatherer = Gatherer(existing, crew, treatment, ZoneInfo(zone), rows)
    for count, (matching, row) in enumerate(told, start=1):
        gatherer.take(row, matching.kind)
        if count % ROWS_BETWEEN_SIGNS == 0:
            alive()
    warnings = [Reason("sheet_unread", {"sheet": name}) for name in matched.unread]
    warnings += _without_boss(gatherer.bundles)
    order = {sheet.sheet.name: index for index, sheet in enumerate(matched.sheets)}
    verdicts = sorted(rejections + gatherer.verdicts, key=lambda each: (order[each.sheet], each.row))
    return Plan(gatherer.bundles, verdicts, warnings + _homes(rows) + _left_out(rows), existing.taken, rows)


def _without_boss(bundles: list[Bundle]) -> list[Reason]:
    """Contacts who would report to nobody known, or to themselves in the end."""
    told: list[Reason] = []
    for bundle in bundles:
        told_of = [*bundle.contacts, *bundle.changed_contacts]
        bosses = {plan.name: plan.record.reports_to for plan in told_of}
        for plan in told_of:
            boss = plan.record.reports_to
            if boss is None:
                continue
            if boss not in bundle.contact_names:
                told.append(_loses_boss(plan.place, Reason("nobody_of_customer", {"value": boss})))
            elif goes_round(plan.name, boss, bosses):
                told.append(_loses_boss(plan.place, Reason("reports_to_self", {"value": boss})))
    return told[:MOST_WARNINGS]


def _loses_boss(place: Place, why: Reason) -> Reason:
    column = BY_KEY["contact.reports_to"].label
    return Reason("left_out", {"sheet": place.sheet, "row": place.row, "column": column, "why": why})


def _read(
    sheets: list[Matching], rejections: list[Verdict], progress: Callable[[int], None]
) -> Iterator[tuple[Matching, RowRecords]]:
    outcomes = ((matching, outcome) for matching in sheets for outcome in read_rows(matching))
    for count, (matching, outcome) in enumerate(outcomes, start=1):
        if count % ROWS_BETWEEN_SIGNS == 0:
            progress(count)
        if isinstance(outcome, RowRecords):
            yield matching, outcome
        elif isinstance(outcome, Rejection):
            said = (outcome.reason, outcome.cells)
            rejections.append(Verdict(outcome.sheet, outcome.row, matching.kind, Fate.REJECT, "", *said))


def _homes(rows: list[RowRecords]) -> list[Reason]:
    """What comes in and reads like somebody's home, by column."""
    found: dict[tuple[str, str], list[int]] = {}
    for row in rows:
        for column in row.homes:
            found.setdefault((row.sheet, column), []).append(row.row)
    return [
        Reason("homes", {"sheet": sheet, "column": column, "count": len(lines), "row": lines[0]})
        for (sheet, column), lines in found.items()
    ]


def _left_out(rows: list[RowRecords]) -> list[Reason]:
    """Values that rows lost although they come in, the first ones in words."""
    lost = [
        Reason("left_out", {"sheet": row.sheet, "row": row.row, "column": column, "why": why})
        for row in rows
        for column, why in (*((each.column, each.reason) for each in row.problems), *_second_addresses(row))
    ]
    more = len(lost) - MOST_WARNINGS
    return lost[:MOST_WARNINGS] + ([Reason("more_left_out", {"count": more})] if more > 0 else [])


def _second_addresses(row: RowRecords) -> Iterator[tuple[object, Reason]]:
    """A contact has one e-mail address; further telephone numbers stand beside the first."""
    for way in row.contact.other_ways if row.contact else ():
        if "@" in way:
            yield BY_KEY["contact.email"].label, Reason("second_address", {"value": way})
