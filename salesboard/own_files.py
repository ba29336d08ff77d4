"""Small files of the installation's own, such as keys: each whole, on the disk, and for its user alone to read."""

from __future__ import annotations

import os
import secrets
from pathlib import Path


def write_once(path: Path, text: str) -> None:
    """Writes the file unless it is there. Where several parts start at once, the first one's stands for all."""
    scratch = _beside(path, text)
    try:
        os.link(scratch, path)
    except FileExistsError:
        pass
    finally:
        scratch.unlink()


def rewrite(path: Path, text: str) -> None:
    """Puts a new file in the place of the old one: a reader finds the one or the other."""
    _beside(path, text).replace(path)


def _beside(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    scratch.touch(mode=0o600)
    with scratch.open("w", encoding="ascii") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    return scratch
