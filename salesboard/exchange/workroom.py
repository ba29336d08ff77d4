"""Where an export lies while it is made: in the open, where only we can look, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO

from flask import current_app
from flask_babel import gettext as _

from salesboard.errors import Refused

LEFT_BEHIND = timedelta(hours=6)
"""No export takes so long: what lies in the workroom since then was broken off."""


@contextmanager
def workroom() -> Iterator[Path]:
    """A folder of its own for one export."""
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        yield Path(folder)


@contextmanager
def in_place_of(file: Path) -> Iterator[tuple[IO[bytes], Path]]:
    """For an operator's file: a new one beside it and a folder to work in. It takes the file's place at the end, so
    that what breaks off leaves no half. Raises Refused where it cannot be written."""
    try:
        with tempfile.TemporaryDirectory(dir=file.parent, prefix=".salesboard-") as folder:
            made = Path(folder) / "made"
            with made.open("w+b") as target:
                yield target, Path(folder)
            made.replace(file)
    except OSError as error:
        why = error.strerror or error
        raise Refused(_("%(file)s cannot be written: %(why)s", file=file, why=why)) from error


def sweep_workroom(now: datetime) -> None:
    """Removes what exports that were killed left behind."""
    for path in _folder().iterdir():
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= LEFT_BEHIND:
            shutil.rmtree(path, ignore_errors=True)


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "workroom"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
