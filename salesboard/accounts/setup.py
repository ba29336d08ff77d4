"""The first start: a one-time code proves that whoever sets the installation up also has its terminal."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from flask import Flask, current_app, g, has_request_context
from flask_babel import gettext as _
from sqlalchemy import exists, select

from salesboard.access import Role
from salesboard.accounts.models import Team, User
from salesboard.config import Settings
from salesboard.database import db
from salesboard.errors import Refused
from salesboard.installation import Installation, installation
from salesboard.own_files import write_once

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Without the characters that are taken for one another: 8 of these are 40 bits."""


def is_set_up() -> bool:
    """Whether there is somebody who can sign in, or the set-up was done; from then on `/setup` is closed."""
    if has_request_context() and g.get("is_set_up"):
        return True
    done = installation().set_up_at is not None or _somebody_can_sign_in()
    if has_request_context():
        g.is_set_up = done
    return done


def code_if_needed(app: Flask) -> str | None:
    """The one-time code, made where there was none; None once the installation is set up. Needs the app's context."""
    path = _code_file(app.config["SETTINGS"])
    if is_set_up():
        path.unlink(missing_ok=True)
        return None
    if not path.exists():
        write_once(path, "".join(secrets.choice(ALPHABET) for _place in range(8)))
    code = path.read_text("ascii").strip()
    return f"{code[:4]}-{code[4:]}"


def is_right_code(typed: str) -> bool:
    """Whether `typed` is the one-time code, however it is spaced; compared in constant time."""
    right = code_if_needed(current_app)
    return right is not None and hmac.compare_digest(_plain(typed).encode(), _plain(right).encode())


@dataclass(frozen=True, kw_only=True)
class FirstFacts:
    """What the set-up page asks, the password already hashed."""

    name: str
    email: str
    password_hash: str
    team_name: str
    currency: str
    timezone: str
    locale: str


def set_up(facts: FirstFacts, now: datetime) -> User:
    """Makes the installation, the first team and the first admin. Raises Refused where that was done already."""
    if installation().set_up_at is not None or _somebody_can_sign_in():
        raise Refused(_("The set-up is done already: sign in."))
    Installation.establish(
        name=facts.team_name,
        currency=facts.currency,
        timezone=facts.timezone,
        locale=facts.locale,
        now=now,
    )
    team = db.session.scalar(select(Team).where(Team.name == " ".join(facts.team_name.split())))
    team = team or Team.found(facts.team_name, by=None, now=now)
    admin = User.with_email(facts.email)
    if admin is None:
        admin = User.invite(facts.email, facts.name, Role.ADMIN, teams=[team], by=None, now=now)
    else:  # an import made the account of an owner whom it did not know yet
        admin.name, admin.role, admin.teams = facts.name, Role.ADMIN, [team]
    admin.locale = facts.locale
    admin.set_password(facts.password_hash, by=None, now=now)
    return admin


def forget_code() -> None:
    """Once the set-up is committed the code is worth nothing."""
    _code_file(current_app.config["SETTINGS"]).unlink(missing_ok=True)


def _somebody_can_sign_in() -> bool:
    return bool(
        db.session.scalar(
            select(exists().where(User.password_hash.is_not(None), User.deactivated_at.is_(None)))
        )
    )


def _plain(code: str) -> str:
    return "".join(char for char in code.upper() if char.isalnum())


def _code_file(settings: Settings) -> Path:
    return settings.data_dir / "setup.code"
