"""Reminders that go out by mail while worker, ticker and Redis are killed and Redis is emptied, at random.

Each is given in a transaction as a verb would; a real mail server of the bench counts what comes. Run alone by
`python -m bench.reminders [NUMBER]`: it takes as long as the machine needs to send so many.
"""

from __future__ import annotations

import random
import sys
import tempfile
import threading
import time
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

import psutil
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from redis import Redis, RedisError
from sqlalchemy import func, select

from bench.server import environment, free_port, salesboard
from salesboard import clock, create_app
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import User
from salesboard.config import Settings
from salesboard.database import db, writing
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import HOURS, Delivery
from salesboard.notify.models import Reminder
from salesboard.notify.rules import ReminderKind
from salesboard.ops import private_redis
from salesboard.outbox import Work, WorkState
from tests.running import Running

PEOPLE = 100
KINDS = (ReminderKind.HOUSEKEEPING, ReminderKind.ACCESS_REVIEW)
LONGEST_PAUSE = 24.0
"""Seconds between two kills at most; the parts need some to stand again."""

BACKLOG = 100
"""So many wait at most before more are given: what is measured is recovery, not a queue that the bench made itself."""

RECOVERED_WITHIN = 60.0


class Counting:
    """A mail server that counts each message by its Message-ID."""

    def __init__(self) -> None:
        self.came: Counter[str] = Counter()

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802
        content = envelope.content if isinstance(envelope.content, bytes) else b""
        head = content[:4000].decode("utf-8", "replace").replace("\r\n", "\n")
        self.came[head.partition("Message-ID: ")[2].partition("\n")[0].strip()] += 1
        return "250 OK"


@dataclass
class Outcome:
    """What was given, what came, and how often what was killed."""

    given: int = 0
    recorded: int = 0
    came: int = 0
    doubled: int = 0
    dead: int = 0
    kills: Counter[str] = field(default_factory=Counter)
    seconds: float = 0.0
    drained_in: float = 0.0
    longest_wait: float = 0.0


def rows(number: int = 10_000) -> list[str]:
    found = run(number)
    kills = ", ".join(f"{name} {count}" for name, count in sorted(found.kills.items()))
    return [
        f"| reminders given in {found.seconds:.0f} s | {found.given} |",
        f"| killed with -9, or emptied | {kills} |",
        f"| recorded, lost, given up | {found.recorded}, {found.given - found.came}, {found.dead} |",
        f"| mails that came twice, each with the same Message-ID | {found.doubled} |",
        f"| all there after the last kill: s | {found.drained_in:.1f} |",
        f"| the longest between given and sent, kills included: s | {found.longest_wait:.1f} |",
    ]


def run(number: int) -> Outcome:
    """A fresh installation in which people's mailboxes are told everything at once."""
    mails, port, outcome = Counting(), free_port(), Outcome()
    server = Controller(mails, hostname="127.0.0.1", port=port)
    server.start()
    with tempfile.TemporaryDirectory(prefix="salesboard-bench-") as folder:
        data_dir = Path(folder)
        salesboard(data_dir, "db", "upgrade")
        mail = {"SALESBOARD_SMTP_URL": f"smtp://127.0.0.1:{port}", "SALESBOARD_BASE_URL": "http://127.0.0.1"}
        app = create_app(Settings.from_environment({**environment(data_dir, 8000), **mail}))
        running = Running(data_dir, "serve", port=free_port(), under=(), **mail)
        try:
            running.wait_until_ready()
            with app.app_context(), acting_as_system("the bench gives reminders"):
                _through_kills(app, running, mails, number, outcome)
        finally:
            running.end()
            server.stop()
    return outcome


def _through_kills(app: Flask, running: Running, mails: Counting, number: int, outcome: Outcome) -> None:
    people = _people()
    is_over = threading.Event()
    killer = threading.Thread(target=_kill, args=(app, running, is_over, outcome.kills))
    began = time.monotonic()
    killer.start()
    for place in range(number):
        _give(people[place % PEOPLE], place // PEOPLE)
        outcome.given += 1
        while outcome.given - len(mails.came) > BACKLOG:
            time.sleep(0.05)
    is_over.set()
    killer.join()
    outcome.seconds, last_kill = time.monotonic() - began, time.monotonic()
    while _waiting() and time.monotonic() - last_kill < 10 * RECOVERED_WITHIN:
        time.sleep(0.1)
    outcome.drained_in = time.monotonic() - last_kill
    outcome.came, outcome.doubled = len(mails.came), sum(mails.came.values()) - len(mails.came)
    outcome.recorded = db.session.scalar(select(func.count(Reminder.id))) or 0
    outcome.dead = db.session.scalar(select(func.count(Work.id)).where(Work.state == WorkState.DEAD)) or 0
    sent = db.session.execute(select(Delivery.due_at, Delivery.sent_at)).all()
    waits = [(row.sent_at - row.due_at).total_seconds() for row in sent if row.sent_at is not None]
    outcome.longest_wait = max(waits, default=0.0)


def _people() -> list[int]:
    """Who get reminders: their mailboxes are on, at every hour, for everything at once."""
    now, ids = clock.now(), []
    for place in range(PEOPLE):
        with writing():
            person = User.invite(f"p{place}@example.com", f"P {place}", Role.REP, teams=[], by=None, now=now)
            person.prefer(**{HOURS: {"quiet_from": "00:00", "quiet_until": "00:00"}})
            channel = Channel.open_mailbox(person, now=now)
            channel.choose({str(kind): "now" for kind in KINDS})
            ids.append(person.id)
    return ids


def _give(person_id: int, turn: int) -> None:
    now = clock.now()
    day = date(2026, 1, 1) + timedelta(days=turn // len(KINDS))
    kind = KINDS[turn % len(KINDS)]
    with writing():
        Reminder.give(
            [{"person_id": person_id, "kind": kind, "day": day, "details": {}, "created_at": now}], now=now
        )
    db.session.remove()


def _waiting() -> int:
    db.session.rollback()
    left = select(func.count(Work.id)).where(Work.state.in_((WorkState.READY, WorkState.LEASED)))
    return db.session.scalar(left.where(Work.kind == "delivery")) or 0


def _kill(app: Flask, running: Running, is_over: threading.Event, kills: Counter[str]) -> None:
    chance = random.Random(4)
    while not is_over.wait(chance.uniform(1.0, LONGEST_PAUSE)):
        name = chance.choice(("worker", "ticker", "redis", "emptied"))
        if name == "emptied":
            with suppress(RedisError), Redis.from_url(private_redis.address(app.config["SETTINGS"])) as redis:
                redis.flushall()
                kills["Redis emptied"] += 1
            continue
        part = running.parts().get(name)
        if part is not None:
            with suppress(psutil.NoSuchProcess):
                for victim in (*part.children(recursive=True), part):
                    victim.kill()
                kills[name] += 1


if __name__ == "__main__":
    print("\n".join(rows(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)))
