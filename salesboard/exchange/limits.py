"""How large a file may be before it is refused. Each is checked before the parser sees the file."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Limits:
    file_bytes: int = 50 * 2**20
    quick_bytes: int = 16 * 2**20
    """A file that unpacks to no more than this is opened and understood well within a second."""
    unpacked_bytes: int = 200 * 2**20
    packing_ratio: int = 100
    """How many times its packed size a part of a workbook may unpack to; ordinary sheets reach 10 to 40."""
    ratio_from_bytes: int = 8 * 2**20
    """Parts smaller than this are not judged by their ratio."""
    parts: int = 2_000
    rows: int = 100_000
    columns: int = 1_000
    sheets: int = 100
    cells: int = 4_000_000
    """Rows × columns that the sheets reach over, empty cells included: the parser keeps each of them in memory."""


LIMITS = Limits()
EXCEL_ROWS = 1_048_576
EXCEL_COLUMNS = 16_384
