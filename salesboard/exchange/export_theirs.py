"""What is so now, as a file of somebody else's says it: in its words and its unit."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.exchange.export_tables import Value
from salesboard.exchange.matching_words import word_choices
from salesboard.exchange.models import Import
from salesboard.exchange.units import scale_of
from salesboard.exchange.words import Going, Lost


class Theirs:
    """How one sheet of an import's file writes things; of several words for one of ours, the most frequent."""

    def __init__(self, found: Import, sheet: Mapping[str, Any]) -> None:
        self._unit = sheet.get("unit")
        self._words: dict[tuple[str, str], str] = {}
        for word in sorted(found.words, key=lambda word: -word["count"]):
            if word["ours"]:
                self._words.setdefault((word["field"], word["ours"]), word["said"])
        fields = {key for column in sheet["columns"] for key in column["fields"]}
        self._codes = {key: {str(name): code for code, name in word_choices(key)} for key in fields}
        self._names = {each["person"]: each["name"] for each in found.people if each["person"]}

    def said(self, key: str, value: Value, head: str) -> Value:
        """A value of a field under this head."""
        if isinstance(value, Decimal):
            return value / scale_of(head, self._unit)
        code = self._codes[key].get(value) if isinstance(value, str) else None
        return self._words.get((key, code), value) if code else value

    def outcome(self, deal: Deal) -> str:
        """How the deal ended, in the file's word where it has one."""
        code = Lost.LOST if deal.is_lost else Stage.WON if deal.stage.is_signed else Going.OPEN
        return self._words.get(("deal.outcome", code), code.value)

    def called(self, people: dict[int | None, str]) -> dict[int | None, str]:
        """What each person is called in the file, else here."""
        return people | self._names
