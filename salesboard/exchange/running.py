"""An import from the file to its end: tried out, brought in, taken back. The page's jobs and the command share it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sqlalchemy import delete, insert, select

from salesboard import clock
from salesboard.database import db, writing
from salesboard.exchange import uploads
from salesboard.exchange.applying import carry_out
from salesboard.exchange.columns import BookMatching, match_book
from salesboard.exchange.crew import Crew
from salesboard.exchange.models import Import, ImportRow
from salesboard.exchange.own_fields import own_fields_known
from salesboard.exchange.planning import Plan, make_plan
from salesboard.exchange.plans import follow_import
from salesboard.exchange.reading import open_book
from salesboard.exchange.records import RowRecords
from salesboard.exchange.said import asked_of
from salesboard.exchange.shapes import remembered_for
from salesboard.exchange.tally import names_said, words_said
from salesboard.exchange.traces import Brought
from salesboard.exchange.treatment import Treatment
from salesboard.exchange.turns import Transaction, taking_turns
from salesboard.exchange.understanding import cells_kept, cells_told, understood, values_told
from salesboard.exchange.undoing import take_back
from salesboard.exchange.values import as_json
from salesboard.exchange.verdicts import Verdict
from salesboard.installation import installation

ROWS_AT_ONCE = 2000
Progress = Callable[[int, int], None]


def unheard(done: int, total: int) -> None:
    """Progress that nobody watches."""


@dataclass(frozen=True)
class Trial:
    """What an import would do to the database as it is now, and whom it may give records to."""

    plan: Plan
    crew: Crew


@contextmanager
def understood_file(found: Import) -> Iterator[BookMatching]:
    """The file, opened and understood; its rows can be read inside. Raises FileRefused."""
    said = asked_of(found.options)
    with uploads.opened(found.file_key) as path, own_fields_known():
        book = open_book(path, found.file_name, encoding=said.encoding, separator=said.separator)
        yield match_book(book, said.options(remembered_for(book)), is_lenient=said.is_on_page)


def try_out(
    found: Import,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Progress = unheard,
) -> Trial:
    """The trial run: keeps what will happen to each row. Nothing is brought in. Raises FileRefused."""

    def show(rows: int) -> None:
        with transaction():
            found.done = rows
        progress(rows, 0)

    with understood_file(found) as matched:
        trial = _trial(found, matched, show)
        _keep(found, trial, matched, transaction, last, has_changed=False)
    return trial


def bring_in(
    found: Import,
    trial: Trial | None = None,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Progress = unheard,
) -> None:
    """Carries the confirmed import out, from where it stopped if it was broken off.

    What was confirmed is what comes in: where a new `trial` shows that records changed so that a row would fare
    otherwise, that is kept instead, to be confirmed again.
    """

    def alive(_rows: int) -> None:
        with transaction():
            pass

    if trial is None:
        with understood_file(found) as matched:
            trial = _trial(found, matched, alive)
            if not Brought.by(found.id).records and trial.plan.digest != found.digest:
                _keep(found, trial, matched, transaction, last, has_changed=True)
                return
        del matched  # the parsed file takes as much memory as the plan
        trial.plan.rows.clear()
    carry_out(found, trial.plan, trial.crew, transaction=transaction, last=last, progress=progress)


def undo(
    found: Import,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Progress = unheard,
) -> None:
    """Takes the import back; `Import.kept` names what stays."""
    kept = take_back(found, transaction=transaction, progress=progress)
    with last():
        found.undone(kept, clock.now())
        follow_import(found, clock.now())


def _trial(found: Import, matched: BookMatching, progress: Callable[[int], None]) -> Trial:
    said = asked_of(found.options)
    people = {
        name: person
        for matching in matched.sheets
        if matching.remembered
        for name, person in matching.remembered.people.items()
    }
    crew = Crew.muster(found.requested_by, found.owners, found.fallback_owner, {**people, **said.people})
    treatment = Treatment(found.on_duplicate, said.rows)
    plan = make_plan(matched, crew=crew, treatment=treatment, zone=installation().timezone, progress=progress)
    return Trial(plan, crew)


def _keep(
    found: Import,
    trial: Trial,
    matched: BookMatching,
    transaction: Transaction,
    last: Transaction,
    *,
    has_changed: bool,
) -> None:
    """Keeps the verdicts, some rows at a time; those of an earlier trial run go."""
    plan, state, turn = trial.plan, found.state, taking_turns(transaction)
    some = select(ImportRow.id).where(ImportRow.import_id == found.id).limit(ROWS_AT_ONCE)
    while db.session.scalar(some.limit(1)) is not None:
        with turn():
            db.session.execute(delete(ImportRow).where(ImportRow.id.in_(some)))
    sheets = understood(matched)
    lines = _lines(found, plan, sheets)
    while rows := list(islice(lines, ROWS_AT_ONCE)):
        with turn():
            db.session.execute(insert(ImportRow.__table__), rows)  # type: ignore[arg-type]
    plan.rows.clear()
    words, people = words_said(matched.readable), names_said(matched.readable)
    with last():
        db.session.refresh(found, with_for_update=True)
        if found.state is state:
            found.planned(
                sheets=sheets,
                words=[word.as_json() for word in words],
                people=[_person(name, count, trial.crew) for name, count in people],
                counts=plan.counts(),
                warnings=plan.warnings,
                strangers=plan.strangers,
                digest=plan.digest,
                total=plan.size,
                has_changed=has_changed,
            )


def _person(name: str, count: int, crew: Crew) -> dict[str, Any]:
    person = crew.known(name)
    is_new = person is None and crew.may_invite(name)
    return {
        "name": name, "count": count, "person": person.id if person else None, "is_new": is_new,
        "is_said": name in crew.said,
    }  # fmt: skip


def _lines(found: Import, plan: Plan, sheets: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """A line for each verdict; the first about a row of the file tells what the row says."""
    by_name = {sheet["name"]: sheet for sheet in sheets}
    rows = {(row.sheet, row.row): row for row in plan.rows}
    last = None
    for verdict in plan.verdicts:
        place = verdict.sheet, verdict.row
        told = None if place == last else _told(verdict, rows.get(place), by_name)
        last = place
        yield _line(found, verdict, told)


def _told(verdict: Verdict, row: RowRecords | None, sheets: dict[str, dict[str, Any]]) -> dict[str, Any]:
    if row is None:
        return {"values": cells_told(verdict.cells or (), sheets[verdict.sheet[:120]]), "problems": []}
    problems = [{"column": str(each.column), "why": each.reason.packed()} for each in row.problems]
    return {"values": values_told(row), "problems": problems, "cells": cells_kept(row.cells)}


def _line(found: Import, verdict: Verdict, told: dict[str, Any] | None) -> dict[str, Any]:
    return {
        "import_id": found.id,
        "sheet": verdict.sheet[:120],
        "row": verdict.row,
        "kind": verdict.kind,
        "fate": verdict.fate,
        "label": verdict.label[:400],
        "why": verdict.reason.packed() if verdict.reason else None,
        "told": told,
        "cells": [as_json(cell) for cell in verdict.cells] if verdict.cells is not None else None,
    }
