"""My day: what waits stands in its part, is done by a note, and goes to another day with a reason."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
WEDNESDAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
TODAY = date(2026, 5, 20)
NOTE = {
    "method": "phone",
    "occurred_at": "2026-05-20T08:50",
    "content": "They like it",
    "next_step": "Send the contract",
    "next_due": "2026-05-22",
}


@pytest.fixture(autouse=True)
def _wednesday_at_nine(freeze) -> None:
    freeze(WEDNESDAY)


def set_task(
    people: People, what: str, days: int = 0, *, customer: Customer | None = None, **facts: object
) -> Task:
    customer = customer or make_customer(people.owner, f"{what} & Sons")
    with acting_as_system("a test prepares"), writing():
        return Task.set(
            what,
            customer=db.session.get_one(Customer, customer.id),
            deal=None,
            owner=people.owner,
            due_on=TODAY + timedelta(days=days),
            by=people.owner,
            now=clock.now(),
            **facts,  # type: ignore[arg-type]
        )


def stored(task: Task) -> Task:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return db.session.get_one(Task, task.id, populate_existing=True)


def test_each_task_stands_in_its_part(people: People, client_as: ClientAs) -> None:
    days = {"Late one": -2, "Due now": 0, "Next day": 1, "On Friday": 2, "In June": 20}
    for what, after in days.items():
        set_task(people, what, after)
    set_task(people, "Visit them", due_at=WEDNESDAY - timedelta(hours=1))
    html = client_as(people.owner).get("/today").get_data(True)
    parts = ["Notes still to be written", "Late", "Today", "Tomorrow", "This week", "Later on"]
    words = ["Visit them", "Late one", "Due now", "Next day", "On Friday", "In June"]
    places = [html.index(f">{name}</h2>") for name in parts]
    found = [html.index(f"{word}") for word in words]
    assert places == sorted(places)
    for start, place, end in zip(places, found, [*places[1:], len(html)], strict=True):
        assert start < place < end
    assert "2 days late" in html
    assert html.index("agenda") < html.index("event r1 x2"), "it was agreed for eight, before the usual hours"
    assert "2 things today" in html


def test_nobody_elses_tasks_stand_there(people: People, client_as: ClientAs) -> None:
    set_task(people, "Mine alone")
    assert "Mine alone" not in client_as(people.supervisor).get("/today").get_data(True)


def test_the_page_asks_the_same_however_much_waits(app: Flask, people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    set_task(people, "First")
    with counted_selects() as few:
        browser.get("/today")
    customer = make_customer(people.owner, "Many tasks")
    for number in range(40):
        set_task(people, f"Task {number}", number - 5, customer=customer)
    with counted_selects() as many:
        browser.get("/today")
    assert len(many) == len(few)


def test_a_note_does_the_task_and_its_next_step_is_a_task(people: People, client_as: ClientAs) -> None:
    task = set_task(people, "Call")
    client_as(people.owner).post(f"/tasks/{task.id}/note", NOTE, status=303)
    done = stored(task)
    assert (done.state, done.done_on, done.followup_id is not None) == (TaskState.DONE, TODAY, True)
    with acting_as_system("a test looks"):
        waiting = db.session.scalars(select(Task).where(Task.state == TaskState.OPEN)).all()
    assert [(each.kind, each.what) for each in waiting] == [(TaskKind.OWN, "Send the contract")]


def test_a_note_on_a_deals_step_plans_the_next_one(people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner)
    with acting_as_system("a test prepares"), writing():
        Deal.locked(deal.number).plan("Call", TODAY, None, by_id=people.owner.id, now=clock.now())
    with acting_as_system("a test looks"):
        step = db.session.scalars(select(Task).where(Task.kind == TaskKind.STEP)).one()
    browser = client_as(people.owner)
    html = browser.post(f"/tasks/{step.id}/note", NOTE | {"next_step": ""}, status=422).get_data(True)
    assert "They like it" in html, "what was typed stays"
    browser.post(f"/tasks/{step.id}/note", NOTE, status=303)
    assert stored(step).state is TaskState.DONE
    with acting_as_system("a test looks"):
        assert Deal.locked(deal.number).next_step == "Send the contract"


def test_the_same_note_sent_twice_does_it_once(people: People, client_as: ClientAs) -> None:
    task, browser = set_task(people, "Call"), client_as(people.owner)
    sent = NOTE | {"request_key": "once"}
    for _time in range(2):
        browser.post(f"/tasks/{task.id}/note", sent, status=303)
    browser.post(f"/tasks/{task.id}/note", sent | {"content": "Something else"}, status=409)
    with acting_as_system("a test looks"):
        assert len(db.session.scalars(select(Task).where(Task.kind == TaskKind.OWN)).all()) == 2


def test_putting_off_takes_a_reason_bringing_forward_does_not(people: People, client_as: ClientAs) -> None:
    task, browser = set_task(people, "Call", 2), client_as(people.owner)
    later = {"due_on": "2026-05-29", "version": "1"}
    assert "Say why" in browser.post(f"/tasks/{task.id}/day", later, status=422).get_data(True)
    browser.post(f"/tasks/{task.id}/day", later | {"reason": "They are away"}, status=303)
    browser.post(f"/tasks/{task.id}/day", {"due_on": "2026-05-21", "version": "2"}, status=303)
    moved = stored(task)
    assert (moved.due_on, moved.postponed) == (date(2026, 5, 21), 1)
    assert "They are away" in browser.get(f"/tasks/{task.id}").get_data(True)


def test_what_somebody_changed_meanwhile_is_not_overwritten(people: People, client_as: ClientAs) -> None:
    task, browser = set_task(people, "Call"), client_as(people.owner)
    change = {"what": "Call at noon", "goal": "A date", "version": "1", "owner": str(people.owner.id)}
    browser.post(f"/tasks/{task.id}", change, status=303)
    html = browser.post(f"/tasks/{task.id}", change | {"what": "Write"}, status=409).get_data(True)
    assert 'value="Write"' in html
    assert stored(task).what == "Call at noon"
    browser.post(f"/tasks/{task.id}", change | {"what": "Write", "version": "2"}, status=303)
    assert stored(task).what == "Write"


def test_a_new_task_is_for_a_customer_whom_one_sees(people: People, client_as: ClientAs) -> None:
    make_customer(people.teammate, "Somebody else's")
    make_customer(people.owner, "Mine")
    browser = client_as(people.owner)
    told = {"what": "Call", "due_on": "2026-05-21", "hour": "14:30", "owner": str(people.owner.id)}
    for name in ("Somebody else's", "Nobody"):
        html = browser.post("/tasks/new", told | {"with_customer": name}, status=422).get_data(True)
        assert "no customer of this name among yours" in html
    browser.post("/tasks/new", told | {"with_customer": "mine"}, status=303)
    with acting_as_system("a test looks"):
        task = db.session.scalars(select(Task).where(Task.kind == TaskKind.OWN)).one()
    assert task.due_at == datetime(2026, 5, 21, 6, 30, tzinfo=UTC)
    assert "14:30" in browser.get("/today").get_data(True)


def test_all_that_is_late_goes_to_one_day(people: People, client_as: ClientAs) -> None:
    late = [set_task(people, f"Late {number}", -number) for number in (1, 2)]
    waiting = set_task(people, "Not late", 1)
    client_as(people.owner).post("/today/late", {"due_on": "2026-05-21", "reason": "Was ill"}, status=303)
    assert {stored(task).due_on for task in late} == {date(2026, 5, 21)}
    assert [stored(task).postponed for task in (*late, waiting)] == [1, 1, 0]


def test_what_is_struck_waits_no_longer(people: People, client_as: ClientAs) -> None:
    task, browser = set_task(people, "Call"), client_as(people.owner)
    browser.post(f"/tasks/{task.id}/strike", {"version": "1"}, status=303)
    assert stored(task).state is TaskState.DROPPED
    assert f"/tasks/{task.id}" not in browser.get("/today").get_data(True)
    browser.post(f"/tasks/{task.id}/day", {"due_on": "2026-05-21", "reason": "x", "version": "2"}, status=422)


def test_over_midnight_today_becomes_late_and_a_holiday_is_said(
    people: People, client_as: ClientAs, freeze
) -> None:
    set_task(people, "Call")
    freeze(WEDNESDAY + timedelta(days=1))
    html = client_as(people.owner).get("/today").get_data(True)
    assert "1 day late" in html
    freeze(datetime(2026, 10, 1, 2, tzinfo=UTC))
    week = client_as(people.owner).get("/today").get_data(True)
    assert week.count(">off<") == 4, "Thursday to Sunday of the National Day week"


def test_the_week_shows_each_day_and_stands_senseless_addresses(people: People, client_as: ClientAs) -> None:
    set_task(people, "On Friday", 2)
    browser = client_as(people.owner)
    html = browser.get("/today/week").get_data(True)
    assert html.index("May 22") < html.index("On Friday") < html.index("May 23")
    for senseless in ("x", "0001-01-01", "9999-12-31", "2026-02-30"):
        browser.get(f"/today/week?of={senseless}", status=200)


def test_a_supervisor_sees_what_is_late_and_asks_about_it(people: People, client_as: ClientAs) -> None:
    make_deal(people.owner)
    task = set_task(people, "Call", -3)
    boss = client_as(people.supervisor)
    html = boss.get("/team").get_data(True)
    assert "Call &amp; Sons" in html
    assert "3 days late" in html
    assert f"/tasks/{task.id}/nudge" in html
    assert 'aria-label="Ask Olive Owner about Call"' in html
    for _time in range(2):
        boss.post(f"/tasks/{task.id}/nudge", {"back": "/team#h-tasks"}, status=303)
    assert db.session.scalar(select(func.count()).where(AuditEvent.verb == "task.nudged")) == 1
    assert "asked today" in boss.get("/team").get_data(True)
    bell = client_as(people.owner).get("/reminders").get_data(True)
    assert "Your supervisor asks about" in bell
    assert "Sue Supervisor" in bell
