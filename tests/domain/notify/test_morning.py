"""The morning sweep: each owner is told what waits for them, each thing once a day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select
from sqlalchemy.exc import IntegrityError

from jobs.run import perform
from salesboard import clock, outbox
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.errors import Refused
from salesboard.followups.models import FollowUp
from salesboard.notify.models import Reminder
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.notify.queries import earlier, unread_count, unread_groups
from salesboard.notify.rules import ReminderKind
from salesboard.tasks.models import Task
from salesboard.tasks.rules import TaskKind
from tests.standing import People, make_customer

MORNING = datetime(2026, 3, 20, 0, 0, tzinfo=UTC)  # eight o'clock in Shanghai, a Friday
TODAY = date(2026, 3, 20)


@pytest.fixture(autouse=True)
def _at_eight(freeze: Callable[[datetime], None]) -> None:
    freeze(MORNING)


def sweep(day: date = TODAY) -> None:
    with writing():
        work_id = outbox.promise("morning_sweep", int(f"{day:%Y%m%d}"), now=clock.now())
    assert work_id is not None
    perform(work_id)


def told(person: User) -> list[tuple[str, str]]:
    """What stands unread in the person's bell: kind and deal."""
    with acting_as(person.viewer()):
        groups = unread_groups(person.id, 0)
        assert sum(group.count for group in groups) == unread_count(person.id)
        return [(group.kind, each.deal.name) for group in groups for each in group.reminders if each.deal]


def planned(due: date | None) -> dict[str, Any]:
    return {"next_step": "Call again" if due else "", "next_due": due}


def test_each_owner_is_told_what_waits_for_them(app: Flask, people: People, make_deal) -> None:
    later = planned(TODAY + timedelta(days=3))
    make_deal(people.owner, name="fine", entered_on=TODAY, **later)
    make_deal(people.owner, name="late", entered_on=TODAY, **planned(TODAY - timedelta(days=1)))
    make_deal(people.owner, name="unplanned", entered_on=TODAY, **planned(None))
    make_deal(people.owner, name="warned", entered_on=date(2026, 3, 13), **later)
    make_deal(people.owner, name="overdue", entered_on=date(2026, 3, 2), **later)
    make_deal(people.owner, name="lost", lost=True, entered_on=date(2026, 3, 2))
    make_deal(people.teammate, name="another's", entered_on=TODAY, **planned(None))
    sweep()

    assert told(people.owner) == [
        ("step_late", "late"),
        ("stage_overdue", "overdue"),
        ("step_missing", "unplanned"),
        ("stage_warned", "warned"),
    ]
    assert told(people.teammate) == [("step_missing", "another's")]
    assert told(people.supervisor) == told(people.outsider) == told(people.admin) == []


def test_a_step_that_is_due_today_is_not_late(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=TODAY, **planned(TODAY))
    sweep()

    assert told(people.owner) == []


def test_twice_a_morning_tells_once(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=date(2026, 3, 2), **planned(None))
    sweep()
    with acting_as(people.owner.viewer()), writing():
        Reminder.read_all(people.owner.id, now=clock.now())
    sweep()

    with acting_as_system("the test looks"):
        assert db.session.scalar(select(func.count(Reminder.id))) == 2
    assert told(people.owner) == []


def test_the_database_itself_refuses_a_double(app: Flask, people: People, make_deal) -> None:
    deal = make_deal(people.owner, entered_on=TODAY, **planned(None))
    facts = {"person_id": people.owner.id, "kind": ReminderKind.STEP_MISSING, "day": TODAY}
    with acting_as_system("a test writes past the verb"):
        with writing():
            db.session.add(Reminder(deal_id=deal.id, created_at=MORNING, **facts))
        with pytest.raises(IntegrityError), writing():
            db.session.add(Reminder(deal_id=deal.id, created_at=MORNING, **facts))


def test_a_later_morning_takes_the_place_of_what_is_unread(
    app: Flask, people: People, make_deal, freeze: Callable[[datetime], None]
) -> None:
    done = make_deal(people.owner, name="done meanwhile", entered_on=TODAY, **planned(None))
    make_deal(people.owner, name="still open", entered_on=TODAY, **planned(None))
    sweep()
    with acting_as(people.owner.viewer()), writing():
        held = Deal.locked(done.number)
        assert held is not None
        held.plan("Visit", date(2026, 3, 30), None, by_id=people.owner.id, now=clock.now())
    monday = TODAY + timedelta(days=3)
    freeze(MORNING + timedelta(days=3))
    sweep(monday)

    assert told(people.owner) == [("step_missing", "still open")]
    with acting_as(people.owner.viewer()):
        assert {each.day for each in earlier(people.owner.id, 0)} == {TODAY}
        assert len(earlier(people.owner.id, 0)) == 2


def test_details_are_those_of_the_morning(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=date(2026, 3, 2), **planned(date(2026, 3, 18)))
    sweep()

    with acting_as(people.owner.viewer()):
        late, overdue = (group.reminders[0] for group in unread_groups(people.owner.id, 0))
    assert (late.details["step"], late.details["due"]) == ("Call again", "2026-03-18")
    assert (overdue.details["days"], overdue.details["days_over"]) == (14, 4)


def test_who_has_left_is_told_nothing(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=TODAY, **planned(None))
    with writing():
        people.owner.deactivate(by=people.admin, now=clock.now())
    sweep()

    assert told(people.owner) == []


def test_a_deal_that_is_not_theirs_any_more_leaves_the_bell(app: Flask, people: People, make_deal) -> None:
    deal = make_deal(people.owner, entered_on=TODAY, **planned(None))
    sweep()
    assert len(told(people.owner)) == 1
    with acting_as_system("a test hands over"), writing():
        held = Deal.locked(deal.number)
        assert held is not None
        held.owner_id = people.outsider.id

    assert told(people.owner) == []


def test_reminders_go_with_their_deal(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=TODAY, **planned(None))
    sweep()
    with acting_as_system("a test takes an import back"), writing():
        for table in (Placement, FollowUp, Deal):
            db.session.execute(delete(table))

    with acting_as_system("the test looks"):
        assert db.session.scalar(select(func.count(Reminder.id))) == 0


def test_an_admin_reads_only_their_own(app: Flask, people: People, make_deal) -> None:
    make_deal(people.owner, entered_on=TODAY, **planned(None))
    make_deal(people.admin, name="mine", entered_on=TODAY, **planned(None))
    sweep()

    assert told(people.admin) == [("step_missing", "mine")]
    with acting_as(people.admin.viewer()), writing():
        Reminder.read_all(people.admin.id, now=clock.now())
    assert told(people.admin) == []
    assert len(told(people.owner)) == 1


def task_of(person: User, what: str, due_on: date, *, hours_ago: int | None = None, **facts: Any) -> Task:
    customer = make_customer(person, f"{what} works")
    due_at = None if hours_ago is None else MORNING - timedelta(hours=hours_ago)
    with acting_as_system("a test prepares"), writing():
        task = Task(
            what=what,
            customer_id=customer.id,
            owner_id=person.id,
            due_on=due_on,
            due_at=due_at,
            created_at=MORNING,
            updated_at=MORNING,
            **{"kind": TaskKind.OWN} | facts,
        )
        db.session.add(task)
    return task


def told_of_tasks(person: User) -> list[tuple[str, str]]:
    """What stands unread in the person's bell about tasks: kind and words."""
    with acting_as(person.viewer()):
        groups = unread_groups(person.id, 0)
        return [(group.kind, each.task.what) for group in groups for each in group.reminders if each.task]


def test_each_is_told_of_late_tasks_and_missing_notes_once(app: Flask, people: People) -> None:
    yesterday = TODAY - timedelta(days=1)
    task_of(people.owner, "late", yesterday)
    task_of(people.owner, "talked", yesterday, hours_ago=24)
    task_of(people.owner, "talked just now", TODAY, hours_ago=23)
    task_of(people.owner, "long ago", TODAY - timedelta(days=9), hours_ago=24 * 9)
    task_of(people.owner, "cadence", yesterday, kind=TaskKind.CADENCE)
    task_of(people.owner, "today", TODAY)
    task_of(people.teammate, "another's", yesterday)
    for _time in range(2):
        with acting_as_system("a test sweeps"):
            found = find_reminders(TODAY, MORNING)
        with writing():
            give_reminders(found, TODAY, MORNING)
    assert told_of_tasks(people.owner) == [
        ("note_owed", "talked"),
        ("task_late", "long ago"),
        ("task_late", "late"),
        ("cadence_missed", "cadence"),
    ]
    assert told_of_tasks(people.teammate) == [("task_late", "another's")]


def test_a_step_whose_note_is_missing_is_not_told_as_late_too(app: Flask, people: People, make_deal) -> None:
    yesterday = TODAY - timedelta(days=1)
    deal = make_deal(people.owner, name="visited", entered_on=TODAY, **planned(yesterday))
    task_of(people.owner, "Call again", yesterday, hours_ago=25, kind=TaskKind.STEP, deal_id=deal.id)
    sweep()
    assert told(people.owner) == []
    assert told_of_tasks(people.owner) == [("note_owed", "Call again")]


def test_what_is_done_leaves_the_bell(app: Flask, people: People) -> None:
    task = task_of(people.owner, "late", TODAY - timedelta(days=1))
    sweep()
    assert told_of_tasks(people.owner) == [("task_late", "late")]
    with acting_as_system("a test prepares"), writing():
        Task.locked(task.id).drop(by=people.owner, now=MORNING, expected_version=1)
    assert told_of_tasks(people.owner) == []


def test_a_supervisor_asks_about_a_late_task_once_a_day(app: Flask, people: People) -> None:
    task = task_of(people.owner, "late", TODAY - timedelta(days=1))
    for asks in (people.supervisor, people.admin):
        with acting_as_system("a test asks"), writing():
            Reminder.nudge(Task.locked(task.id), by=asks, day=TODAY, now=MORNING)
    assert told_of_tasks(people.owner) == [("nudge", "late")]
    with acting_as_system("a test asks"), pytest.raises(Refused, match="your own"), writing():
        Reminder.nudge(Task.locked(task.id), by=people.owner, day=TODAY, now=MORNING)
