"""What becomes of rows about records that are there already: by the import's rule, or as a person said of a row."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from salesboard.exchange.models import OnDuplicate


class Treatment:
    """The rule for the row under way. A row that a person wants skipped is left out, whatever it is about."""

    def __init__(self, usual: OnDuplicate, by_hand: Mapping[str, Mapping[str, Any]] | None = None) -> None:
        """`by_hand`: sheet → row number → a value of OnDuplicate."""
        self._usual = usual
        self._by_hand = by_hand or {}
        self.rule = usual
        self.is_by_hand = False

    def begin(self, sheet: str, row: int) -> None:
        said = self._by_hand.get(sheet, {}).get(str(row))
        self.is_by_hand = said is not None
        self.rule = OnDuplicate(said) if said is not None else self._usual

    @property
    def leaves_out(self) -> bool:
        return self.is_by_hand and self.rule is OnDuplicate.SKIP

    @property
    def changes(self) -> bool:
        """Records that are there are given what the file says."""
        return self.rule in (OnDuplicate.UPDATE, OnDuplicate.FILL)

    @property
    def fills(self) -> bool:
        """Only what they leave empty."""
        return self.rule is OnDuplicate.FILL

    @property
    def creates(self) -> bool:
        return self.rule is OnDuplicate.CREATE
