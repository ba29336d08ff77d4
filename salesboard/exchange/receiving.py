"""Taking a file from a page: what is wrong with it is said at once, as far as that shows within a second."""

from __future__ import annotations

from pathlib import PurePath
from typing import Any, BinaryIO

from salesboard.exchange import uploads
from salesboard.exchange.columns import match_book
from salesboard.exchange.limits import LIMITS
from salesboard.exchange.models import Import
from salesboard.exchange.own_fields import own_fields_known
from salesboard.exchange.reading import glance, open_book
from salesboard.exchange.said import asked_of
from salesboard.exchange.signature import ENDINGS, FileKind


def receive(source: BinaryIO, name: str, options: dict[str, Any]) -> str:
    """Keeps the file; the key it lies under. Raises FileRefused, and then keeps nothing."""
    key = uploads.keep(source)
    try:
        _look(key, name, options)
    except BaseException:
        uploads.remove(key)
        raise
    return key


def is_text(name: str) -> bool:
    """Whether a file of this name is text, whose encoding and separator can be said."""
    return ENDINGS.get(PurePath(name).suffix.lower()) is FileKind.TEXT


def check_reading(found: Import, options: dict[str, Any]) -> None:
    """Raises FileRefused for a text file that cannot be read with another encoding or separator than before."""
    asked, before = asked_of(options), asked_of(found.options)
    if (asked.encoding, asked.separator) != (before.encoding, before.separator):
        with uploads.opened(found.file_key) as path:
            open_book(path, found.file_name, encoding=asked.encoding, separator=asked.separator)


def _look(key: str, name: str, options: dict[str, Any]) -> None:
    """A large file is only glanced at: the worker, which has time, looks at the rest."""
    with uploads.opened(key) as path, own_fields_known():
        if glance(path, name, limits=LIMITS):
            said = asked_of(options)
            book = open_book(path, name, encoding=said.encoding, separator=said.separator)
            match_book(book, said.options(), is_lenient=said.is_on_page)
