"""Measures of a report: tasks of whoever has them, done by saying what came of them, told in the next report."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import Role, acting_as, acting_as_system
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.insight.facts import RowSet
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.notify.morning import find_reminders
from salesboard.notify.rules import ReminderKind
from salesboard.ops.leaving import HandOver
from salesboard.ops.verify import inspect_database
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.browsing import Browser
from tests.standing import People, make_deal

ClientAs = Callable[..., Browser]
MARCH, APRIL = datetime(2026, 4, 2, 1, tzinfo=UTC), datetime(2026, 5, 4, 1, tzinfo=UTC)
MEASURE = {"what": "One page for clarifications", "due_on": "2026-04-10"}


@pytest.fixture
def report(app: Flask, people: People, freeze: Callable[[datetime], None]) -> int:
    """A finished report of March about the owner."""
    freeze(MARCH)
    return made(people, "2026-03")


def made(people: People, period: str) -> int:
    with acting_as_system("a test asks"), writing():
        scope = Scope(person=people.owner)
        asked = Report.request(Period.parse(period), scope, by=people.owner, now=clock.now()).id
    for work_id in outbox.due(clock.now()):
        perform(work_id)
    return asked


def measure() -> Task:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return db.session.scalars(select(Task).where(Task.kind == TaskKind.MEASURE)).one()


def decided(people: People, client_as: ClientAs, report: int) -> Task:
    sent = MEASURE | {"owner": str(people.owner.id)}
    client_as(people.supervisor).post(f"/reports/{report}/measures", sent, status=303)
    return measure()


@pytest.mark.databases("sqlite", "postgresql")
def test_a_measure_is_a_task_of_its_owner_and_done_by_what_came_of_it(
    people: People, client_as: ClientAs, report: int
) -> None:
    task = decided(people, client_as, report)
    decided(people, client_as, report)  # the same sent twice is one
    browser = client_as(people.owner)
    for page in ("/today", "/today/week?of=2026-04-10", f"/reports/{report}"):
        assert "One page for clarifications" in browser.get(page).get_data(True), page

    address = f"/tasks/{task.id}/note"
    assert "What came of it" in browser.get(address).get_data(True)
    browser.post(address, {"outcome": " ", "version": "1"}, status=422)
    browser.post(address, {"outcome": "x" * 501, "version": "1"}, status=422)
    told = {"outcome": "Answers come within two days"}
    stale = browser.post(address, told | {"version": "7"}, status=409).get_data(True)
    assert "Answers come within two days" in stale
    browser.post(address, told | {"version": "1"}, status=303)

    done = measure()
    assert (done.state, done.done_on, done.outcome) == (TaskState.DONE, date(2026, 4, 2), told["outcome"])
    page = client_as(people.supervisor).get(f"/reports/{report}").get_data(True)
    assert "Done on Apr 2" in page
    assert "Answers come within two days" in page
    browser.post(address, told | {"version": "2"}, status=422)
    assert inspect_database().findings == []


@pytest.mark.databases("sqlite", "postgresql")
def test_the_next_report_tells_how_the_measure_stood_and_goes_on_telling_so(
    people: People, client_as: ClientAs, report: int, freeze: Callable[[datetime], None]
) -> None:
    task = decided(people, client_as, report)
    freeze(APRIL)
    following = made(people, "2026-04")
    address = f"/reports/{following}"
    browser = client_as(people.owner)
    assert "24 days late" in browser.get(address).get_data(True)

    told = {"outcome": "Answers come within two days", "version": str(task.version)}
    browser.post(f"/tasks/{task.id}/note", told, status=303)
    page = browser.get(address).get_data(True)
    assert "24 days late" in page
    assert "Measures of earlier reports" in page
    assert "Measures of earlier reports" not in browser.get(f"/reports/{report}").get_data(True)
    later = made(people, "2026-05")
    assert "Answers come within two days" in browser.get(f"/reports/{later}").get_data(True)


def test_a_measure_stands_where_tasks_stand(
    people: People, client_as: ClientAs, report: int, freeze: Callable[[datetime], None]
) -> None:
    task = decided(people, client_as, report)
    make_deal(people.owner)
    browser = client_as(people.owner)
    with acting_as_system("a test prepares"), writing():
        token = CalendarAddress.make(db.session.get_one(User, people.owner.id), clock.now())
    calendar = browser.get(f"/calendar/{token}.ics").get_data(True)
    assert "One page for clarifications" in calendar
    browser.post(
        f"/tasks/{task.id}/day", {"due_on": "2026-04-13", "reason": "A fair", "version": "1"}, status=303
    )
    freeze(datetime(2026, 4, 15, 1, tzinfo=UTC))
    with acting_as_system("a test looks"):
        found = find_reminders(date(2026, 4, 15), clock.now())
    told = [(row["kind"], row["person_id"]) for row in found if row.get("task_id") == task.id]
    assert told == [(ReminderKind.TASK_LATE, people.owner.id)]
    assert "One page for clarifications" in client_as(people.supervisor).get("/team").get_data(True)
    report_id = made(people, "2026-04")
    with acting_as_system("a test looks"):
        rows = db.session.get_one(Report, report_id).rows(RowSet.TASKS)
    assert all(row.customer for row in rows), "tasks on time are about customers"


def test_a_measure_goes_to_the_heir(people: People, client_as: ClientAs, report: int) -> None:
    task = decided(people, client_as, report)
    with acting_as_system("a test hands over"), writing():
        gone = HandOver.carry_out(people.owner, [people.teammate], by=people.admin, now=clock.now())
    assert measure().owner_id == people.teammate.id
    assert task.what in client_as(people.admin).get(f"/admin/hand-overs/{gone.id}").get_data(True)


@pytest.mark.parametrize(
    "wrong",
    [{"what": ""}, {"due_on": "2026-04-01"}, {"due_on": "soon"}, {"owner": "outsider"}, {"owner": ""}],
    ids=str,
)
def test_what_is_senseless_is_refused_and_stays_in_the_form(
    people: People, client_as: ClientAs, report: int, wrong: dict[str, str]
) -> None:
    sent = MEASURE | {"owner": str(people.owner.id)} | wrong
    if sent["owner"] == "outsider":
        sent["owner"] = str(people.outsider.id)
    page = client_as(people.owner).post(f"/reports/{report}/measures", sent, status=422).get_data(True)
    assert sent["what"] in page
    with acting_as_system("a test looks"):
        assert db.session.scalars(select(Task.id)).all() == []


def test_who_does_not_look_after_the_owner_may_not_do_it(
    people: People, client_as: ClientAs, report: int
) -> None:
    task = decided(people, client_as, report)
    client_as(people.teammate).get(f"/tasks/{task.id}/note", status=404)
    client_as(people.outsider).get(f"/tasks/{task.id}", status=404)
    with acting_as(people.outsider.viewer()):
        assert db.session.scalars(select(Task.id)).all() == []
    assert people.outsider.role is Role.REP
