"""While much is written, everybody else gets their turn."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from pysqlite3 import dbapi2

from salesboard.database import db
from salesboard.exchange import pieces, turns, undoing
from salesboard.ops import keys
from tests.domain.exchange.bringing import brought, undo, workbook


@pytest.fixture
def pauses(app: Flask, monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Each pause, in which somebody else writes at once, without waiting."""
    taken: list[float] = []

    def write_meanwhile(seconds: float) -> None:
        taken.append(seconds)
        other = dbapi2.connect(str(db.engine.url.database), timeout=0, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        other.execute("COMMIT")
        other.close()

    monkeypatch.setattr(turns, "PAUSE", 0.11)
    monkeypatch.setattr(turns.time, "sleep", write_meanwhile)
    return taken


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("act", [brought, lambda path: undo(brought(path))], ids=["import", "undo"])
def test_others_write_between_two_steps(
    tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch, act: Callable[[Path], object]
) -> None:
    monkeypatch.setattr(pieces, "AT_ONCE", 4)
    monkeypatch.setattr(undoing, "AT_ONCE", 4)
    act(workbook(tmp_path))

    assert len(pauses) >= 6
    assert set(pauses) == {0.11}


@pytest.mark.databases("sqlite")
def test_others_write_between_two_steps_of_a_rotation(
    tmp_path: Path, pauses: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    brought(workbook(tmp_path))
    pauses.clear()
    monkeypatch.setattr(keys, "ROWS_AT_ONCE", 4)
    values = keys.rotate()

    assert pauses.count(0.11) >= values / 4


@pytest.mark.databases("postgresql")
def test_where_rows_are_locked_one_by_one_nobody_has_to_wait(tmp_path: Path, pauses: list[float]) -> None:
    brought(workbook(tmp_path))
    assert pauses == []
