"""In what unit a sheet keeps its amounts: what a head says, or a line above the table (单位：万元) for all of them."""

from __future__ import annotations

from itertools import takewhile

from salesboard.exchange.amounts import names_unit, scale_of_head, scale_of_title
from salesboard.exchange.columns import Matching


def unit_line(matching: Matching) -> str | None:
    """The line above the head that says so."""
    above = takewhile(lambda row: row.number < matching.head_row, matching.sheet.rows())
    told = (cell for row in above for cell in row.cells if isinstance(cell, str))
    return next((cell for cell in told if scale_of_title(cell)), None)


def scale_of(head: str, line: str | None) -> int:
    """What bare amounts under a head are multiplied by: its own unit counts before that of the line."""
    return scale_of_head(head) if names_unit(head) or not line else scale_of_title(line) or 1
