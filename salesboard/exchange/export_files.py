"""Where the files that wait to be fetched lie: under random names in the installation's data, until they expire."""

from __future__ import annotations

import re
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import BinaryIO

from flask import current_app

_KEY = re.compile(r"[0-9a-f]{32}")
LEFT_BEHIND = timedelta(hours=6)
"""No export takes so long: what lies in the workroom since then was broken off."""


def keep(source: BinaryIO) -> str:
    """Copies a file under a random key; the key. What cannot be written whole is not kept."""
    key = secrets.token_hex(16)
    try:
        with _path_of(key).open("xb") as target:
            shutil.copyfileobj(source, target, 2**20)
    except BaseException:
        remove(key)
        raise
    return key


def opened(key: str) -> BinaryIO:
    """The file, to be read. Raises OSError where it is gone."""
    return _path_of(key).open("rb")


def remove(key: str) -> None:
    """Done twice it changes nothing."""
    _path_of(key).unlink(missing_ok=True)


@contextmanager
def workroom() -> Iterator[Path]:
    """A folder that only we can look into, for what an export needs while it is made; gone afterwards."""
    with tempfile.TemporaryDirectory(dir=_folder("exports-in-the-making")) as folder:
        yield Path(folder)


def sweep_workroom(now: datetime) -> None:
    """Removes what exports that were killed left behind."""
    for path in _folder("exports-in-the-making").iterdir():
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= LEFT_BEHIND:
            shutil.rmtree(path, ignore_errors=True)


def _path_of(key: str) -> Path:
    if not _KEY.fullmatch(key):
        raise LookupError("not the key of a file")
    return _folder("exports") / key


def _folder(name: str) -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
