"""Somebody in another zone than the installation's, and a clock that is set: the day is theirs, the hour is right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import vobject
from flask import Flask
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.tasks.keeping import keep_cadences, keep_steps
from salesboard.tasks.models import Task
from salesboard.tasks.queries import late_of_team
from salesboard.tasks.rules import Bucket, TaskKind, TaskState
from tests.browsing import Browser, Page
from tests.standing import People, make_customer, make_deal

ClientAs = Callable[..., Browser]
Freeze = Callable[[datetime], None]
EARLY_AFTERNOON = datetime(2026, 5, 20, 17, tzinfo=UTC)
"""One o'clock on the 20th in New York, one in the night of the 21st in Shanghai."""


def live_in(zone: str, person: User) -> None:
    with writing():
        db.session.get_one(User, person.id).timezone = zone


def new_task(browser: Browser, what: str, day: str, hour: str = "", status: int = 303) -> None:
    facts = {"with_customer": "Paper Crane Packaging", "what": what, "due_on": day, "hour": hour}
    browser.post("/tasks/new", facts, status=status)


def kept(what: str) -> Task:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return db.session.scalars(select(Task).where(Task.what == what)).one()


def test_the_day_is_that_of_ones_own_clock(
    app: Flask, people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    freeze(EARLY_AFTERNOON)
    make_customer(people.owner)
    live_in("America/New_York", people.owner)
    browser = client_as(people.owner)
    new_task(browser, "Today as well", "2026-05-20")
    new_task(browser, "In the evening", "2026-05-20", "22:00")
    new_task(browser, "The day after", "2026-05-21")
    new_task(browser, "Over already", "2026-05-19", status=422)

    html = browser.get("/today").get_data(True)
    assert Page(html).texts("h1") == ["Wednesday, May 20"]
    today, tomorrow = html.index("h-part-today"), html.index("h-part-tomorrow")
    assert "h-part-late" not in html
    assert today < html.index(">Today as well<") < tomorrow < html.index(">The day after<")
    assert today < html.index(">In the evening<") < html.index("22:00") < tomorrow
    with acting_as_system("a supervisor looks"):
        late = late_of_team(Task.owner_id == people.owner.id, date(2026, 5, 21), clock.now())[1]
    assert [task.what for task in late] == ["Today as well"], (
        "by the installation's day; the evening is to come"
    )

    task = kept("Today as well")
    note = {"occurred_at": "2026-05-20T12:30", "method": "phone", "content": "They like it"}
    browser.post(f"/tasks/{task.id}/note", note, status=303)
    html = browser.get("/today").get_data(True)
    assert html.index("h-done") < html.index("They like it")


def test_a_form_saved_as_it_was_leaves_the_hour_alone(
    app: Flask, people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    freeze(EARLY_AFTERNOON)
    make_customer(people.owner)
    live_in("America/New_York", people.owner)
    new_task(client_as(people.owner), "Talk", "2026-05-20", "22:00")
    task = kept("Talk")
    html = client_as(people.supervisor).get(f"/tasks/{task.id}").get_data(True)
    assert 'value="10:00' in html, "in Shanghai it is the morning after"
    sent = {"what": "Talk", "hour": "10:00", "version": "1", "goal": "A yes"}
    client_as(people.supervisor).post(f"/tasks/{task.id}", sent, status=303)
    assert kept("Talk").due_at == task.due_at


@pytest.mark.parametrize(
    ("zone", "day", "in_utc"),
    [
        ("Europe/Berlin", "2026-03-28", 8),
        ("Europe/Berlin", "2026-03-30", 7),
        ("Europe/Berlin", "2026-10-26", 8),
        ("America/New_York", "2026-03-09", 13),
        ("America/New_York", "2026-11-02", 14),
    ],
)
def test_nine_is_nine_before_and_after_the_clocks_change(
    app: Flask, people: People, client_as: ClientAs, freeze: Freeze, zone: str, day: str, in_utc: int
) -> None:
    freeze(datetime(2026, 3, 1, 12, tzinfo=UTC))
    make_customer(people.owner)
    live_in(zone, people.owner)
    browser = client_as(people.owner)
    new_task(browser, "Talk", day, "09:00")
    task = kept("Talk")
    assert task.due_at == datetime.fromisoformat(day).replace(hour=in_utc, tzinfo=UTC)
    assert 'value="09:00' in browser.get(f"/tasks/{task.id}").get_data(True)
    with writing():
        token = CalendarAddress.make(db.session.get_one(User, people.owner.id), clock.now())
    calendar = vobject.readOne(client_as().get(f"/calendar/{token}.ics").get_data(True))
    moments = [event.dtstart.value for event in calendar.vevent_list if "Talk" in event.summary.value]
    assert moments == [task.due_at]


def test_a_night_hour_that_is_left_out_or_comes_twice_is_one_moment(
    app: Flask, people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    freeze(datetime(2026, 3, 1, 12, tzinfo=UTC))
    make_customer(people.owner)
    live_in("Europe/Berlin", people.owner)
    browser = client_as(people.owner)
    new_task(browser, "Left out", "2026-03-29", "02:30")
    new_task(browser, "Twice", "2026-10-25", "02:30")
    assert kept("Left out").due_at == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert kept("Twice").due_at == datetime(2026, 10, 25, 0, 30, tzinfo=UTC)


def test_a_clock_set_back_and_forward_makes_nothing_twice(app: Flask, people: People, freeze: Freeze) -> None:
    half_past_midnight = datetime(2026, 5, 20, 16, 30, tzinfo=UTC)
    freeze(half_past_midnight)
    make_customer(people.owner)
    make_deal(people.owner, customer=make_customer(people.owner, "Trilobite"))

    def open_ones() -> dict[TaskKind, int]:
        with acting_as_system("a test looks"):
            counted = select(Task.kind, func.count()).where(Task.state == TaskState.OPEN).group_by(Task.kind)
            return {row[0]: row[1] for row in db.session.execute(counted)}

    for hours in (0, -2, 0, 2):
        freeze(half_past_midnight + timedelta(hours=hours))
        with writing():
            keep_steps(clock.now())
            keep_cadences(clock.now())
        assert open_ones() == {TaskKind.CADENCE: 2}


def test_set_back_over_midnight_what_was_today_is_tomorrow_again(
    app: Flask, people: People, client_as: ClientAs, freeze: Freeze
) -> None:
    half_past_midnight = datetime(2026, 5, 20, 16, 30, tzinfo=UTC)
    freeze(half_past_midnight)
    make_customer(people.owner)
    browser = client_as(people.owner)
    new_task(browser, "Early on the 21st", "2026-05-21")
    for hours, bucket in ((0, Bucket.TODAY), (-2, Bucket.TOMORROW), (23.5, Bucket.LATE)):
        freeze(half_past_midnight + timedelta(hours=hours))
        assert f"h-part-{bucket}" in browser.get("/today").get_data(True)
