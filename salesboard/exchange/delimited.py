"""Text tables: which encoding and separator a .csv or .tsv was written with, and its rows.

The encoding is found in this order: a byte-order mark, strict UTF-8, then GB18030 or Big5 as Windows writes it. Nearly
all Big5 text is GB18030 too, but of rare signs: of the two, the one counts that reads more of the signs which its own
standard ranks as common. The person may name the encoding instead.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from io import TextIOWrapper
from itertools import islice
from pathlib import Path
from typing import TextIO

from salesboard.exchange.limits import Limits
from salesboard.exchange.reasons import FileRefused

SEPARATORS = (",", "\t", ";", "|")
_SAMPLE_ROWS = 50
_PIECE = 2**18
_MARKS: tuple[tuple[bytes, tuple[str, ...]], ...] = (
    (codecs.BOM_UTF32_LE, ("utf-32-le",)),
    (codecs.BOM_UTF32_BE, ("utf-32-be",)),
    (codecs.BOM_UTF8, ("utf-8",)),
    # some programs write four-byte text behind the two-byte mark
    (codecs.BOM_UTF16_LE, ("utf-16-le", "utf-32-le", "utf-32-be")),
    (codecs.BOM_UTF16_BE, ("utf-16-be", "utf-32-be", "utf-32-le")),
)
_UNMARKED = ("utf-8",)
_CHINESE = {"gb18030": ((0xA1, 0xA3), (0xB0, 0xD7)), "cp950": ((0xA1, 0xC6),)}
"""Each with the first bytes of its punctuation and common signs."""
_TOLD_BY = 20_000
"""So many signs at the beginning tell which of the two it is."""
_WINDOWS_NAMES = {"big5": "cp950", "gbk": "gb18030", "gb2312": "gb18030"}
"""What spreadsheets mean by these names is a little more than the standards do."""


@dataclass(frozen=True)
class TextTable:
    """A text file whose encoding and separator are known."""

    path: Path
    encoding: str
    mark: int
    """Bytes to skip at the beginning."""
    separator: str
    limits: Limits
    begins_with_directive: bool = False
    """`sep=;`, a line for Excel only, which shows the next one as row 1."""

    def rows(self) -> Iterator[list[str]]:
        """Each record, as a spreadsheet would number them: a blank line is one, quoted line breaks begin none."""
        records = _records(self.path, self.encoding, self.mark, self.separator)
        number = 0
        try:
            if self.begins_with_directive:
                next(records)
            for number, record in enumerate(records, start=1):
                if number > self.limits.rows:
                    raise FileRefused("too_many_rows", limit=self.limits.rows)
                if len(record) > self.limits.columns:
                    raise FileRefused("too_many_columns", limit=self.limits.columns)
                yield record
        except csv.Error as error:
            raise FileRefused("open_quote", row=number + 1) from error


def open_text(
    path: Path, limits: Limits, encoding: str | None = None, separator: str | None = None
) -> TextTable:
    """Finds out how the text was written, as far as that is not said. Raises FileRefused for binary content and a wrong
    `encoding`."""
    found, mark = _find_encoding(path, encoding)
    with _text(path, found, mark) as text:
        directive = re.fullmatch(r"sep=([^\r\n])", text.readline(16).strip("\r\n"), re.IGNORECASE)
    if directive:
        return TextTable(path, found, mark, separator or directive[1], limits, begins_with_directive=True)
    return TextTable(path, found, mark, separator or _find_separator(path, found, mark), limits)


def _find_encoding(path: Path, chosen: str | None) -> tuple[str, int]:
    with path.open("rb") as file:
        head = file.read(4)
    mark, announced = next(
        ((len(mark), names) for mark, names in _MARKS if head.startswith(mark)), (0, _UNMARKED)
    )
    if chosen is not None:
        name = _known(chosen)
        if name in ("utf-16", "utf-32"):
            announced = tuple(codec for codec in announced if codec.startswith(name)) or (f"{name}-le",)
        elif not (mark and name in announced):
            mark, announced = 0, (name,)
    for name in announced:
        verdict = _decodes(path, name, mark)
        if verdict:
            return name, mark
    if chosen is not None:
        raise FileRefused("wrong_encoding", encoding=chosen)
    possible = [name for name in _CHINESE if _decodes(path, name, 0)]
    if mark or not possible:
        raise FileRefused("not_text")
    return max(possible, key=lambda name: _commonness(path, name)), 0


def _commonness(path: Path, encoding: str) -> float:
    """The share of common signs among all that are not ASCII."""
    with path.open(encoding=encoding) as text:
        signs = [sign.encode(encoding) for sign in text.read(_TOLD_BY) if not sign.isascii()]
    common = sum(
        any(first <= sign[0] <= last for first, last in _CHINESE[encoding])
        and (encoding != "gb18030" or sign[1] >= 0xA1)
        for sign in signs
    )
    return common / len(signs) if signs else 0.0


def _known(encoding: str) -> str:
    wanted = _WINDOWS_NAMES.get(encoding.lower(), encoding)
    try:
        codec = codecs.lookup(wanted)
        "".encode(wanted)
    except (LookupError, ValueError) as unknown:
        raise FileRefused("unknown_encoding", encoding=encoding) from unknown
    return codec.name


def _decodes(path: Path, encoding: str, mark: int) -> bool:
    """Whether the whole file is text in this encoding; a zero character is none."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    try:
        with path.open("rb") as file:
            file.seek(mark)
            while piece := file.read(_PIECE):
                if "\0" in decoder.decode(piece):
                    return False
            decoder.decode(b"", final=True)
    except UnicodeError:
        return False
    return True


def _find_separator(path: Path, encoding: str, mark: int) -> str:
    """The separator that cuts most of the first rows into the same number of cells, and into the most of them."""

    def evenness(separator: str) -> tuple[bool, float, int]:
        sample = islice(_records(path, encoding, mark, separator), _SAMPLE_ROWS)
        try:
            widths = Counter(len(record) for record in sample if any(record))
        except csv.Error:
            return False, 0.0, 0
        if not widths:
            return False, 0.0, 0
        width, rows = max(widths.items(), key=lambda item: (item[1], item[0]))
        return width > 1, rows / widths.total(), width

    return max(SEPARATORS, key=evenness)


def _records(path: Path, encoding: str, mark: int, separator: str) -> Iterator[list[str]]:
    """Raises csv.Error for a quotation mark that stays open to the end: it would swallow all rows behind it."""
    pending: list[str] = []
    last: list[str] = []

    def remembered(text: TextIO) -> Iterator[str]:
        for line in text:
            pending.append(line)
            yield line

    with _text(path, encoding, mark) as text:
        for record in csv.reader(remembered(text), delimiter=separator):
            yield record
            last, pending = pending, []
    if len(last) > 1:
        list(csv.reader(last, delimiter=separator, strict=True))


@contextmanager
def _text(path: Path, encoding: str, mark: int) -> Iterator[TextIO]:
    with path.open("rb") as file:
        file.seek(mark)
        with TextIOWrapper(file, encoding=encoding, newline="") as text:
            yield text
