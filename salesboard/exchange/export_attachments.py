"""The files of documents on their way into the archive of everything."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Sequence
from zipfile import ZipFile

from sqlalchemy import select

from salesboard import files
from salesboard.documents.models import DocumentFile
from salesboard.errors import SealBroken
from salesboard.exchange.export_pages import lines_of
from salesboard.exchange.export_tables import Line

_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f\x7f]')
LONGEST_LABEL = 100


def place_of(file: DocumentFile) -> str:
    """Where a file lies in the archive: its number keeps it apart, its label is a label only."""
    return f"files/{file.document_id}/{file.id} {_UNFIT.sub('_', file.label)[:LONGEST_LABEL].rstrip('. ')}"


def write_attachments(archive: ZipFile, pulse: Callable[[], None]) -> list[str]:
    """Writes every file that is still there; the places of those that cannot be read."""
    missing = []
    wanted = select(DocumentFile).where(DocumentFile.file_key.is_not(None))

    def tell(page: Sequence[DocumentFile]) -> list[Line]:
        return [(file.file_key, place_of(file)) for file in page]

    for key, place in lines_of(wanted, DocumentFile, tell):
        try:
            with files.opened(str(key)) as source, archive.open(str(place), "w", force_zip64=True) as target:
                shutil.copyfileobj(source, target, 2**20)
        except (LookupError, SealBroken):
            missing.append(str(place))
        pulse()
    return missing
