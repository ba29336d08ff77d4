"""Opening a file that somebody brought: .xlsx, .xls, .ods, .csv or .tsv, as sheets of rows of plain values.

A file is opened by its content. What is broken, protected, empty, hostile, larger than the limits or not what its name
says is refused before its parser sees it, with FileRefused.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path, PurePath
from typing import NamedTuple, Protocol

import python_calamine as calamine

from salesboard.exchange.compound import check_compound
from salesboard.exchange.delimited import TextTable, open_text
from salesboard.exchange.escaping import unescaped
from salesboard.exchange.limits import LIMITS, Limits
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.safety import check_package, glance_at_package
from salesboard.exchange.signature import HEAD_BYTES, Container, FileKind, check_name, container_of

Cell = str | int | float | bool | date | datetime | time | timedelta | None


class Row(NamedTuple):
    number: int
    """As the person's spreadsheet program shows it: the first is 1, blank ones count."""
    cells: tuple[Cell, ...]
    merged: frozenset[int] = frozenset()
    """The places of cells that are part of one begun in a row above; they hold what it says."""

    @property
    def is_blank(self) -> bool:
        return all(cell is None or index in self.merged for index, cell in enumerate(self.cells))


class Sheet(Protocol):
    """A named table that can be gone through as often as needed."""

    @property
    def name(self) -> str: ...
    @property
    def is_hidden(self) -> bool: ...
    def rows(self) -> Iterator[Row]: ...


@dataclass(frozen=True)
class Book:
    """An opened file; `encoding` and `separator` are those found, for text only."""

    kind: FileKind
    sheets: tuple[Sheet, ...]
    encoding: str | None = None
    separator: str | None = None

    def sheet(self, name: str) -> Sheet:
        """The sheet of that name. Raises FileRefused."""
        for sheet in self.sheets:
            if sheet.name.strip().casefold() == name.strip().casefold():
                return sheet
        raise FileRefused("no_such_sheet", sheet=name, sheets=", ".join(sheet.name for sheet in self.sheets))


def open_book(
    path: Path,
    name: str | None = None,
    *,
    encoding: str | None = None,
    separator: str | None = None,
    limits: Limits = LIMITS,
) -> Book:
    """Opens the file at `path`, which the person knows as `name`. Raises FileRefused."""
    name = name or path.name
    if path.stat().st_size > limits.file_bytes:
        raise FileRefused("too_big", limit=limits.file_bytes // 2**20)
    with path.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
        file.seek(0)
        if container is Container.TEXT:
            check_name(name, FileKind.TEXT)
            return _text_book(path, name, limits, encoding, separator)
        kind = check_package(file, limits) if container is Container.ZIP else check_compound(file, limits)
    check_name(name, kind)
    return Book(kind, _worksheets(path, limits))


def glance(path: Path, name: str, *, limits: Limits = LIMITS) -> bool:
    """A first look that takes no time. Raises FileRefused for what shows by it.

    The answer is whether the file is so small that `open_book` will be quick too.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise FileRefused("too_big", limit=limits.file_bytes // 2**20)
    with path.open("rb") as file:
        container = container_of(file.read(HEAD_BYTES))
        file.seek(0)
        if container is Container.TEXT:
            check_name(name, FileKind.TEXT)
        elif container is Container.ZIP:
            kind, size = glance_at_package(file, limits)
            check_name(name, kind)
    return size <= limits.quick_bytes


def _text_book(path: Path, name: str, limits: Limits, encoding: str | None, separator: str | None) -> Book:
    table = open_text(path, limits, encoding, separator)
    sheet = TextSheet(PurePath(name).stem, table)
    filled = sum(
        not row.is_blank for row in sheet.rows()
    )  # through them all: what is wrong with one shows now
    if filled == 0:
        raise FileRefused("nothing_in_it")
    return Book(FileKind.TEXT, (sheet,), table.encoding, table.separator)


def _worksheets(path: Path, limits: Limits) -> tuple[Sheet, ...]:
    with _damage_refused(), path.open("rb") as file:
        workbook = calamine.CalamineWorkbook.from_filelike(file)
        found = [sheet for sheet in workbook.sheets_metadata if sheet.typ == calamine.SheetTypeEnum.WorkSheet]
    if len(found) > limits.sheets:
        raise FileRefused("too_many_parts", limit=limits.sheets)
    return tuple(
        Worksheet(workbook, sheet.name, sheet.visible != calamine.SheetVisibleEnum.Visible) for sheet in found
    )


@dataclass(frozen=True)
class TextSheet:
    """The one table of a text file, called after the file."""

    name: str
    table: TextTable
    is_hidden: bool = False

    def rows(self) -> Iterator[Row]:
        once = _Once()
        for number, record in enumerate(self.table.rows(), start=1):
            yield Row(number, tuple([once[unescaped(cell)] if cell.strip() else None for cell in record]))


@dataclass(frozen=True)
class Worksheet:
    """A sheet of a workbook; it is parsed when its rows are first asked for."""

    workbook: calamine.CalamineWorkbook
    name: str
    is_hidden: bool

    @cached_property
    def _parsed(self) -> calamine.CalamineSheet:
        with _damage_refused():
            return self.workbook.get_sheet_by_name(self.name)

    def rows(self) -> Iterator[Row]:
        """Cells that are merged downwards say the same in each of their rows."""
        begun, once = _merged_down(self._parsed), _Once()
        going_on: dict[int, tuple[int, Cell]] = {}
        for number, values in enumerate(self._parsed.iter_rows(), start=1):
            cells = [once[cell] if type(cell) is str else cell for cell in map(_plain, values)]
            going_on = {column: merge for column, merge in going_on.items() if merge[0] >= number}
            for column, (_last, said) in going_on.items():
                cells[column] = said
            yield Row(number, tuple(cells), frozenset(going_on))
            for column, last in begun.get(number, ()):
                if column < len(cells):
                    going_on[column] = last, cells[column]


class _Once(dict[str, str]):
    """Keeps one copy of the words that come again and again in a table, such as those of its choices."""

    def __missing__(self, text: str) -> str:
        if len(self) < _WORDS_KEPT and len(text) <= _LONGEST_WORD:
            self[text] = text
        return text


_WORDS_KEPT, _LONGEST_WORD = 4000, 40


def _merged_down(sheet: calamine.CalamineSheet) -> dict[int, list[tuple[int, int]]]:
    """By the row they begin in, the columns of cells that reach over several rows, each with its last row."""
    begun: dict[int, list[tuple[int, int]]] = {}
    for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
        if bottom > top:
            begun.setdefault(top + 1, []).append((left, bottom + 1))
    return begun


def _plain(value: Cell) -> Cell:
    """Workbooks know no whole numbers and call an empty cell ''."""
    if isinstance(value, str):
        return _with_last_signs(value) if value.strip() else None
    if isinstance(value, float) and value.is_integer() and abs(value) < 2**53:
        return int(value)
    return value


def _with_last_signs(text: str) -> str:
    """XML has no word for the last two signs of a plane: workbooks spell them, and the parser leaves them spelled."""
    return text.replace("_xFFFE_", "\ufffe").replace("_xFFFF_", "\uffff") if "_xFFF" in text else text


@contextmanager
def _damage_refused() -> Iterator[None]:
    """The parser's errors, and its panics, which are no `Exception`, tell a person one thing."""
    try:
        yield
    except calamine.PasswordError as locked:
        raise FileRefused("protected") from locked
    except (calamine.CalamineError, OSError, ValueError) as damage:
        raise FileRefused("broken") from damage
    except BaseException as panic:
        if type(panic).__name__ != "PanicException":
            raise
        raise FileRefused("broken") from panic
