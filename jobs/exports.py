"""Exports as work."""

from __future__ import annotations

from salesboard import clock
from salesboard.database import db
from salesboard.exchange import exporting
from salesboard.exchange.export_models import Export, Failing
from salesboard.outbox import Claim


def make_export(claim: Claim) -> None:
    """Makes the file anew from its beginning, and lays it ready in the commit that marks the work done."""
    export = db.session.get(Export, claim.subject_id)
    if export is not None and export.is_under_way:
        exporting.make(export, transaction=claim.writing, last=claim.finishing)


def give_up_export(export_id: int, _error: str) -> None:
    """Tells the export's page that no further try will be made."""
    export = db.session.get(Export, export_id)
    if export is not None and export.is_under_way:
        export.fail(Failing.GAVE_UP, clock.now())


def clear_exports(_claim: Claim) -> None:
    """Removes files whose day is over."""
    exporting.clear_out()
