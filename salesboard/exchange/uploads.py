"""The files that people bring, as they lie in the installation's data: sealed, under random names, until they are done
with."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path, PurePath
from typing import BinaryIO

from flask import current_app

from salesboard import files
from salesboard.exchange.values import storable

_KEY = re.compile(r"[0-9a-f]{32}")
LONGEST_NAME = 255


def keep(source: BinaryIO) -> str:
    """Seals a file under a random key; the key. What cannot be written whole is not kept."""
    key = secrets.token_hex(16)
    files.seal_into(path_of(key), source, key)
    return key


@contextmanager
def opened(key: str) -> Iterator[Path]:
    """The file as it was brought, at a path that is good inside alone: what reads workbooks wants a path.

    Raises LookupError where there is no such file.
    """
    if not path_of(key).is_file():
        raise LookupError("no such file")
    with tempfile.NamedTemporaryFile(dir=_folder(), prefix="opened-") as plain:
        with files.open_sealed(path_of(key), key) as sealed:
            shutil.copyfileobj(sealed, plain, 2**20)
        plain.flush()
        yield Path(plain.name)


def kept() -> Iterator[tuple[Path, str]]:
    """Every sealed file that lies here, with its key."""
    for path in sorted(_folder().iterdir()):
        if _KEY.fullmatch(path.name):
            yield path, path.name


def path_of(key: str) -> Path:
    """Where the file lies. Raises LookupError for what is no key."""
    if not _KEY.fullmatch(key):
        raise LookupError("not the key of a file")
    return _folder() / key


def remove(key: str) -> None:
    """Done twice it changes nothing."""
    path_of(key).unlink(missing_ok=True)


def lying_for(least: timedelta, now: datetime) -> Iterator[Path]:
    """The files that have lain here for so long, also opened ones whose reader was killed."""
    for path in _folder().iterdir():
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= least:
            yield path


def label_of(name: str | None) -> str:
    """What a person called the file, without the folders it came from; only a label, never a path."""
    last = PurePath(storable(name or "").replace("\\", "/")).name
    line = "".join(sign for sign in last if sign.isprintable()).strip()
    ending = PurePath(line).suffix[:20]
    return line if len(line) <= LONGEST_NAME else line[: LONGEST_NAME - len(ending)] + ending


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "uploads"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
