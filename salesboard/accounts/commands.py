"""Accounts from the terminal."""

from __future__ import annotations

import sys

import click
from flask_babel import force_locale
from sqlalchemy import select

from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.emails import is_email
from salesboard.accounts.models import Team, User
from salesboard.accounts.passwords import (
    LONGEST_PASSWORD,
    SHORTEST_PASSWORD,
    PasswordProblem,
    hash_password,
    password_problem,
)
from salesboard.accounts.setup import forget_code, is_set_up
from salesboard.cli import application
from salesboard.config import Settings
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.installation import Installation

PROBLEMS = {
    PasswordProblem.TOO_SHORT: f"the password needs at least {SHORTEST_PASSWORD} characters",
    PasswordProblem.TOO_LONG: f"the password may have at most {LONGEST_PASSWORD} characters",
    PasswordProblem.COMMON: "this password is among the first that guessers try",
    PasswordProblem.PERSONAL: "the password is the person's own name or address",
}


@click.group()
def user() -> None:
    """Look after accounts."""


@user.command()
@click.argument("email")
@click.option("--name", required=True, help="How the person is called.")
@click.option("--role", required=True, type=click.Choice([str(role) for role in Role]))
@click.option("--team", help="The team to join; made if it is new.")
@click.option("--password-stdin", is_flag=True, required=True, help="Read the password from standard input.")
def create(email: str, name: str, role: str, team: str | None, password_stdin: bool) -> None:
    """Make an account that can sign in at once."""
    password = sys.stdin.readline().rstrip("\r\n")
    with application() as app, force_locale("en"):
        _refuse_senseless(email, name, team, password)
        password_hash, now = hash_password(password), clock.now()
        with writing():
            if not is_set_up():
                _set_up_with_defaults(app.config["SETTINGS"])
            person = User.invite(email, name, Role(role), teams=_team(team), by=None, now=now)
            person.set_password(password_hash, by=None, now=now)
        forget_code()
        click.echo(f"{person.email} can sign in as {person.role}")


def _refuse_senseless(email: str, name: str, team: str | None, password: str) -> None:
    if not is_email(email.strip()):
        raise Refused(f"{email!r} is not an e-mail address")
    for what, text in (("name", name), ("team", team)):
        if text is not None and (not text.strip() or len(text) > 80 or "\x00" in text):
            raise Refused(f"the {what} must have 1 to 80 characters")
    problem = password_problem(password, email=email, name=name)
    if problem is not None:
        raise Refused(PROBLEMS[problem])


def _team(name: str | None) -> list[Team]:
    if name is None:
        return []
    name = " ".join(name.split())
    there = db.session.scalar(select(Team).where(Team.name == name))
    return [there or Team.found(name, by=None, now=clock.now())]


def _set_up_with_defaults(settings: Settings) -> None:
    """The first account from the terminal takes the place of the set-up page; everything can be changed later."""
    Installation.establish(
        name="salesboard",
        currency=settings.currency,
        timezone=settings.timezone,
        locale=settings.locale,
        now=clock.now(),
    )
