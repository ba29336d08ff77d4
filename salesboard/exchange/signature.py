"""What a file is by its content, whatever its name says. Pure, and reads only the first bytes."""

from __future__ import annotations

import re
from enum import StrEnum
from pathlib import PurePath

from flask_babel import lazy_gettext as _l

from salesboard.exchange.reasons import FileRefused

HEAD_BYTES = 4096
"""How much of a file's beginning `container_of` wants to see."""


class FileKind(StrEnum):
    XLSX = "xlsx"
    XLS = "xls"
    ODS = "ods"
    TEXT = "text"


class Container(StrEnum):
    """The outermost wrapping: a zip archive, an OLE compound file, or bare text."""

    ZIP = "zip"
    COMPOUND = "compound"
    TEXT = "text"


KIND_NAMES = {
    FileKind.XLSX: _l("an .xlsx workbook"),
    FileKind.XLS: _l("an .xls workbook"),
    FileKind.ODS: _l("an .ods workbook"),
    FileKind.TEXT: _l("text"),
}
ENDINGS = {
    ".xlsx": FileKind.XLSX,
    ".xlsm": FileKind.XLSX,
    ".xltx": FileKind.XLSX,
    ".xls": FileKind.XLS,
    ".xlt": FileKind.XLS,
    ".et": FileKind.XLS,
    ".ods": FileKind.ODS,
    ".csv": FileKind.TEXT,
    ".tsv": FileKind.TEXT,
    ".tab": FileKind.TEXT,
    ".txt": FileKind.TEXT,
}
_CONTAINERS = (
    (b"PK\x03\x04", Container.ZIP),
    (b"PK\x05\x06", Container.ZIP),
    (b"\xd0\xcf\x11\xe0", Container.COMPOUND),
)
_OTHER_FILES = (
    (b"\x89PNG", "PNG"),
    (b"\xff\xd8\xff", "JPEG"),
    (b"GIF8", "GIF"),
    (b"%PDF", "PDF"),
    (b"{\\rtf", "RTF"),
    (b"Rar!", "RAR"),
    (b"7z\xbc\xaf", "7z"),
    (b"\x1f\x8b", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ", "xz"),
    (b"SQLite format 3", "SQLite"),
    (b"\x7fELF", "ELF"),
    (b"MZ\x90", "EXE"),
)
_MARKUP = re.compile(
    rb"\s*<(?:!doctype|html|head|body|table|meta|style|script|div|\?xml|!--|workbook)", re.IGNORECASE
)
_JSON = re.compile(rb'\s*(?:\{\s*["}]|\[\s*["\[{])')
_MARKS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


def container_of(head: bytes) -> Container:
    """The wrapping that a file's first bytes announce. Raises FileRefused for what is certainly no table."""
    if not head:
        raise FileRefused("empty")
    for mark, container in _CONTAINERS:
        if head.startswith(mark):
            return container
    for mark, name in _OTHER_FILES:
        if head.startswith(mark):
            raise FileRefused("not_a_table", really=name)
    if _MARKUP.match(_without_mark(head)):
        raise FileRefused("web_page")
    if _JSON.match(_without_mark(head)):
        raise FileRefused("not_a_table", really="JSON")
    return Container.TEXT


def check_name(name: str, kind: FileKind) -> None:
    """Refuses a file whose ending promises something else than its content; an unknown ending promises nothing."""
    ending = PurePath(name).suffix.lower()
    if ENDINGS.get(ending, kind) is not kind:
        raise FileRefused("wrong_name", named=ending, really=KIND_NAMES[kind])


def _without_mark(head: bytes) -> bytes:
    """Markup in two-byte text shows itself once the zero bytes between its letters are gone."""
    for mark in _MARKS:
        if head.startswith(mark):
            return head[len(mark) :].replace(b"\0", b"")
    return head
