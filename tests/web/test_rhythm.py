"""How often customers are to be talked with, and the key nodes of a deal, as people set them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.tasks.keeping import begin_cadences
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
WEDNESDAY = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _wednesday_at_nine(freeze) -> None:
    freeze(WEDNESDAY)


@pytest.fixture
def customer(app: Flask, people: People) -> Customer:
    """One of whom the cadence asks for a talk on the 3rd of June."""
    made = make_customer(people.owner)
    with writing():
        begin_cadences(clock.now())
    return made


def waiting(kind: TaskKind) -> list[Task]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        wanted = select(Task).where(Task.kind == kind, Task.state == TaskState.OPEN).order_by(Task.id)
        return list(db.session.scalars(wanted))


def test_a_customers_own_rhythm_goes_before_its_level(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    assert [task.due_on for task in waiting(TaskKind.CADENCE)] == [date(2026, 6, 3)]
    browser, address = client_as(people.owner), f"/customers/{customer.number}/rhythm"
    browser.post(address, {"days": "5"}, status=303)
    assert [task.due_on for task in waiting(TaskKind.CADENCE)] == [date(2026, 5, 25)]
    assert "every 5 days" in browser.get(f"/customers/{customer.number}").get_data(True)
    browser.post(address, {}, status=303)
    assert [task.due_on for task in waiting(TaskKind.CADENCE)] == [date(2026, 6, 3)]


def test_a_pause_says_why_and_ends_by_itself(
    people: People, client_as: ClientAs, customer: Customer, freeze
) -> None:
    browser, address = client_as(people.owner), f"/customers/{customer.number}/rhythm"
    told = {"paused_until": "2026-07-31"}
    assert "Say why" in browser.post(address, told, status=422).get_data(True)
    over = {"paused_until": "2026-05-19", "reason": "They rebuild"}
    assert "has passed already" in browser.post(address, over, status=422).get_data(True)
    browser.post(address, told | {"reason": "They rebuild"}, status=303)
    assert waiting(TaskKind.CADENCE) == []
    assert "They rebuild" in browser.get(f"/customers/{customer.number}").get_data(True)

    freeze(datetime(2026, 8, 1, 1, tzinfo=UTC))
    with writing():
        begin_cadences(clock.now())
    assert [task.due_on for task in waiting(TaskKind.CADENCE)] == [date(2026, 6, 3)]
    browser = client_as(people.owner)
    assert "They rebuild" not in browser.get(f"/customers/{customer.number}").get_data(True)
    assert "They rebuild" not in browser.get(address).get_data(True)


def test_the_admin_says_how_often_each_level_is_talked_with(
    people: People, client_as: ClientAs, customer: Customer
) -> None:
    browser = client_as(people.admin)
    days = {"key": "3", "normal": "10", "potential": "0"}
    assert "Between 1 and" in browser.post("/admin/cadence", days, status=422).get_data(True)
    browser.post("/admin/cadence", days | {"potential": "90"}, status=303)
    assert 'value="10"' in browser.get("/admin/cadence").get_data(True)
    make_customer(people.owner, "A new one")
    with writing():
        begin_cadences(clock.now())
    assert [task.due_on for task in waiting(TaskKind.CADENCE)] == [date(2026, 6, 3), date(2026, 6, 1)]


def test_key_nodes_are_tasks_with_their_day_and_person(people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner)
    browser, address = client_as(people.supervisor), f"/deals/{deal.number}/nodes"
    told = {
        "needs-due_on": "2026-05-29",
        "needs-owner": str(people.owner.id),
        "proposal-due_on": "2026-06-12",
        "proposal-owner": str(people.teammate.id),
        "first_talk-owner": str(people.owner.id),
        "negotiation-owner": str(people.owner.id),
    }
    browser.post(address, told, status=303)
    assert [(task.node, task.due_on, task.owner_id) for task in waiting(TaskKind.NODE)] == [
        ("needs", date(2026, 5, 29), people.owner.id),
        ("proposal", date(2026, 6, 12), people.teammate.id),
    ]
    later = told | {"needs-due_on": "2026-06-05", "proposal-due_on": "", "reason": "They hesitate"}
    browser.post(address, later, status=303)
    (needs,) = waiting(TaskKind.NODE)
    assert (needs.due_on, needs.postponed) == (date(2026, 6, 5), 1)
    assert "Needs found out" in browser.get(f"/deals/{deal.number}").get_data(True)
    assert "Needs found out" in client_as(people.owner).get("/today").get_data(True)
