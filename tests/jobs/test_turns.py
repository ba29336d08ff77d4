"""The month's housekeeping and the quarter's review of access: told to those who may act, each once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from jobs import schedule
from jobs.run import perform
from jobs.schedule import PERIODIC, tick
from salesboard import audit, clock, outbox
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.rules import CustomerStatus
from salesboard.database import db, writing
from salesboard.notify.models import Reminder
from salesboard.notify.queries import unread_groups
from salesboard.notify.rules import ReminderKind
from tests.browsing import Browser
from tests.jobs.test_handover import Carrier, carrier
from tests.jobs.test_schedule import at
from tests.standing import People, make_customer

__all__ = ["carrier"]

Freeze = Callable[[datetime], None]
DAY = date(2026, 10, 8)  # the first working day after the National Day, of the month and of the quarter
TURNS = ("monthly_housekeeping", "quarterly_access")


@pytest.fixture(autouse=True)
def _in_the_morning(freeze: Freeze, monkeypatch: pytest.MonkeyPatch) -> None:
    freeze(at(DAY, 9))
    monkeypatch.setattr(schedule, "PERIODIC", tuple(each for each in PERIODIC if each.kind in TURNS))


def its_turn(kind: str, day: date = DAY) -> None:
    with writing():
        work_id = outbox.promise(kind, int(f"{day:%Y%m%d}"), now=clock.now())
    assert work_id is not None
    perform(work_id)


def told(person: User) -> list[tuple[ReminderKind, dict[str, Any]]]:
    with acting_as(person.viewer()):
        groups = unread_groups(person.id, 0)
        return [(group.kind, each.details) for group in groups for each in group.reminders]


def lost(owner: User, name: str) -> None:
    make_customer(owner, name, status=CustomerStatus.LOST)


def test_whoever_may_act_is_told_how_much_waits(app: Flask, people: People) -> None:
    lost(people.owner, "Bygone")
    make_customer(people.teammate, "Nobody to reach")
    its_turn("monthly_housekeeping")
    of_owner = {"lost_without_reason": 1, "no_channel": 1}
    of_team = {"lost_without_reason": 1, "no_channel": 2}
    seen = {who: told(getattr(people, who)) for who in vars(people)}
    assert seen == {
        "owner": [("housekeeping", {"counts": of_owner})],
        "teammate": [("housekeeping", {"counts": {"no_channel": 1}})],
        "collaborator": [],
        "supervisor": [("housekeeping", {"counts": of_team})],
        "outsider": [],
        "admin": [("housekeeping", {"counts": of_team})],
    }


def test_duplicates_count_for_whoever_looks_after_two_of_them(app: Flask, people: People) -> None:
    for owner in (people.owner, people.teammate, people.outsider):
        make_customer(owner, "Twin Works")
    its_turn("monthly_housekeeping")
    seen = {who: told(getattr(people, who)) for who in ("owner", "supervisor", "admin")}
    counts = {who: details["counts"].get("doubles") for who, [(_kind, details)] in seen.items()}
    assert counts == {"owner": None, "supervisor": 1, "admin": 1}


def test_who_has_left_is_told_nothing(app: Flask, people: People) -> None:
    lost(people.owner, "Bygone")
    with writing():
        people.owner.deactivate(by=people.admin, now=clock.now())
    its_turn("monthly_housekeeping")
    assert told(people.owner) == []
    assert len(told(people.supervisor)) == 1


def test_the_next_month_takes_the_place_of_what_is_unread(app: Flask, people: People, freeze: Freeze) -> None:
    lost(people.owner, "Bygone")
    its_turn("monthly_housekeeping")
    lost(people.owner, "Bygone too")
    freeze(at(date(2026, 11, 2), 9))
    its_turn("monthly_housekeeping", date(2026, 11, 2))
    assert told(people.owner) == [("housekeeping", {"counts": {"lost_without_reason": 2, "no_channel": 2}})]


def test_admins_are_told_of_the_review_unless_it_was_made(app: Flask, people: People) -> None:
    its_turn("quarterly_access")
    assert told(people.admin) == [("access_review", {})]
    assert told(people.supervisor) == told(people.owner) == []


def test_a_review_of_this_quarter_needs_no_reminder(app: Flask, people: People) -> None:
    with writing():
        audit.record("access.reviewed", "access", actor_id=people.admin.id, at=at(date(2026, 10, 3), 9))
    its_turn("quarterly_access")
    assert told(people.admin) == []


def test_each_is_told_once_whatever_happens_to_redis(
    app: Flask, people: People, carrier: Carrier, freeze: Freeze
) -> None:
    lost(people.owner, "Bygone")
    tick(app)
    carrier.connection.flushall()
    tick(app)
    carrier.work()
    for kind in TURNS:  # a worker that wakes late, and one that was asked twice
        work_id = db.session.scalars(select(outbox.Work.id).where(outbox.Work.kind == kind)).one()
        carrier.queue.enqueue("jobs.run.perform", work_id)
    carrier.work()
    for hour in (10, 8, 23):
        freeze(at(DAY, hour))
        tick(app)
        carrier.work()
    for kind in TURNS:
        its_turn(kind)
    with acting_as_system("a test counts"):
        given = db.session.execute(select(Reminder.person_id, Reminder.kind)).all()
    assert sorted((row.person_id, row.kind.value) for row in given) == sorted(
        [
            (people.owner.id, "housekeeping"),
            (people.supervisor.id, "housekeeping"),
            (people.admin.id, "housekeeping"),
            (people.admin.id, "access_review"),
        ]
    )


def test_the_database_itself_refuses_a_double_and_a_subject_out_of_place(
    app: Flask, people: People, make_deal
) -> None:
    deal = make_deal(people.owner)
    facts = {"person_id": people.owner.id, "day": DAY, "created_at": clock.now()}
    with acting_as_system("a test writes past the verb"):
        with writing():
            db.session.add(Reminder(kind=ReminderKind.HOUSEKEEPING, **facts))
        for kind, deal_id in (
            (ReminderKind.HOUSEKEEPING, None),
            (ReminderKind.HOUSEKEEPING, deal.id),
            (ReminderKind.STEP_LATE, None),
        ):
            with pytest.raises(IntegrityError), writing():
                db.session.add(Reminder(kind=kind, deal_id=deal_id, **facts))


def test_the_bell_leads_to_the_pages(app: Flask, people: People, client_as: Callable[..., Browser]) -> None:
    lost(people.owner, "Bygone")
    for kind in TURNS:
        its_turn(kind)
    client = client_as(people.admin)
    html = client.get("/reminders").get_data(True)
    assert "Lost without reason: 1, No way to reach them: 1" in html
    for page in ("/customers/housekeeping", "/admin/access"):
        assert f'href="{page}"' in html
        client.get(page)
