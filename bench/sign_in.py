"""Whether a refused sign-in tells by its time that an account exists (TRUST.md, row 15: medians within 5 ms)."""

from __future__ import annotations

import logging
import tempfile
import time

from flask_migrate import upgrade

from bench.timing import Spread
from salesboard import clock, create_app
from salesboard.access import Role
from salesboard.accounts.models import User
from salesboard.accounts.passwords import hash_password
from salesboard.config import Settings
from salesboard.database import writing
from salesboard.extensions import limiter
from salesboard.installation import Installation

KNOWN, UNKNOWN = "known@example.com", "unknown@example.com"
TIMES = 100


def rows() -> list[str]:
    """The page's time for a known and an unknown address, in turn, so that the machine's moods fall on both."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings.from_environment({"SALESBOARD_DATA": folder})
        app = create_app(settings, WTF_CSRF_ENABLED=False)
        app.logger.setLevel(logging.ERROR)
        with app.app_context():
            upgrade()
            one_account(KNOWN, password="a few unrelated words")
        client = app.test_client()
        seconds: dict[str, list[float]] = {KNOWN: [], UNKNOWN: []}
        for _time in range(TIMES + 5):
            for email, taken in seconds.items():
                limiter.reset()
                began = time.perf_counter()
                answer = client.post("/sign-in", data={"email": email, "password": "a wrong password"})
                taken.append(time.perf_counter() - began)
                assert answer.status_code == 422
    known, unknown = (Spread.of(taken[5:]) for taken in seconds.values())
    return [
        f"| sign-in refused, known account: ms median / p95 | {known} |",
        f"| sign-in refused, unknown account | {unknown} |",
        f"| the medians apart, ms | {abs(known.median - unknown.median):.1f} |",
    ]


def one_account(email: str, *, password: str) -> None:
    """A new installation with one representative who may sign in."""
    now, password_hash = clock.now(), hash_password(password)
    with writing():
        Installation.establish(name="Bench", currency="CNY", timezone="Asia/Shanghai", locale="en", now=now)
        person = User.invite(email, "Known", Role.REP, teams=[], by=None, now=now)
        person.set_password(password_hash, by=None, now=now)
