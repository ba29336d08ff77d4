"""What runs when: each periodic piece of work once, however many tickers, clock jumps or restarts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import func, select

from jobs import schedule
from jobs.schedule import tick
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.insight.models import Report
from salesboard.installation import installation
from salesboard.notify.models import Reminder
from salesboard.outbox import HAND_OVER, Work, WorkState
from tests.standing import People

SHANGHAI = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 11, 23)

Freeze = Callable[[datetime], None]


def at(day: date, hour: int, minute: int = 0, zone: ZoneInfo = SHANGHAI) -> datetime:
    return datetime.combine(day, time(hour, minute), zone)


@pytest.fixture(autouse=True)
def no_redis(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is away: the ticker does all work itself."""

    class Away:
        def __call__(self, work_ids: list[int]) -> None:
            pass

        def send(self, work_ids: list[int]) -> bool:
            return False

    monkeypatch.setitem(app.extensions, HAND_OVER, Away())


def promised(kind: str) -> list[int]:
    db.session.rollback()
    return list(db.session.scalars(select(Work.subject_id).where(Work.kind == kind).order_by(Work.id)))


def test_a_tick_before_the_hour_promises_nothing(app: Flask, people: People, freeze: Freeze) -> None:
    freeze(at(MONDAY, 6, 59))
    tick(app)
    assert promised("morning_sweep") == promised("weekly_reports") == []

    freeze(at(MONDAY, 7))
    tick(app)
    assert (promised("morning_sweep"), promised("weekly_reports")) == ([], [20261123])

    freeze(at(MONDAY, 8))
    tick(app)
    assert promised("morning_sweep") == [20261123]


def test_two_tickers_make_one(app: Flask, people: People, freeze: Freeze) -> None:
    freeze(at(MONDAY, 8))
    tick(app)
    tick(app)
    freeze(at(MONDAY, 8, 1))
    tick(app)

    assert promised("morning_sweep") == [20261123]


def test_tickers_of_the_same_moment_make_one(
    app: Flask, people: People, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both looked before either wrote: the unique key decides."""
    freeze(at(MONDAY, 8))
    look = outbox.kept

    def look_and_be_overtaken(keys: list[str]) -> set[str]:
        found = look(keys)
        monkeypatch.setattr(schedule.outbox, "kept", look)
        tick(app)
        return found

    monkeypatch.setattr(schedule.outbox, "kept", look_and_be_overtaken)
    tick(app)

    assert promised("morning_sweep") == [20261123]


def test_a_clock_that_jumps_back_and_forth_makes_each_day_once(
    app: Flask, people: People, freeze: Freeze
) -> None:
    for day in (23, 24, 23, 25, 23, 24):
        freeze(at(date(2026, 11, day), 8))
        tick(app)

    assert promised("morning_sweep") == [20261123, 20261124, 20261125]


def test_the_installations_zone_decides(app: Flask, people: People, freeze: Freeze) -> None:
    with writing():
        installation().timezone = "America/New_York"
    freeze(at(MONDAY, 12))
    tick(app)
    assert promised("morning_sweep") == []

    freeze(at(MONDAY, 8, zone=ZoneInfo("America/New_York")))
    tick(app)
    assert promised("morning_sweep") == [20261123]


def test_work_that_is_due_is_done_here_while_redis_is_away(
    app: Flask, people: People, make_deal, freeze: Freeze
) -> None:
    freeze(at(MONDAY, 8))
    make_deal(people.owner, next_step="", next_due=None)
    tick(app)

    assert db.session.scalars(select(Work.state).where(Work.kind == "morning_sweep")).all() == [
        WorkState.DONE
    ]
    with acting_as_system("the test looks"):
        assert db.session.scalar(select(func.count(Reminder.id))) == 1


def test_each_team_with_deals_gets_last_weeks_report_once(
    app: Flask, people: People, make_deal, freeze: Freeze
) -> None:
    freeze(at(MONDAY - timedelta(days=3), 12))
    make_deal(people.owner)
    freeze(at(MONDAY, 7))
    tick(app)
    tick(app)
    tick(app)

    with acting_as_system("the test looks"):
        made = db.session.scalars(select(Report)).all()
        assert [(report.scope.key, report.period_key, report.state) for report in made] == [
            ("team:North", "2026W47", "done")
        ]
        readers = db.session.scalars(select(Reminder.person_id).where(Reminder.report_id == made[0].id)).all()
    assert readers == [people.supervisor.id]


def test_a_morning_that_is_over_is_left_to_its_successor(
    app: Flask, people: People, make_deal, freeze: Freeze
) -> None:
    freeze(at(MONDAY, 8))
    make_deal(people.owner, next_step="", next_due=None)
    with writing():
        outbox.promise("morning_sweep", 20261120, now=clock.now())
    tick(app)

    with acting_as_system("the test looks"):
        assert db.session.scalars(select(Reminder.day)).all() == [MONDAY]
