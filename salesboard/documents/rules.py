"""What a document is, which files are taken as one, what they are called. Pure. Definition: PRODUCT.md 3 (Document)."""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import PurePath
from typing import IO

LARGEST_FILE = 20 * 2**20
"""Bytes."""
MOST_FILES = 10
"""At a time."""
LONGEST_NAME = 200
_HEAD = 4096
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]+')


class DocumentKind(StrEnum):
    """方案, 报价单, 合同, 纪要, 其他."""

    PROPOSAL = "proposal"
    QUOTATION = "quotation"
    CONTRACT = "contract"
    MINUTES = "minutes"
    OTHER = "other"


@dataclass(frozen=True)
class FileKind:
    """What a file is by its content. `shows` when a browser may show it in its own window without danger."""

    media_type: str
    endings: tuple[str, ...]
    shows: bool = False


PDF = FileKind("application/pdf", (".pdf",), shows=True)
PNG = FileKind("image/png", (".png",), shows=True)
JPEG = FileKind("image/jpeg", (".jpg", ".jpeg"), shows=True)
GIF = FileKind("image/gif", (".gif",), shows=True)
WEBP = FileKind("image/webp", (".webp",), shows=True)
WORD = FileKind("application/vnd.openxmlformats-officedocument.wordprocessingml.document", (".docx",))
EXCEL = FileKind("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", (".xlsx",))
SLIDES = FileKind("application/vnd.openxmlformats-officedocument.presentationml.presentation", (".pptx",))
OPEN_DOCUMENT = FileKind("application/vnd.oasis.opendocument", (".odt", ".ods", ".odp"))
ZIP = FileKind("application/zip", (".zip",))
OLD_OFFICE = FileKind("application/x-ole-storage", (".doc", ".xls", ".ppt", ".wps", ".et", ".dps", ".msg"))
TEXT = FileKind("text/plain", (".txt", ".csv", ".tsv", ".md"))

KINDS = (
    PDF, PNG, JPEG, GIF, WEBP, WORD, EXCEL, SLIDES, OPEN_DOCUMENT, ZIP, OLD_OFFICE, TEXT,
)  # fmt: skip
ENDINGS = tuple(ending for kind in KINDS for ending in kind.endings)
_MAGIC = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", PNG),
    (b"\xff\xd8\xff", JPEG),
    (b"GIF87a", GIF),
    (b"GIF89a", GIF),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", OLD_OFFICE),
)
_PARTS = (("word/", WORD), ("xl/", EXCEL), ("ppt/", SLIDES))
_MARKUP = re.compile(rb"<(?:!doctype|html|head|body|script|svg|\?xml|iframe|object|embed)\b", re.IGNORECASE)


def kind_of(file: IO[bytes]) -> FileKind | None:
    """What the file is by its content, whatever its name; None for what is not taken: programs, pages, drawings."""
    file.seek(0)
    head = file.read(_HEAD)
    file.seek(0)
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return WEBP
    if head.startswith(b"PK"):
        return _kind_of_package(file)
    return TEXT if _is_plain_text(head) else None


def fits(name: str, kind: FileKind) -> bool:
    """Whether the ending of the name says what the content is."""
    return PurePath(name).suffix.lower() in kind.endings


def suggested_name(customer: str, day: date, content: str) -> str:
    """What a document is called unless somebody says otherwise: customer, date, content."""
    return _line(f"{customer} {day:%Y%m%d} {content}")[:LONGEST_NAME]


def file_label(name: str) -> str:
    """What a file was called, without the folders it came from: a label only, never a path."""
    last = PurePath(_line(name).replace("\\", "/")).name
    ending = PurePath(last).suffix[:20]
    return last if len(last) <= LONGEST_NAME else last[: LONGEST_NAME - len(ending)] + ending


def download_name(document: str, edition: int, label: str) -> str:
    """What the file is called when it is fetched: the document's name, its version, the file's own ending."""
    stem = _UNFIT.sub("-", document).strip(" .-") or "document"
    return f"{stem} v{edition}{PurePath(label).suffix}"


def _line(text: str) -> str:
    """One line without what turns, hides or breaks text."""
    kept = (sign if sign.isprintable() else " " for sign in text if unicodedata.category(sign) != "Cf")
    return " ".join("".join(kept).split())


def _kind_of_package(file: IO[bytes]) -> FileKind | None:
    """By the names inside, which are read without unpacking anything."""
    try:
        with zipfile.ZipFile(file) as package:
            names = package.namelist()
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return None
    finally:
        file.seek(0, io.SEEK_SET)
    if "[Content_Types].xml" in names:
        return next((kind for part, kind in _PARTS if any(name.startswith(part) for name in names)), None)
    return OPEN_DOCUMENT if "META-INF/manifest.xml" in names and "content.xml" in names else ZIP


def _is_plain_text(head: bytes) -> bool:
    if not head or _MARKUP.search(head):
        return False
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return True
    if any(byte < 32 and byte not in (9, 10, 12, 13) for byte in head):
        return False
    return any(_reads_as(head, encoding) for encoding in ("utf-8", "gb18030", "big5"))


def _reads_as(head: bytes, encoding: str) -> bool:
    """The last sign may be cut through."""
    try:
        head.decode(encoding)
    except UnicodeDecodeError as error:
        return error.start >= len(head) - 4 and len(head) == _HEAD
    return True
