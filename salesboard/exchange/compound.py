"""What is checked before an .xls workbook, or a protected .xlsx, reaches its parser.

Both are OLE compound files: little file systems whose streams have names. The records of an .xls are walked once for
the password mark and for how far each sheet reaches (MS-XLS 2.4: BOF, FILEPASS and the cell records).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import BinaryIO

from salesboard.exchange.limits import Limits
from salesboard.exchange.reach import Extent
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.signature import FileKind

_BOF = frozenset((0x0009, 0x0209, 0x0409, 0x0809))
_FILEPASS = 0x002F
_MULRK = 0x00BD
_CELLS = frozenset(
    # NUMBER, LABEL, BOOLERR and FORMULA of each version, then RSTRING, LABELSST, RK and MULRK
    (
        0x0002,
        0x0003,
        0x0004,
        0x0005,
        0x0203,
        0x0204,
        0x0205,
        0x0006,
        0x0206,
        0x0406,
        0x00D6,
        0x00FD,
        0x027E,
        _MULRK,
    )
)


def check_compound(file: BinaryIO, limits: Limits) -> FileKind:
    """Finds an .xls workbook harmless, or raises FileRefused."""
    # Imported here: most files are no compound files, and most commands read no file at all.
    import olefile  # type: ignore[import-untyped]

    try:
        with olefile.OleFileIO(file) as streams:
            if streams.exists("EncryptedPackage"):
                raise FileRefused("protected")
            for name in ("Workbook", "Book"):
                if streams.exists(name):
                    _check_records(streams.openstream(name).read(), limits)
                    return FileKind.XLS
            is_readable = bool(streams.listdir())
    except (OSError, ValueError, IndexError, KeyError, TypeError, struct.error) as damage:
        raise FileRefused("broken") from damage
    raise FileRefused("not_a_table", really="OLE") if is_readable else FileRefused("broken")


def _check_records(stream: bytes, limits: Limits) -> None:
    extent = Extent(limits)
    for code, start, length in _records(stream):
        if code == _FILEPASS:
            raise FileRefused("protected")
        if code in _BOF:
            extent.close_sheet()
        elif code in _CELLS and length >= 4:
            row, column = struct.unpack_from("<HH", stream, start)
            if code == _MULRK:
                (column,) = struct.unpack_from("<H", stream, start + length - 2)
            extent.include(row + 1, column + 1)
    extent.close_sheet()
    extent.check_whole()


def _records(stream: bytes) -> Iterator[tuple[int, int, int]]:
    """Code, start and length of each record's content."""
    place = 0
    while place + 4 <= len(stream):
        code, length = struct.unpack_from("<HH", stream, place)
        if place + 4 + length > len(stream):
            raise FileRefused("broken")
        yield code, place + 4, length
        place += 4 + length
