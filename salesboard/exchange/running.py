"""An import from the file to its end: tried out, brought in, taken back. The page's jobs and the command share it."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import delete, insert

from salesboard import audit, clock
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.exchange.applying import Transaction, carry_out
from salesboard.exchange.crew import Crew
from salesboard.exchange.models import Import, ImportRow, ImportState, OnDuplicate, Owners
from salesboard.exchange.options import Options, read_options
from salesboard.exchange.planning import Plan, make_plan
from salesboard.exchange.reading import Book, open_book
from salesboard.exchange.undoing import take_back
from salesboard.installation import installation

ROWS_AT_ONCE = 1000


def keep_file(source: Path) -> str:
    """Copies a file under a random key into the installation's data; the key."""
    key = secrets.token_hex(16)
    shutil.copyfile(source, _path(key))
    return key


def begin(
    file_name: str,
    file_key: str,
    *,
    options: dict[str, Any],
    on_duplicate: OnDuplicate,
    owners: Owners,
    by: User | None,
) -> Import:
    """A new import in the transaction under way. Raises FileRefused for options or a file that make no sense."""
    now = clock.now()
    found = Import(
        file_name=file_name[:255],
        file_key=file_key,
        state=ImportState.PLANNING,
        options=options,
        on_duplicate=on_duplicate,
        owners=owners,
        requested_by_id=by.id if by else None,
        requested_at=now,
    )
    db.session.add(found)
    db.session.flush()
    audit.record("import.begun", found.label, actor_id=by.id if by else None, at=now, file=file_name[:255])
    return found


def look_at(found: Import) -> tuple[Book, Options]:
    """The file, opened, and how to read it. Raises FileRefused."""
    said = dict(found.options)
    encoding = said.pop("encoding", None)
    return open_book(_path(found.file_key), found.file_name, encoding=encoding), read_options(**said)


def plan_of(found: Import, progress: Callable[[int], None] = lambda rows: None) -> tuple[Plan, Crew]:
    """What the import would do to the database as it is now. Raises FileRefused."""
    book, options = look_at(found)
    crew = Crew.muster(found.requested_by, found.owners)
    zone = installation().timezone
    plan = make_plan(book, options, crew=crew, on_duplicate=found.on_duplicate, zone=zone, progress=progress)
    return plan, crew


def try_out(found: Import, *, transaction: Transaction = writing, last: Transaction = writing) -> Plan:
    """The trial run: keeps what will happen to each row, for the page. Nothing is brought in."""

    def show(rows: int) -> None:
        with transaction():
            found.done = rows

    plan, _crew = plan_of(found, show)
    with last():
        db.session.execute(delete(ImportRow).where(ImportRow.import_id == found.id))
        rows = _rows(found, plan)
        for start in range(0, len(rows), ROWS_AT_ONCE):
            db.session.execute(insert(ImportRow), rows[start : start + ROWS_AT_ONCE])
        found.planned(plan.counts(), [warning.text for warning in plan.warnings], len(plan.bundles))
    return plan


def bring_in(
    found: Import,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Carries the confirmed import out, from where it stopped if it was broken off."""
    plan, crew = plan_of(found)
    carry_out(found, plan, crew, transaction=transaction, last=last, progress=progress)


def undo(found: Import, *, transaction: Transaction = writing, last: Transaction = writing) -> None:
    """Takes the import back; `Import.kept` names what stays."""
    kept = take_back(found, transaction=transaction)
    with last():
        found.undone(kept, clock.now())


def abandon(found: Import, error: str) -> None:
    """After a failure in the middle: takes back what had come in, so that nothing is half-imported."""
    if found.state is ImportState.RUNNING:
        take_back(found)
    with writing():
        found.fail(error, clock.now())


def _rows(found: Import, plan: Plan) -> list[dict[str, Any]]:
    return [
        {
            "import_id": found.id,
            "sheet": verdict.sheet[:120],
            "row": verdict.row,
            "kind": verdict.kind,
            "fate": verdict.fate,
            "label": verdict.label[:400],
            "reason": verdict.reason.text if verdict.reason else "",
            "cells": [_storable(cell) for cell in verdict.cells] if verdict.cells is not None else None,
        }
        for verdict in plan.verdicts
    ]


def _storable(cell: Any) -> Any:
    return cell if cell is None or isinstance(cell, str | int | float | bool) else str(cell)


def _path(key: str) -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder / key
