"""Taking a file from a page: what is wrong with it is said at once, as far as that shows within a second."""

from __future__ import annotations

from typing import Any, BinaryIO

from salesboard.exchange import uploads
from salesboard.exchange.columns import match_book
from salesboard.exchange.limits import LIMITS
from salesboard.exchange.options import read_options
from salesboard.exchange.own_fields import own_fields_known
from salesboard.exchange.reading import glance, open_book


def receive(source: BinaryIO, name: str, options: dict[str, Any]) -> str:
    """Keeps the file; the key it lies under. Raises FileRefused, and then keeps nothing."""
    key = uploads.keep(source)
    try:
        _look(key, name, options)
    except BaseException:
        uploads.remove(key)
        raise
    return key


def _look(key: str, name: str, options: dict[str, Any]) -> None:
    """A large file is only glanced at: the worker, which has time, looks at the rest."""
    with uploads.opened(key) as path, own_fields_known():
        if glance(path, name, limits=LIMITS):
            said = dict(options)
            encoding = said.pop("encoding", None)
            match_book(open_book(path, name, encoding=encoding), read_options(**said))
