"""Where an export lies while it is made: in the open, where only we can look, and gone afterwards."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from flask import current_app

LEFT_BEHIND = timedelta(hours=6)
"""No export takes so long: what lies in the workroom since then was broken off."""


@contextmanager
def workroom() -> Iterator[Path]:
    """A folder of its own for one export."""
    with tempfile.TemporaryDirectory(dir=_folder()) as folder:
        yield Path(folder)


def sweep_workroom(now: datetime) -> None:
    """Removes what exports that were killed left behind."""
    for path in _folder().iterdir():
        if now - datetime.fromtimestamp(path.stat().st_mtime, UTC) >= LEFT_BEHIND:
            shutil.rmtree(path, ignore_errors=True)


def _folder() -> Path:
    folder: Path = current_app.config["SETTINGS"].data_dir / "workroom"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
