"""Reports made by themselves, of the periods that a team chose; and a report that is called off."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import reports as report_jobs
from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as_system
from salesboard.accounts.models import Team
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.insight.models import Report, ReportState
from salesboard.insight.periods import Period
from salesboard.insight.schedules import periods_over
from salesboard.insight.scopes import Scope
from salesboard.notify.models import Reminder
from salesboard.notify.rules import ReminderKind
from salesboard.outbox import Work
from tests.browsing import Browser
from tests.standing import People, make_deal

ClientAs = Callable[..., Browser]
MOMENT = datetime(2026, 7, 1, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def at_a_standstill(freeze: Callable[[datetime], None]) -> None:
    freeze(MOMENT)


def north() -> int:
    with acting_as_system("a test looks"):
        return db.session.scalars(select(Team.id).order_by(Team.id)).first() or 0


def work_through() -> None:
    for work_id in outbox.due(clock.now()):
        perform(work_id)


def asked_by_the_clock(kind: str, day: int) -> list[str]:
    with writing():
        outbox.promise(kind, day, now=clock.now())
    work_through()
    with acting_as_system("a test looks"):
        db.session.rollback()
        made = select(Report.period_key).where(Report.requested_by_id.is_(None))
        return sorted(db.session.scalars(made))


def state_of(report_id: int) -> ReportState:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return db.session.get_one(Report, report_id).state


def test_which_periods_are_over_on_a_day() -> None:
    def over(year: int, month: int, day: int) -> list[str]:
        return [period.key for period in periods_over(date(year, month, day))]

    assert over(2026, 7, 1) == ["2026-06", "2026Q2", "2026H1"]
    assert over(2026, 5, 6) == ["2026-04"]
    assert over(2027, 1, 4) == ["2026-12", "2026Q4", "2026H2", "2026"]


@pytest.mark.databases("sqlite", "postgresql")
def test_what_a_team_chose_is_made_once_and_its_supervisor_told(
    app: Flask, people: People, client_as: ClientAs, freeze: Callable[[datetime], None]
) -> None:
    freeze(datetime(2026, 6, 10, 1, tzinfo=UTC))
    make_deal(people.owner, Stage.INTENT)
    freeze(MOMENT)
    name = f"team{north()}-kinds"
    browser = client_as(people.supervisor)
    browser.post("/reports/schedule", {name: ["month", "half"]}, status=303)
    page = browser.get("/reports/schedule").get_data(True)
    assert page.count(" checked") == 2

    assert asked_by_the_clock("period_reports", 20260701) == ["2026-06", "2026H1"]
    assert asked_by_the_clock("period_reports", 20260702) == ["2026-06", "2026H1"]
    assert asked_by_the_clock("weekly_reports", 20260706) == ["2026-06", "2026H1"]
    with acting_as_system("a test looks"):
        told = select(Reminder.person_id).where(Reminder.kind == ReminderKind.REPORT_READY)
        assert set(db.session.scalars(told)) == {people.supervisor.id}


def test_a_week_is_made_where_nobody_chose(app: Flask, people: People) -> None:
    make_deal(people.owner, Stage.INTENT)
    assert asked_by_the_clock("period_reports", 20260701) == []
    assert asked_by_the_clock("weekly_reports", 20260706) == ["2026W27"]


def test_only_known_kinds_and_one_s_own_teams_are_chosen(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.supervisor)
    browser.post("/reports/schedule", {f"team{north()}-kinds": ["day"]}, status=422)
    browser.post("/reports/schedule", {"team999-kinds": ["month"]}, status=303)
    client_as(people.owner).get("/reports/schedule", status=403)


def asked(people: People) -> int:
    with acting_as_system("a test asks"), writing():
        scope = Scope(person=people.owner)
        return Report.request(Period.parse("2026Q2"), scope, by=people.supervisor, now=clock.now()).id


@pytest.mark.databases("sqlite", "postgresql")
def test_a_report_called_off_in_the_middle_stops_and_can_be_made_after_all(
    people: People, client_as: ClientAs, monkeypatch: pytest.MonkeyPatch
) -> None:
    report_id, browser = asked(people), client_as(people.supervisor)
    evaluate = report_jobs.evaluate

    def meanwhile(*args, after_step, **options):  # type: ignore[no-untyped-def]
        def told(step: int) -> None:
            if step == 2:
                browser.post(f"/reports/{report_id}/cancellation", status=303)
            assert step < 3, "nothing is read for a report that nobody waits for"
            after_step(step)

        return evaluate(*args, after_step=told, **options)

    monkeypatch.setattr(report_jobs, "evaluate", meanwhile)
    work_through()
    assert state_of(report_id) is ReportState.FAILED
    assert "Called off" in browser.get(f"/reports/{report_id}").get_data(True)
    with acting_as_system("a test looks"):
        assert set(db.session.scalars(select(Work.state).where(Work.kind == "report"))) == {"done"}

    monkeypatch.setattr(report_jobs, "evaluate", evaluate)
    browser.post(f"/reports/{report_id}/attempts", status=303)
    work_through()
    assert state_of(report_id) is ReportState.DONE
    browser.post(f"/reports/{report_id}/cancellation", status=303)
    assert state_of(report_id) is ReportState.DONE


def test_a_report_called_off_before_anybody_began_is_left_alone(people: People, client_as: ClientAs) -> None:
    report_id = asked(people)
    client_as(people.owner).post(f"/reports/{report_id}/cancellation", status=422)
    client_as(people.supervisor).post(f"/reports/{report_id}/cancellation", status=303)
    work_through()
    assert state_of(report_id) is ReportState.FAILED
