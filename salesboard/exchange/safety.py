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
_OTHER_WORKBOOKS = {"xl/workbook.bin": ".xlsb", "Index/Document.iwa": ".numbers"}
_OTHER_DOCUMENTS = {"word/document.xml": "Word", "ppt/presentation.xml": "PowerPoint"}


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


def glance_at_package(file: BinaryIO, limits: Limits) -> tuple[FileKind, int]:
    """Which workbook a zip archive holds and how many bytes it says it unpacks to, by its directory alone.

    Raises FileRefused for what shows there.
    """
    with _damage_refused(), zipfile.ZipFile(file) as archive:
        parts = archive.infolist()
        _check_declared(parts, limits)
        return _kind_of(archive), sum(part.file_size for part in parts)


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
    if {"mimetype", "content.xml"} <= names:
        with archive.open("mimetype") as told:
            if told.read(len(_ODS_TYPE)) == _ODS_TYPE:
                return FileKind.ODS
    for name in names & _OTHER_WORKBOOKS.keys():
        raise FileRefused("other_workbook", really=_OTHER_WORKBOOKS[name])
    document = next((name for name in names if name in _OTHER_DOCUMENTS), None)
    raise FileRefused("not_a_table", really=_OTHER_DOCUMENTS[document] if document else "ZIP")


def _unpacked(archive: zipfile.ZipFile, part: zipfile.ZipInfo, limits: Limits) -> Iterator[bytes]:
    """The part's content piece by piece, up to what it declared and no further."""
    declared, seen = part.file_size, 0
    # Else the reader would stop, satisfied, where a false size ends.
    part.file_size = limits.unpacked_bytes + 1
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
