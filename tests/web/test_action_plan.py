"""The action plan of targets: steps and check-points that are tasks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.accounts.models import Team
from salesboard.database import db
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind
from tests.browsing import Browser
from tests.standing import People

ClientAs = Callable[..., Browser]


@pytest.fixture(autouse=True)
def in_may(freeze: Callable[[datetime], None]) -> None:
    freeze(datetime(2026, 5, 21, 2, tzinfo=UTC))


def step(owner_id: int, **other: str) -> dict[str, str]:
    asked = {"metric": "signed_amount", "year": "2026", "by": "quarter", "period": "2026Q2"}
    facts = {"what": "Two fairs", "owner": str(owner_id), "due_on": "2026-06-20", "checked_on": "2026-06-05"}
    return asked | facts | other


def planned() -> list[tuple[str, int, date]]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        tasks = db.session.scalars(select(Task).where(Task.kind == TaskKind.MEASURE).order_by(Task.id))
        return [(task.what, task.owner_id, task.due_on) for task in tasks]


@pytest.mark.databases("sqlite", "postgresql")
def test_a_step_and_its_check_point_are_tasks_and_stand_in_the_plan(
    people: People, client_as: ClientAs
) -> None:
    browser = client_as(people.supervisor)
    for _again in range(2):
        browser.post("/targets/steps", step(people.owner.id), status=303)

    assert planned() == [
        ("Two fairs", people.owner.id, date(2026, 6, 20)),
        ("Check: Two fairs", people.supervisor.id, date(2026, 6, 5)),
    ]
    assert "Two fairs" in client_as(people.owner).get("/today").get_data(True)
    assert "Check: Two fairs" in browser.get("/today").get_data(True)
    plan = browser.get("/targets?year=2026").get_data(True)
    assert "Check: Two fairs" in plan
    assert "2nd quarter" in plan
    assert "Two fairs" not in browser.get("/targets?year=2025").get_data(True)


def test_a_rep_plans_their_own(people: People, client_as: ClientAs) -> None:
    client_as(people.owner).post("/targets/steps", step(people.owner.id, checked_on=""), status=303)
    assert planned() == [("Two fairs", people.owner.id, date(2026, 6, 20))]
    assert "Two fairs" not in client_as(people.teammate).get("/targets").get_data(True)
    assert "Two fairs" not in client_as(people.outsider).get("/targets").get_data(True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"what": ""},
        {"period": "2027Q2"},
        {"checked_on": "2026-06-21"},
        {"checked_on": "2026-05-20"},
        {"due_on": "2026-05-20"},
        {"owner": "999"},
    ],
    ids=str,
)
def test_what_is_senseless_is_refused(people: People, client_as: ClientAs, wrong: dict[str, str]) -> None:
    client_as(people.supervisor).post("/targets/steps", step(people.owner.id, **wrong), status=422)
    assert planned() == []


def test_another_team_s_plan_is_not_theirs(people: People, client_as: ClientAs) -> None:
    with acting_as_system("a test looks"):
        south = db.session.scalars(select(Team.id).order_by(Team.id.desc())).first()
    client_as(people.supervisor).post("/targets/steps", step(people.owner.id, team=str(south)), status=404)
