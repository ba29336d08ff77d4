"""Facts for tests: everything has a usual value, so that a test says only what matters to it."""

from __future__ import annotations

from datetime import date
from typing import Any

from salesboard.insight.facts import Fact, Facts, RowSet

DAY = date(2026, 3, 2)


def fact(**values: Any) -> Fact:
    usual = {
        "number": "O20260302001",
        "deal": "Line one",
        "customer": "Paper Crane",
        "owner": "olive@example.com",
        "owner_name": "Olive Owner",
        "level": "normal",
        "industry": "packaging",
        "region": "East",
        "source": "fair",
        "stage": "won",
        "day": DAY,
    }
    return Fact(**{**usual, **values})


def all_sets(**rows: list[Fact]) -> Facts:
    """Every row set, empty unless it is given."""
    return {name: rows.get(name.value, []) for name in RowSet}
