"""Commands that run, check and fill an installation."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from salesboard import create_app
from salesboard.cli import application
from salesboard.config import Settings
from salesboard.errors import Refused

if TYPE_CHECKING:
    from flask import Flask


@click.command()
def serve() -> None:
    """Run everything: web, worker, ticker and, unless SALESBOARD_REDIS_URL is set, a private Redis."""
    from salesboard.ops.supervisor import run_all

    sys.exit(run_all(Settings.from_environment()))


@click.command()
def web() -> None:
    """Run the web part alone, for a service manager."""
    from salesboard.ops.web_server import run_web

    _run_part(run_web)


@click.command()
def worker() -> None:
    """Run a worker alone, for a service manager."""
    from salesboard.ops.worker import run_worker

    _run_part(run_worker)


@click.command()
def ticker() -> None:
    """Run the ticker alone, for a service manager."""
    from salesboard.ops.ticker import run_ticker

    _run_part(run_ticker)


def _run_part(run: Callable[[Callable[[], Flask], Settings], None]) -> None:
    """A part that is started by itself looks at the tables first; under `serve` that has been done."""
    from salesboard.ops import tether

    if not tether.is_held():
        from salesboard.database import db as database

        with application():
            database.engine.dispose()
    run(create_app, Settings.from_environment())


@click.group()
def db() -> None:
    """Look after the database."""


@db.command("upgrade")
def upgrade() -> None:
    """Run the migrations that are missing, after a copy of what is there (SQLite)."""
    from salesboard.ops.upgrade import bring_up_to_date

    app = create_app()
    with app.app_context():
        done = bring_up_to_date(app)
    if done is None:
        click.echo("up to date, nothing to do")
        return
    click.echo(f"upgraded from {done.from_revision or 'an empty database'} to {done.to_revision}")
    if done.copy:
        click.echo(f"what was there before is kept in {done.copy}")


@click.command()
@click.option("--chain", metavar="END", help="An end of the follow-ups' chain that was noted down earlier.")
def verify(chain: str | None) -> None:
    """Check the database and every rule that its rows must keep, and name what breaks one."""
    from salesboard.ops.verify import Noted, inspect_database

    position, _, digest = (chain or "").partition(":")
    if chain and not (position.isascii() and position.isdecimal() and len(position) < 16):
        raise click.BadParameter("it reads like 1204:3fa9…, as verify printed it", param_hint="--chain")
    with application():
        report = inspect_database(Noted(int(position), digest) if chain else None)
    for finding in report.findings:
        click.echo(str(finding))
    if report.findings:
        click.echo(
            f"salesboard: {len(report.findings)} of {report.checks} checks found something wrong", err=True
        )
        sys.exit(1)
    click.echo(f"clean: {report.checks} checks, {report.deals} deals, {report.followups} follow-ups")
    click.echo(f"the chain of follow-ups ends in {report.chain}")


@click.command()
def doctor() -> None:
    """Name settings and versions that are unsafe for production, one line each."""
    from salesboard.ops.doctor import Verdict, examine

    lines = examine(Settings.from_environment())
    for line in lines:
        click.echo(str(line))
    if any(line.verdict is Verdict.UNSAFE for line in lines):
        sys.exit(1)


@click.command()
@click.option(
    "--deals", default=120, show_default=True, type=click.IntRange(1, 200_000), help="How many deals."
)
@click.option("--seed", default=1, show_default=True, help="The same seed tells the same stories.")
@click.option(
    "--password-stdin", is_flag=True, help="Read a password, with which the invented people can sign in."
)
def demo(deals: int, seed: int, password_stdin: bool) -> None:
    """Fill an empty database with invented people, customers and deals."""
    from salesboard.accounts.passwords import hash_password, password_problem
    from salesboard.ops.demo import fill

    password = sys.stdin.readline().rstrip("\r\n") if password_stdin else ""
    if password_stdin and (problem := password_problem(password, email="", name="")):
        raise Refused(f"this password will not do: {problem.replace('_', ' ')}")
    with application():
        filled = fill(deals, seed, password_hash=hash_password(password) if password else None)
    click.echo(
        f"invented {filled.deals} deals of {filled.customers} customers with {filled.followups} notes, "
        f"for {len(filled.people)} people in {len(filled.teams)} teams"
    )


@click.group()
def keys() -> None:
    """The keys that sealed values and files lie under."""


@keys.command()
def rotate() -> None:
    """Put everything under a new key, while the board runs; the old key is forgotten at the end."""
    from salesboard.ops.keys import rotate as rotate_keys

    with application():
        count = rotate_keys()
    click.echo(f"{count} values and files are under the new key")
