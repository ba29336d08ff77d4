"""The power goes at a statement of one's choice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from salesboard.database import db


class PowerGone(Exception):
    """What was under way ended here."""


@contextmanager
def breaking_at(statement: int) -> Iterator[None]:
    """Lets so many statements that write come to pass, and ends whatever writes next."""
    left = [statement]

    def count(_conn: Any, _cursor: Any, text: str, *_more: Any) -> None:
        if text.lstrip().startswith(("INSERT", "UPDATE", "DELETE")):
            left[0] -= 1
            if left[0] < 0:
                raise PowerGone(text)

    event.listen(db.engine, "before_cursor_execute", count)
    try:
        yield
    finally:
        event.remove(db.engine, "before_cursor_execute", count)
        db.session.rollback()
