"""`salesboard report`: the JSON of CONTRACT.md, and refusals in one line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from openpyxl import load_workbook

from salesboard.deals.rules import Stage
from salesboard.errors import Refused
from salesboard.exchange import report_commands as commands
from tests.domain.insight.course import Course
from tests.standing import People

Run = Callable[..., Result]


@pytest.fixture
def run(app: Flask, people: People, monkeypatch: pytest.MonkeyPatch) -> Run:
    @contextmanager
    def here() -> Iterator[Flask]:
        yield app

    monkeypatch.setattr(commands, "application", here)
    Course(people.owner, "2026-01-05").to(Stage.WON, "2026-02-04", contract="1000")
    return lambda *words: CliRunner().invoke(commands.report, words)


def test_prints_the_evaluation(run: Run) -> None:
    result = json.loads(run("2026Q1").stdout)

    assert result["metrics"]["signed_amount"]["value"] == 1000.0
    assert result["scope"] == "all"


def test_of_a_team_or_a_person(run: Run) -> None:
    assert json.loads(run("2026Q1", "--scope", "team:South").stdout)["metrics"]["signed_deals"]["value"] == 0
    mine = json.loads(run("2026-02", "--scope", "person:olive@example.com").stdout)
    assert mine["metrics"]["signed_deals"]["value"] == 1


def test_writes_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "quarter.json"
    done = run("2026Q1", "-o", str(target))

    assert (done.exit_code, done.stdout) == (0, "")
    assert json.loads(target.read_text("utf-8"))["period"]["key"] == "2026Q1"


def test_refuses_a_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    done = run("2026Q1", "-o", str(tmp_path / "nowhere" / "quarter.json"))

    assert isinstance(done.exception, Refused)


def test_writes_the_figures_as_csv_for_a_pipe(run: Run) -> None:
    lines = list(csv.reader(run("2026Q1", "--format", "csv", "--language", "en").stdout.splitlines()))

    signed = next(line for line in lines if line[0] == "signed_amount" and not line[3])
    assert (signed[1], Decimal(signed[6])) == ("Signed amount", 1000)


def test_writes_a_workbook_into_a_file(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "quarter.xlsx"
    done = run("2026Q1", "--format", "xlsx", "--language", "zh_Hans", "-o", str(target))

    assert done.exit_code == 0
    assert load_workbook(target).sheetnames[:2] == ["销售效果评估分析表", "销售过程跟踪记录表"]


def test_a_workbook_without_a_file_is_wrong_usage(run: Run) -> None:
    assert run("2026Q1", "--format", "xlsx").exit_code == 2


def test_a_scope_that_nobody_knows_is_refused(run: Run) -> None:
    assert isinstance(run("2026Q1", "--scope", "team:Nowhere").exception, Refused)


def test_a_senseless_period_is_wrong_usage(run: Run) -> None:
    assert run("2026Q9").exit_code == 2
