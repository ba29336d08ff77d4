"""Reports and reminders by real processes: whichever part is killed in the middle, each is made once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock, create_app, outbox
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.database import db, writing
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from salesboard.notify.models import Reminder
from salesboard.ops.upgrade import ensure_schema
from salesboard.outbox import Work, WorkState
from tests.conftest import make_settings
from tests.running import Running, lives
from tests.standing import make_deal
from tests.waiting import wait_until

REPORTS = 8
DEALS = 20


@pytest.fixture
def house(tmp_path: Path) -> Iterator[tuple[Flask, Running]]:
    """The whole installation under its supervisor, and an application of the test's own on the same database."""
    app = create_app(make_settings(tmp_path), TESTING=True)
    running = None
    with app.app_context():
        ensure_schema(app)
        try:
            running = Running(tmp_path, "serve")
            running.wait_until_ready()
            yield app, running
        finally:
            db.session.remove()
            db.engine.dispose()
            if running is not None:
                running.end()


@pytest.fixture
def supervisor(house: tuple[Flask, Running]) -> User:
    with writing():
        team = Team(name="North")
        db.session.add(team)
        people = [
            User.invite(f"{role}@example.com", role.title(), role, teams=[team], by=None, now=clock.now())
            for role in (Role.REP, Role.SUPERVISOR)
        ]
    for number in range(DEALS):
        make_deal(people[0], name=f"Line {number}", next_step="", next_due=None)
    return people[1]


def promise_everything(supervisor: User) -> None:
    """Some reports, and two morning sweeps of the same day."""
    now, today = clock.now(), installation().today
    with acting_as_system("a test asks"), writing():
        for month in range(1, REPORTS + 1):
            period = Period.parse(f"2026-{month:02}")
            Report.request(period, Scope(tuple(supervisor.teams)), by=supervisor, now=now)
        for _twice in range(2):
            outbox.promise("morning_sweep", int(f"{today:%Y%m%d}"), now=now)


def is_all_done() -> bool:
    db.session.rollback()
    waiting = select(func.count(Work.id)).where(Work.state != WorkState.DONE)
    return db.session.scalar(waiting) == 0


def kill_each_in_turn(running: Running, *names: str) -> None:
    for name in names:
        victim = running.parts()[name]
        for process in (*victim.children(recursive=True), victim):
            if lives(process):
                process.kill()
        wait_until(lambda part=name, gone=victim: running.parts().get(part) not in (None, gone), what=name)  # type: ignore[misc]


@pytest.mark.parametrize(
    "victims", [("worker", "redis", "ticker"), ("redis", "worker", "worker")], ids=" ".join
)
def test_each_is_made_once(
    house: tuple[Flask, Running],
    supervisor: User,
    victims: tuple[str, ...],
) -> None:
    _app, running = house
    promise_everything(supervisor)
    kill_each_in_turn(running, *victims)
    _let_leases_lapse()

    wait_until(is_all_done, within=60, what="all work")
    with acting_as_system("a test counts"):
        made = db.session.execute(select(Report.state, func.count()).group_by(Report.state)).all()
        told = db.session.execute(select(Reminder.kind, func.count()).group_by(Reminder.kind)).all()
    assert made == [("done", REPORTS)]
    assert dict(map(tuple, told)) == {"step_missing": DEALS, "report_ready": REPORTS}


def _let_leases_lapse() -> None:
    """What a killed worker had in hand would be taken over after a lease; the test does not wait that long."""
    with writing():
        for work in db.session.scalars(select(Work).where(Work.state == WorkState.LEASED)):
            work.lease_until = clock.now() - timedelta(seconds=1)
