"""Files that no record needs are removed: those of a filing that was broken off."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from salesboard import clock, files
from salesboard.documents.queries import kept_keys
from salesboard.exchange.export_queries import waiting_keys
from salesboard.outbox import Claim

ORPHANED_AFTER = timedelta(hours=1)
"""A file is kept shortly before its record is."""


def clear_files(_claim: Claim) -> None:
    """Done twice it changes nothing."""
    now, needed = clock.now(), kept_keys() | waiting_keys()
    for path, key in files.kept():
        lain = now - datetime.fromtimestamp(path.stat().st_mtime, UTC)
        if key not in needed and lain >= ORPHANED_AFTER:
            files.remove(key)
