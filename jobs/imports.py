"""Imports as work: tried out, brought in, taken back."""

from __future__ import annotations

from salesboard import clock
from salesboard.database import db
from salesboard.exchange import running, uploads
from salesboard.exchange.clearing import clear_out
from salesboard.exchange.models import OVER, Import, ImportState
from salesboard.exchange.reasons import FileRefused
from salesboard.outbox import Claim


def try_import_out(claim: Claim) -> None:
    """Finds out what will happen to each row; a file that cannot be read is refused, and that is that."""
    found = _in_state(claim, ImportState.PLANNING)
    if found is None:
        return
    try:
        running.try_out(found, transaction=claim.writing, last=claim.finishing)
    except FileRefused as refusal:
        with claim.finishing():
            found.refuse(refusal.reason, clock.now())
    _let_go(found)


def bring_import_in(claim: Claim) -> None:
    """Goes on where it was broken off; each row comes in once."""
    found = _in_state(claim, ImportState.RUNNING)
    if found is None:
        return
    running.bring_in(found, transaction=claim.writing, last=claim.finishing)
    _let_go(found)


def take_import_back(claim: Claim) -> None:
    """Goes on where it was broken off."""
    found = _in_state(claim, ImportState.UNDOING)
    if found is None:
        return
    running.undo(found, transaction=claim.writing, last=claim.finishing)
    _let_go(found)


def give_up_import(import_id: int, _error: str) -> None:
    """Sees to it that nothing stays half imported, and tells the import's page."""
    found = db.session.get(Import, import_id)
    if found is not None:
        found.give_up(clock.now())


def clear_uploads(_claim: Claim) -> None:
    """Removes files that nobody waits for any more."""
    clear_out(clock.now())


def _in_state(claim: Claim, state: ImportState) -> Import | None:
    found = db.session.get(Import, claim.subject_id)
    return found if found is not None and found.state is state else None


def _let_go(found: Import) -> None:
    """The file goes as soon as nobody needs it."""
    if found.state in OVER:
        uploads.remove(found.file_key)
