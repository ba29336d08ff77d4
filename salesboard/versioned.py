"""Rows of which each change makes another version: of two people who change one, the second is told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from salesboard.errors import Conflict


class Versioned:
    """For models with these columns, and `updated_by` as a relationship."""

    version: Any
    updated_at: Any
    updated_by_id: Any
    updated_by: Any

    def expect_version(self, version: int, words: str) -> None:
        """Raises Conflict, with `words` and who it was, when the row changed since `version`."""
        if version != self.version:
            raise Conflict(
                words,
                changed_by=self.updated_by.name if self.updated_by else None,
                changed_at=self.updated_at,
            )

    def changed(self, by_id: int | None, now: datetime) -> None:
        """Another version, so that whoever has a form of it open is told."""
        self.updated_by_id, self.updated_at = by_id, now
        self.version += 1
