"""`salesboard user create`, on a database of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from salesboard import create_app
from salesboard.access import Role
from salesboard.accounts.models import Team, User
from salesboard.accounts.passwords import password_matches
from salesboard.accounts.setup import code_if_needed
from salesboard.cli import cli
from salesboard.database import db
from salesboard.errors import Refused

PASSWORD = "a few unrelated words"


@pytest.fixture
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    for name in [name for name in os.environ if name.startswith("SALESBOARD_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SALESBOARD_DATA", str(tmp_path))
    return tmp_path


def create(email: str, *options: str, password: str = PASSWORD) -> Result:
    given = ["--name", "Olive", "--role", "rep", "--password-stdin", *options]
    return CliRunner().invoke(cli, ["user", "create", email, *given], input=f"{password}\n")


def test_the_first_account_sets_the_board_up(data: Path) -> None:
    result = create("Olive@Example.com", "--role", "admin", "--team", "东区")
    assert (result.exit_code, result.output) == (0, "olive@example.com can sign in as admin\n")
    assert create("tom@example.com", "--team", "东区").exit_code == 0
    app = create_app()
    with app.app_context():
        olive, tom = db.session.scalars(db.select(User).order_by(User.id))
        assert (olive.role, tom.role) == (Role.ADMIN, Role.REP)
        assert password_matches(olive.password_hash, PASSWORD)
        assert [team.name for team in db.session.scalars(db.select(Team))] == ["东区"]
        assert code_if_needed(app) is None
        db.engine.dispose()


@pytest.mark.parametrize(
    ("email", "options", "password", "words"),
    [
        ("olive@example.com", [], "short", "at least 12 characters"),
        ("olive@example.com", [], "", "at least 12 characters"),
        ("olive@example.com", [], "password1234", "first that guessers try"),
        ("olive@example.com", [], "olive@example.com", "own name or address"),
        ("nobody", [], PASSWORD, "not an e-mail address"),
        ("olive@example.com", ["--name", " "], PASSWORD, "1 to 80 characters"),
        ("olive@example.com", ["--team", "x" * 81], PASSWORD, "1 to 80 characters"),
    ],
)
def test_what_makes_no_sense_is_refused(
    data: Path, email: str, options: list[str], password: str, words: str
) -> None:
    result = create(email, *options, password=password)
    assert isinstance(result.exception, Refused)
    assert words in str(result.exception)


def test_an_address_is_taken_once(data: Path) -> None:
    create("olive@example.com")
    result = create("OLIVE@example.com")
    assert isinstance(result.exception, Refused)
    assert "already" in str(result.exception)


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["olive@example.com", "--name", "O", "--role", "boss", "--password-stdin"], 2),
        (["olive@example.com"], 2),
    ],
)
def test_wrong_usage_is_told_apart(data: Path, arguments: list[str], status: int) -> None:
    assert CliRunner().invoke(cli, ["user", "create", *arguments]).exit_code == status


def test_a_refusal_is_one_line_on_stderr_and_exit_1(data: Path) -> None:
    command = [sys.executable, "-m", "salesboard", "user", "create", "olive@example.com"]
    options = ["--name", "O", "--role", "rep", "--password-stdin"]
    done = subprocess.run([*command, *options], input="short\n", text=True, capture_output=True, check=False)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "salesboard: the password needs at least 12 characters\n"
