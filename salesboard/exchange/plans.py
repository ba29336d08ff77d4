"""What an import means for the tasks: it writes deals and talks past the verbs that tasks follow."""

from __future__ import annotations

from datetime import datetime

from salesboard import outbox
from salesboard.exchange.models import Import
from salesboard.tasks.keeping import keep_steps


def follow_import(found: Import, now: datetime) -> None:
    """In the transaction that ends an import or its undo: each deal's next step is a task; cadences follow."""
    keep_steps(now)
    outbox.promise("keep_tasks", found.id, now=now, unique_key=f"keep_tasks:import:{found.id}:{found.state}")
