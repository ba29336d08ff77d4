"""Invented data keeps every rule, tells the same for the same seed, and never mixes with real records."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from itertools import pairwise
from random import Random

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.accounts.passwords import hash_password
from salesboard.clock import WorkingCalendar
from salesboard.customers.models import Customer
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Outcome, Stage, StepState, step_state
from salesboard.deals.stages import StageSetting
from salesboard.errors import Refused
from salesboard.followups.corrections import Correction
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection
from salesboard.followups.rules import ObjectionState
from salesboard.installation import installation
from salesboard.ops.demo import fill, holds_invented_records
from salesboard.ops.invented_rows import InventedRows, Row
from salesboard.ops.verify import inspect_database
from salesboard.tasks.models import Postponement, Task
from salesboard.tasks.rules import TaskKind, TaskState
from tests.standing import People, make_customer, make_deal


def test_a_filled_database_is_clean_and_works_on(app: Flask, people: People) -> None:
    filled = fill(150, seed=3, by=people.admin)
    assert inspect_database().findings == []
    assert filled.deals == 150
    assert holds_invented_records()
    make_deal(people.owner, Stage.WON, customer=make_customer(people.owner, "Real Works"))
    assert inspect_database().findings == []


def test_deals_stand_in_every_stage_and_every_state(app: Flask) -> None:
    fill(300, seed=1)
    today = installation().today
    with acting_as_system("a test looks"):
        deals = db.session.scalars(select(Deal)).all()
        notes = db.session.scalars(select(FollowUp)).all()
    under_way = [deal for deal in deals if deal.outcome is Outcome.OPEN]
    assert {deal.stage for deal in under_way} == set(Stage)
    assert {step_state(deal.next_due, today) for deal in under_way} == set(StepState)
    lost = [deal for deal in deals if deal.is_lost]
    assert lost
    assert all(deal.lost_reason and deal.closed_on and not deal.next_step for deal in lost)
    assert len({note.content for note in notes}) > 200
    assert all(note.recorded_at.date() < today for note in notes)


def test_every_stay_has_its_own_note_in_order(app: Flask) -> None:
    fill(80, seed=9)
    with acting_as_system("a test looks"):
        stays = db.session.scalars(select(Placement).order_by(Placement.deal_id, Placement.id)).all()
        assert len({stay.followup_id for stay in stays}) == len(stays) > 80
        for earlier, later in pairwise(stays):
            if earlier.deal_id == later.deal_id:
                assert earlier.left_at == later.entered_at > earlier.entered_at


def invented(seed: int, now: datetime) -> list[tuple[str, list[Row]]]:
    reps = [User(id=n, name=f"Rep {n}") for n in (1, 2, 3)]
    settings = {stage: StageSetting.default(stage) for stage in Stage}
    rows = InventedRows(Random(seed), now, "Asia/Shanghai", WorkingCalendar(), settings)
    rows.invent(
        60, reps, User(id=4, name="Helper"), lambda letter, day, n: [f"{letter}{day}-{i}" for i in range(n)]
    )
    return [(table.name, its_rows) for table, its_rows in rows.tables()]


def test_the_same_seed_on_the_same_day_invents_the_same() -> None:
    morning, evening = datetime(2026, 5, 21, 1, tzinfo=UTC), datetime(2026, 5, 21, 12, tzinfo=UTC)
    assert invented(5, morning) == invented(5, evening)
    assert invented(5, morning) != invented(6, morning)


def test_real_records_are_never_mixed_with(app: Flask, people: People) -> None:
    make_customer(people.owner)
    with pytest.raises(Refused, match="real records"):
        fill(10)
    with acting_as_system("a test looks"):
        assert len(db.session.scalars(select(Customer)).all()) == 1
    assert not holds_invented_records()


def test_filling_twice_is_refused(app: Flask) -> None:
    fill(10)
    with pytest.raises(Refused, match="invented records already"):
        fill(10)


def test_invented_people_cannot_sign_in_unless_given_a_password(app: Flask) -> None:
    assert not any(person.can_sign_in for person in fill(5).people)


def test_with_a_password_the_supervisor_sees_the_team(app: Flask) -> None:
    filled = fill(60, password_hash=hash_password("a long enough password"))
    supervisor = filled.people[0]
    assert supervisor.can_sign_in
    with acting_as(supervisor.viewer()):
        owners = Counter(db.session.scalars(select(Deal.owner_id)))
    team = {person.id for person in filled.people if filled.teams[0] in person.teams}
    assert owners
    assert set(owners) <= team


def test_there_is_work_done_put_off_and_waiting(app: Flask) -> None:
    fill(200, seed=2)
    today = installation().today
    with acting_as_system("a test looks"):
        tasks = db.session.scalars(select(Task)).all()
        objections = Counter(db.session.scalars(select(Objection.state)))
        corrections = db.session.scalars(select(Correction)).all()
        postponed = db.session.scalars(select(Postponement)).all()
    waiting = [task for task in tasks if task.is_open]
    done = [task for task in tasks if task.state is TaskState.DONE]
    late = [task for task in waiting if task.due_on < today]
    assert 0.05 < len(late) / len(waiting) < 0.15
    assert 0.7 < sum(task.done_on <= task.due_on for task in done if task.done_on) / len(done) < 0.95
    assert {task.kind for task in waiting} == set(TaskKind)
    assert {task.owner_id for task in waiting if task.due_at and task.due_on == today} == {
        task.owner_id for task in waiting if task.kind is TaskKind.OWN
    }
    assert objections.keys() == set(ObjectionState)
    assert corrections
    assert all(each.reason and each.from_on < each.to_on for each in postponed)
