"""How far a sheet reaches: the lowest row and rightmost column that hold a value, read off the file's own markup.

Formatted but empty cells do not count: teams often colour a column down to the last row. Cells that a file only
declares to repeat do count, as often as it says.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from salesboard.exchange.limits import EXCEL_COLUMNS, EXCEL_ROWS, Limits
from salesboard.exchange.reasons import FileRefused


class Reach(Protocol):
    """Takes the elements of a workbook's parts as they come."""

    def begin_part(self) -> None: ...
    def element(self, name: str, attributes: Mapping[str, str]) -> None: ...
    def end_part(self) -> None: ...
    def check_whole(self) -> None: ...


class Extent:
    """The corner furthest from A1 on each sheet, and all sheets together, against the limits."""

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._row = self._column = 0
        self._cells = 0

    def include(self, row: int, column: int) -> None:
        """Rows and columns count from 1. Raises FileRefused as soon as a limit is passed."""
        if row > self._row:
            if row > EXCEL_ROWS:
                raise FileRefused("beyond_excel", place=row)
            if row > self._limits.rows:
                raise FileRefused("too_many_rows", limit=self._limits.rows)
            self._row = row
        if column > self._column:
            if column > EXCEL_COLUMNS:
                raise FileRefused("beyond_excel", place=column)
            if column > self._limits.columns:
                raise FileRefused("too_many_columns", limit=self._limits.columns)
            self._column = column

    def close_sheet(self) -> None:
        self._cells += self._row * self._column
        self._row = self._column = 0
        if self._cells > self._limits.cells:
            raise FileRefused("too_many_cells", limit=self._limits.cells)

    def check_whole(self) -> None:
        if self._cells == 0:
            raise FileRefused("nothing_in_it")


class XlsxReach:
    """Reads `<row r>` and `<c r>` of an .xlsx part; a cell counts once its value (`v`, `is`) begins.

    Called for every element, millions of times: where a cell stands is worked out only when it holds a value.
    """

    def __init__(self, limits: Limits) -> None:
        self._extent = Extent(limits)
        self.check_whole = self._extent.check_whole
        self._columns: dict[str, int] = {}

    def begin_part(self) -> None:
        self._row = self._cells_since = 0
        self._place: str | None = None

    def end_part(self) -> None:
        self._extent.close_sheet()

    def element(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2] if ":" in name else name
        if local == "c":
            if "r" in attributes:
                self._place, self._cells_since = attributes["r"], 0
            else:
                self._cells_since += 1
        elif local in ("v", "is"):
            self._include()
        elif local == "row":
            self._row = int(attributes["r"]) if "r" in attributes else self._row + 1
            self._place, self._cells_since = None, 0

    def _include(self) -> None:
        row, column = self._row, 0
        if self._place is not None:
            letters = self._place.rstrip("0123456789")
            row = int(self._place[len(letters) :])
            if letters not in self._columns:
                self._columns[letters] = column_number(letters)
            column = self._columns[letters]
        if column + self._cells_since:  # else the part is no sheet
            self._extent.include(max(row, 1), column + self._cells_since)


class OdsReach:
    """Reads the tables of an .ods part, where rows and cells may be declared to repeat."""

    def __init__(self, limits: Limits) -> None:
        self._extent = Extent(limits)
        self.check_whole = self._extent.check_whole

    def begin_part(self) -> None:
        self._row = self._column = self._rows_repeated = 0

    def end_part(self) -> None:
        self._extent.close_sheet()

    def element(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in ("table:table-cell", "table:covered-table-cell"):
            self._column += int(attributes.get("table:number-columns-repeated", 1))
            if "office:value-type" in attributes:
                self._extent.include(self._row, self._column)
        elif name == "text:p":
            if self._column:
                self._extent.include(self._row, self._column)
        elif name == "table:table-row":
            self._row += int(attributes.get("table:number-rows-repeated", 1))
            self._column = 0
        elif name == "table:table":
            self._extent.close_sheet()
            self._row = self._column = 0
        elif name == "manifest:encryption-data":
            raise FileRefused("protected")


def column_number(letters: str) -> int:
    """The number of the column that a spreadsheet calls by `letters`: A is 1, AA is 27."""
    number = 0
    for letter in letters.upper():
        if not "A" <= letter <= "Z":
            raise FileRefused("broken")
        number = number * 26 + ord(letter) - ord("A") + 1
    return number
