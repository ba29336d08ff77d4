"""A deal's columns as they were before a move, kept as JSON on the placement so that the move can be taken back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from salesboard.snapshots import as_json, restore

if TYPE_CHECKING:
    from salesboard.deals.columns import DealColumns

__all__ = ["UNDOABLE", "as_json", "restore", "snapshot"]

UNDOABLE = (
    "stage", "outcome", "entered_at", "entered_on", "amount", "probability", "position", "next_step", "next_due",
    "next_method", "contract_number", "contract_amount", "signed_on", "payment_terms", "lost_reason", "lost_words",
    "competitor", "closed_on",
)  # fmt: skip
"""What a move may change on the deal, and its undo brings back."""


def snapshot(deal: DealColumns) -> dict[str, Any]:
    """What a move may change, as JSON values."""
    return as_json(deal, UNDOABLE)
