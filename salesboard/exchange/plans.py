"""What an import means for the tasks."""

from __future__ import annotations

from datetime import datetime

from salesboard import outbox
from salesboard.exchange.models import Import


def follow_import(found: Import, now: datetime) -> None:
    """In the transaction that ends an import or its undo: whom nobody has anything planned with is seen to by the
    worker,
    for thousands of customers need not wait here."""
    outbox.promise("keep_tasks", found.id, now=now, unique_key=f"keep_tasks:import:{found.id}:{found.state}")
