"""What many tests only look at from another side each: built once, and brought back for every one of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from flask import Flask

from salesboard.database import db
from tests.footprint import Footprint

Made = TypeVar("Made")
KEPT = ("files", "uploads", "workroom")
"""The folders of an installation in which what people sent lies beside the database."""


class Worlds:
    """By database what was built there, with everything that the database and the folders held then."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, Callable[..., Any]], tuple[Any, Footprint, dict[Path, bytes]]] = {}

    def stand(self, app: Flask, build: Callable[[Flask], Made]) -> Made:
        """What `build` answers, on tables that are empty before: it is not called again where it was called once.

        What it answers holds no row of the database, for the next test has another session.
        """
        key = db.engine.dialect.name, build
        if key not in self._known:
            made = build(app)
            self._known[key] = made, Footprint(), files_of(app)
            return made
        made, footprint, contents = self._known[key]
        footprint.bring_back(after_emptying=True)
        put_back(contents)
        return made


def files_of(app: Flask) -> dict[Path, bytes]:
    """What lies in the installation's folders."""
    folders = _folders(app)
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}


def put_back(contents: dict[Path, bytes]) -> None:
    """Lays every file back that went since."""
    for path, content in contents.items():
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.write_bytes(content)


def empty_folders(app: Flask) -> None:
    """So that no test finds what another one kept."""
    for folder in _folders(app):
        for path in folder.rglob("*"):
            if path.is_file():
                path.unlink(missing_ok=True)


def _folders(app: Flask) -> list[Path]:
    return [app.config["SETTINGS"].data_dir / name for name in KEPT]
