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
            self._known[key] = made, Footprint(), _files_of(app)
            return made
        made, footprint, contents = self._known[key]
        footprint.bring_back(after_emptying=True)
        for path, content in contents.items():
            if not path.exists() or path.stat().st_size != len(content):
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
        return made


def _files_of(app: Flask) -> dict[Path, bytes]:
    folders = [app.config["SETTINGS"].data_dir / name for name in KEPT]
    return {path: path.read_bytes() for folder in folders for path in folder.rglob("*") if path.is_file()}
