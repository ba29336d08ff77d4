"""Tasks follow what is said and planned, in the same transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import LostReason, Stage
from salesboard.deals.terms import Closing
from salesboard.errors import Conflict
from salesboard.followups.models import FollowUp
from salesboard.tasks.keeping import begin_cadences, keep_steps
from salesboard.tasks.models import Task
from salesboard.tasks.rhythm import Rhythm
from salesboard.tasks.rules import KeyNode, TaskKind, TaskState
from tests.standing import People, make_customer, make_deal, written

MONDAY = date(2026, 5, 18)


def tasks(**facts: Any) -> Sequence[Task]:
    with acting_as_system("a test looks"):
        return db.session.scalars(select(Task).filter_by(**facts).order_by(Task.id)).all()


def told(
    deal: Deal, by: User, *, step: str = "Call again", due: date = MONDAY, at: datetime | None = None
) -> FollowUp:
    """A talk about the deal, kept without moving it."""
    now = at or clock.now()
    with acting_as_system("a test prepares"), writing():
        note = written("Spoke with them", by, now, due, next_step=step)
        held = Deal.locked(deal.number)
        note.file(held.customer, held)
    return note


def moved(deal: Deal, by: User, stage: Stage, *, step: str, due: date) -> Placement:
    now = clock.now()
    with acting_as_system("a test prepares"), writing():
        held = Deal.locked(deal.number)
        note = written("Moved", by, now, due, next_step=step)
        return held.place(
            stage,
            note=note,
            by=by,
            now=now,
            day=clock.now().date(),
            expected_version=held.version,
            probability=20,
        )


def test_the_next_step_of_a_deal_is_a_task_of_its_owner(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    moved(deal, people.owner, Stage.INTENT, step="Send the offer", due=MONDAY)
    (step,) = tasks(kind=TaskKind.STEP)
    assert (step.kind, step.what, step.due_on, step.owner_id) == (
        TaskKind.STEP,
        "Send the offer",
        MONDAY,
        people.owner.id,
    )


def test_a_talk_does_the_step_and_brings_the_next(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    told(deal, people.owner, step="Send the offer")
    note = told(deal, people.owner, step="Ask what they think of it")
    done, waiting = tasks(kind=TaskKind.STEP)
    assert (done.state, done.followup_id) == (TaskState.DONE, note.id)
    assert (waiting.state, waiting.what) == (TaskState.OPEN, "Ask what they think of it")


def test_calling_again_on_the_day_does_the_call(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, due=today)
    told(deal, people.owner, due=today + timedelta(days=7))
    assert [task.state for task in tasks(kind=TaskKind.STEP)] == [TaskState.DONE, TaskState.OPEN]


def test_planning_another_day_without_a_talk_puts_it_off(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, due=today)
    with acting_as_system("test"), writing():
        held = Deal.locked(deal.number)
        held.plan("Call again", today + timedelta(days=3), None, by_id=people.owner.id, now=clock.now())
    (step,) = tasks(kind=TaskKind.STEP)
    assert (step.state, step.due_on, step.postponed) == (TaskState.OPEN, today + timedelta(days=3), 1)


def test_putting_the_task_off_takes_the_deal_along(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, due=today)
    later = today + timedelta(days=2)
    with acting_as(people.owner.viewer()), writing():
        step = Task.locked(tasks(kind=TaskKind.STEP)[0].id)
        step.postpone(
            later, "They are at a fair", by=people.owner, now=clock.now(), expected_version=step.version
        )
    (step,) = tasks(kind=TaskKind.STEP)
    with acting_as_system("test"):
        held = Deal.locked(deal.number)
        assert (held.next_due, step.due_on, step.postponed) == (later, later, 1)
        assert [(each.from_on, each.to_on, each.reason) for each in step.postponements] == [
            (today, later, "They are at a fair")
        ]


def test_whoever_puts_off_what_somebody_changed_is_told(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, due=today)
    with acting_as_system("test"), pytest.raises(Conflict), writing():
        step = Task.locked(tasks(kind=TaskKind.STEP)[0].id)
        step.postpone(
            today + timedelta(days=1), "", by=people.owner, now=clock.now(), expected_version=step.version - 1
        )


def test_a_move_taken_back_brings_the_earlier_step_back(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, step="Send the offer", due=today)
    placement = moved(deal, people.owner, Stage.INTENT, step="Meet them", due=today)
    with acting_as_system("test"), writing():
        Deal.locked(deal.number).undo(
            db.session.get_one(Placement, placement.id), by=people.owner, now=clock.now()
        )
    found = {task.what: (task.state, task.followup_id) for task in tasks(kind=TaskKind.STEP)}
    assert found == {"Send the offer": (TaskState.OPEN, None), "Meet them": (TaskState.DROPPED, None)}


def test_a_lost_deal_waits_for_nothing(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner), clock.now().date()
    told(deal, people.owner, due=today)
    with acting_as_system("test"), writing():
        held = Deal.locked(deal.number)
        Task.set(
            "needs",
            kind=TaskKind.NODE,
            node=KeyNode.NEEDS,
            customer=held.customer,
            deal=held,
            owner=people.owner,
            due_on=today,
            by=people.owner,
            now=clock.now(),
        )
        held.lose(
            Closing(reason=LostReason.PRICE, words="Too dear"),
            note=written("No", people.owner, clock.now(), today, next_step=""),
            by=people.owner,
            now=clock.now(),
            day=today,
            expected_version=held.version,
            answers=[],
        )
    assert [(task.kind, task.state) for task in tasks() if task.kind is not TaskKind.CADENCE] == [
        (TaskKind.STEP, TaskState.DONE),
        (TaskKind.NODE, TaskState.DROPPED),
    ]


def test_a_key_node_is_done_when_the_deal_goes_beyond_its_stage(app: Flask, people: People) -> None:
    deal, today = make_deal(people.owner, Stage.INTENT), clock.now().date()
    with acting_as_system("test"), writing():
        held = Deal.locked(deal.number)
        for node in (KeyNode.NEEDS, KeyNode.NEGOTIATION):
            Task.set(
                node,
                kind=TaskKind.NODE,
                node=node,
                customer=held.customer,
                deal=held,
                owner=people.owner,
                due_on=today,
                by=people.owner,
                now=clock.now(),
            )
    told(deal, people.owner, due=today)
    moved(deal, people.owner, Stage.PROPOSAL, step="Show it", due=today)
    assert [(task.node, task.state) for task in tasks(kind=TaskKind.NODE)] == [
        (KeyNode.NEEDS, TaskState.DONE),
        (KeyNode.NEGOTIATION, TaskState.OPEN),
    ]


def test_handing_a_customer_over_hands_over_what_is_to_be_done(app: Flask, people: People) -> None:
    customer, today = make_customer(people.owner), clock.now().date()
    with acting_as_system("test"), writing():
        held = db.session.get_one(Customer, customer.id)
        for owner in (people.owner, people.supervisor):
            Task.set("Call", customer=held, deal=None, owner=owner, due_on=today, by=owner, now=clock.now())
        held.hand_over(people.teammate, by=people.supervisor, now=clock.now())
    assert [task.owner_id for task in tasks()] == [people.teammate.id, people.supervisor.id]


def test_handing_a_deal_over_hands_its_step_over(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    told(deal, people.owner)
    with acting_as_system("test"), writing():
        Deal.locked(deal.number).hand_over(people.teammate, by=people.supervisor, now=clock.now())
    assert [task.owner_id for task in tasks(kind=TaskKind.STEP)] == [people.teammate.id]


def test_only_whom_it_concerns_sees_a_task(app: Flask, people: People) -> None:
    told(make_deal(people.owner), people.owner)

    def sees(person: User) -> int:
        with acting_as(person.viewer()):
            return len(db.session.scalars(select(Task).where(Task.kind == TaskKind.STEP)).all())

    seen = {name: sees(getattr(people, name)) for name in vars(people)}
    assert seen == {"owner": 1, "teammate": 0, "collaborator": 0, "supervisor": 1, "outsider": 0, "admin": 1}


# cadence


def talked_with(customer: Customer, by: User, at: datetime) -> None:
    """A talk with the customer about no deal."""
    with acting_as_system("a test prepares"), writing():
        note = written("Spoke with them", by, at, at.date(), next_step="")
        note.file(db.session.get_one(Customer, customer.id))


def test_after_a_talk_the_cadence_asks_for_the_next(app: Flask, people: People) -> None:
    with clock.frozen(clock.noon(MONDAY, "Asia/Shanghai")):
        customer = make_customer(people.owner, level=Level.KEY)
        talked_with(customer, people.owner, clock.now())
        (task,) = tasks()
    assert (task.kind, task.due_on, task.owner_id) == (
        TaskKind.CADENCE,
        MONDAY + timedelta(days=7),
        people.owner.id,
    )


def test_what_follows_a_talk_about_no_deal_is_a_task_of_its_writer(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    with acting_as_system("a test prepares"), writing():
        note = written("Spoke", people.supervisor, clock.now(), MONDAY, next_step="Send a sample")
        note.file(db.session.get_one(Customer, customer.id))
    found = [(task.kind, task.what, task.due_on, task.owner_id) for task in tasks(state=TaskState.OPEN)]
    assert found == [(TaskKind.OWN, "Send a sample", MONDAY, people.supervisor.id)]


def test_a_talk_does_what_the_cadence_asked_and_the_next_is_there(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    for _time in range(2):
        talked_with(customer, people.owner, clock.now())
    assert [task.state for task in tasks()] == [TaskState.DONE, TaskState.OPEN]


def test_where_a_deal_waits_for_its_step_the_cadence_asks_for_nothing(app: Flask, people: People) -> None:
    deal = make_deal(people.owner)
    told(deal, people.owner)
    begin_cadences_now()
    assert [task.kind for task in tasks(state=TaskState.OPEN)] == [TaskKind.STEP]


def begin_cadences_now() -> int:
    with writing():
        return begin_cadences(clock.now())


def test_nobody_is_forgotten_and_nobody_asked_for_twice(app: Flask, people: People) -> None:
    make_customer(people.owner)
    make_customer(people.teammate, "Second Crane")
    assert [begin_cadences_now() for _time in range(2)] == [2, 0]
    assert [task.kind for task in tasks()] == [TaskKind.CADENCE] * 2


def test_the_database_refuses_a_second_of_one_cadence(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)
    begin_cadences_now()
    now = clock.now()
    with pytest.raises(IntegrityError), writing():
        db.session.add(
            Task(
                kind=TaskKind.CADENCE,
                what="cadence",
                customer_id=customer.id,
                owner_id=people.owner.id,
                due_on=MONDAY,
                created_at=now,
                updated_at=now,
            )
        )


def test_a_paused_customer_is_left_alone_until_the_day_after(app: Flask, people: People) -> None:
    with clock.frozen(clock.noon(MONDAY, "Asia/Shanghai")):
        customer = make_customer(people.owner)
        with acting_as_system("test"), writing():
            found = db.session.get_one(Customer, customer.id)
            Rhythm.set(
                found,
                days=3,
                paused_until=MONDAY,
                reason="They move house",
                by=people.owner,
                now=clock.now(),
            )
        assert begin_cadences_now() == 0
    with clock.frozen(clock.noon(MONDAY + timedelta(days=1), "Asia/Shanghai")):
        assert begin_cadences_now() == 1
    assert [task.due_on for task in tasks()] == [MONDAY + timedelta(days=3)]


def test_deals_written_past_their_verbs_get_their_steps(app: Flask, people: People) -> None:
    deal = make_deal(people.owner, next_step="Call", next_due=MONDAY)
    for _time in range(2):
        with writing():
            keep_steps(clock.now())
    assert [(task.what, task.deal_id) for task in tasks(kind=TaskKind.STEP)] == [("Call", deal.id)]
    with acting_as_system("test"), writing():
        held = Deal.locked(deal.number)
        held.next_due, held.owner_id = MONDAY + timedelta(days=1), people.teammate.id
        keep_steps(clock.now())
    found = [(task.state, task.due_on, task.owner_id) for task in tasks(kind=TaskKind.STEP)]
    assert found == [
        (TaskState.DROPPED, MONDAY, people.owner.id),
        (TaskState.OPEN, MONDAY + timedelta(days=1), people.teammate.id),
    ]
