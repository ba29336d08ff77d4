"""What is checked before a workbook reaches its parser: size when unpacked, definitions, how far the sheets reach.

A workbook is a zip archive of XML parts (.xlsx, .ods) or a compound file of records (.xls). The parser trusts what
they declare and keeps one cell in memory for each place between a sheet's corners, so a small file could take the
whole machine. Here every part is unpacked once, in small pieces, and counted; nothing is kept.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO
from xml.parsers import expat

from salesboard.exchange.limits import Limits
from salesboard.exchange.reach import OdsReach, Reach, XlsxReach
from salesboard.exchange.reasons import FileRefused
from salesboard.exchange.signature import FileKind

_PIECE = 2**16
_ODS_TYPE = b"application/vnd.oasis.opendocument.spreadsheet"
_OTHER_PACKAGES = (
    ("xl/workbook.bin", "other_workbook", ".xlsb"),
    ("Index/Document.iwa", "other_workbook", ".numbers"),
    ("word/document.xml", "not_a_table", "Word"),
    ("ppt/presentation.xml", "not_a_table", "PowerPoint"),
)


def check_package(file: BinaryIO, limits: Limits) -> FileKind:
    """Which workbook a zip archive holds, once it has been found harmless. Raises FileRefused."""
    with _damage_refused(), zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        _check_declared(parts, limits)
        kind = _kind_of(archive)
        reach: Reach = OdsReach(limits) if kind is FileKind.ODS else XlsxReach(limits)
        for part in parts:
            pieces = _unpacked(archive, part, limits)
            if part.filename.lower().endswith((".xml", ".rels")):
                _check_markup(pieces, reach)
            else:
                for _piece in pieces:
                    pass
        reach.check_whole()
    return kind


def _check_declared(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    if len(parts) > limits.parts:
        raise FileRefused("too_many_parts", limit=limits.parts)
    too_big = FileRefused("unpacks_too_big", limit=limits.unpacked_bytes // 2**20)
    if sum(part.file_size for part in parts) > limits.unpacked_bytes:
        raise too_big
    for part in parts:
        if part.flag_bits & 1:
            raise FileRefused("protected")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused("broken")
        packed = max(part.compress_size, 1)
        if part.file_size > limits.ratio_from_bytes and part.file_size > packed * limits.packing_ratio:
            raise too_big


def _kind_of(archive: zipfile.ZipFile) -> FileKind:
    names = set(archive.namelist())
    if "xl/workbook.xml" in names:
        return FileKind.XLSX
    if "mimetype" in names and archive.read("mimetype").startswith(_ODS_TYPE) and "content.xml" in names:
        return FileKind.ODS
    for name, code, really in _OTHER_PACKAGES:
        if name in names:
            raise FileRefused(code, really=really)
    raise FileRefused("not_a_table", really="ZIP")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """The part's content piece by piece, up to what it declared and no further."""
    declared, seen = part.file_size, 0
    part.file_size = (
        limits.unpacked_bytes + 1
    )  # else the reader would stop, satisfied, where a false size ends
    try:
        with archive.open(part) as content:
            while piece := content.read(_PIECE):
                seen += len(piece)
                if seen > declared:
                    raise FileRefused("packed_falsely")
                yield piece
    finally:
        part.file_size = declared


def _check_markup(pieces: Iterator[bytes], reach: Reach) -> None:
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    reach.begin_part()
    parser.StartElementHandler = reach.element
    has_content = False
    for piece in pieces:
        has_content = True
        parser.Parse(piece, False)
    if has_content:
        parser.Parse(b"", True)
    reach.end_part()


def _refuse_doctype(*_declaration: object) -> None:
    raise FileRefused("has_dtd")


@contextmanager
def _damage_refused() -> Iterator[None]:
    try:
        yield
    except (
        zipfile.BadZipFile,
        zlib.error,
        expat.ExpatError,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
    ) as damage:
        raise FileRefused("broken") from damage
