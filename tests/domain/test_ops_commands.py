"""The commands of ops: what they print, what they refuse, how they exit."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from pysqlite3 import dbapi2

from salesboard import cli
from salesboard.cli import COMMANDS

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Runs `salesboard …` on a database of its own: exit status, output, errors."""
    monkeypatch.setenv("SALESBOARD_DATA", str(tmp_path / "data"))
    for name in ("DATABASE_URL", "REDIS_URL", "BASE_URL", "HOST"):
        monkeypatch.delenv(f"SALESBOARD_{name}", raising=False)

    def command(*words: str, typed: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["salesboard", *words])
        monkeypatch.setattr(sys, "stdin", io.StringIO(typed))
        try:
            cli.main()
            status = 0
        except SystemExit as end:
            status = int(end.code or 0)
        return status, *capsys.readouterr()

    return command


def test_demo_fills_and_verify_is_clean(run: Run) -> None:
    status, output, _ = run("demo", "--deals", "25", "--seed", "4")
    assert (status, output.split()[:3]) == (0, ["invented", "25", "deals"])
    status, output, _ = run("verify")
    assert status == 0
    assert output.startswith("clean: ")
    assert "25 deals" in output
    end = output.split()[-1]
    assert run("verify", "--chain", end)[0] == 0
    status, output, _ = run("verify", "--chain", end[:-1] + "x")
    assert (status, output.split()[0]) == (1, "noted:")
    assert run("verify", "--chain", "words")[0] == 2


def test_demo_on_a_filled_database_is_refused_in_one_line(run: Run) -> None:
    run("demo", "--deals", "5")
    status, output, errors = run("demo")
    assert (status, output) == (1, "")
    assert errors.startswith("salesboard: this database holds invented records already")
    assert errors.count("\n") == 1


def test_a_weak_password_for_the_invented_people_is_refused(run: Run) -> None:
    status, _, errors = run("demo", "--password-stdin", typed="short\n")
    assert (status, errors) == (1, "salesboard: this password will not do: too short\n")


def test_verify_names_what_is_broken_and_exits_with_1(run: Run, tmp_path: Path) -> None:
    run("demo", "--deals", "5")
    broken = dbapi2.connect(str(tmp_path / "data" / "salesboard.db"))
    number = broken.execute("SELECT min(number) FROM deals").fetchone()[0]
    broken.execute("UPDATE deals SET worth = worth + 1 WHERE number = ?", (number,))
    broken.commit()
    broken.close()
    status, output, errors = run("verify")
    assert status == 1
    assert output.startswith("worth: 1 break the rule that ")
    assert number in output
    assert "found something wrong" in errors


def test_db_upgrade_says_what_it_did(run: Run) -> None:
    status, output, _ = run("db", "upgrade")
    assert (status, output[:-5]) == (0, "upgraded from an empty database to ")
    assert run("db", "upgrade")[:2] == (0, "up to date, nothing to do\n")


def test_doctor_prints_lines_and_exits_with_1_where_something_is_unsafe(run: Run) -> None:
    status, output, _ = run("doctor")
    assert status == 1
    assert all(line.split()[0] in ("ok", "note", "unsafe") for line in output.splitlines())
    assert "unsafe  SALESBOARD_BASE_URL" in output


def test_a_senseless_setting_is_refused_in_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESBOARD_PORT", "eighty")
    status, _, errors = run("verify")
    assert status == 1
    assert errors.startswith("salesboard: SALESBOARD_PORT='eighty'")


def test_wrong_usage_exits_with_2(run: Run) -> None:
    assert run("demo", "--deals", "none")[0] == 2
    assert run("nonsense")[0] == 2


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(run: Run, name: str) -> None:
    status, output, _ = run(name, "--help")
    assert status == 0
    assert output.startswith("Usage: ")
    command = cli.cli.get_command(click.Context(cli.cli), name)
    assert command is not None
    assert command.help
