"""`salesboard board`, on a database of its own."""

from __future__ import annotations

import json
import os
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner
from flask_migrate import upgrade

from salesboard import create_app
from salesboard.cli import cli
from salesboard.database import db
from salesboard.deals.rules import Stage
from salesboard.errors import Refused
from tests.standing import arrive, make_deal


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with a lead of the owner, one of the outsider, and a lost deal."""
    data = tmp_path_factory.mktemp("board")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SALESBOARD_DATA", str(data))
        app = create_app()
        with app.app_context():
            upgrade()
            people = arrive()
            make_deal(people.owner, amount=Decimal("12345.67"))
            make_deal(people.outsider, Stage.WON, name="Two", amount=Decimal("100000"))
            make_deal(people.owner, name="Gone", lost=True)
            db.engine.dispose()
    return data


@pytest.fixture
def board(filled: Path, monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    for name in [name for name in os.environ if name.startswith("SALESBOARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SALESBOARD_DATA", str(filled))
    return CliRunner()


def test_json_has_every_stage_and_the_total(board: CliRunner) -> None:
    found = json.loads(board.invoke(cli, ["board", "--format", "json"]).output)
    assert list(found["stages"]) == [str(stage) for stage in Stage]
    lead = {"count": 1, "sum": 12345.67, "weighted": 1234.57, "warned": 0, "overdue": 0}
    assert found["stages"]["lead"] == lead
    assert found["stages"]["won"]["sum"] == 100000
    assert found["total"] == {"count": 2, "sum": 112345.67, "weighted": 101234.57, "warned": 0, "overdue": 0}


def test_a_person_counts_what_they_see(board: CliRunner) -> None:
    as_outsider = ["board", "--format", "json", "--as", "Oscar@example.com"]
    assert json.loads(board.invoke(cli, as_outsider).output)["total"]["count"] == 1


def test_text_is_for_reading(board: CliRunner) -> None:
    lines = board.invoke(cli, ["board"]).output.splitlines()
    assert lines[0].split() == ["stage", "deals", "sum", "weighted", "warned", "overdue"]
    assert lines[1].split() == ["lead", "1", "12,345.67", "1,234.57", "0", "0"]
    assert lines[-1].split()[:2] == ["total", "2"]


@pytest.mark.parametrize(
    ("options", "why"),
    [
        (["--as", "nobody@example.com"], "nobody has an account"),
        (["--as-of", "2026-01-01"], "later version"),
    ],
)
def test_refusals_say_why(board: CliRunner, options: list[str], why: str) -> None:
    result = board.invoke(cli, ["board", *options])
    assert isinstance(result.exception, Refused)
    assert why in str(result.exception)
