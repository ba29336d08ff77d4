"""Where reminders go: one's settings, a team's robots, the end by a link, what the admin sees; and putting off."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import Delivery, DeliveryKind, hours_of
from salesboard.notify.models import Reminder
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.notify.rules import ReminderKind
from salesboard.notify.unsubscribing import signed
from salesboard.outbox import Work, WorkState
from tests.browsing import Browser
from tests.standing import People
from tests.telling import channels_of

ClientAs = Callable[..., Browser]
ADDRESS = "https://93.184.215.14/cgi-bin/webhook/send?key=abcdef"
NINE = datetime(2026, 3, 20, 1, 0, tzinfo=UTC)  # nine in the morning, a Friday


@pytest.fixture(autouse=True)
def _at_nine(freeze: Callable[[datetime], None]) -> None:
    freeze(NINE)


def channels() -> list[Channel]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(Channel).order_by(Channel.id)))


def test_a_robot_is_added_tried_chosen_for_and_removed_and_its_address_never_shown(
    people: People, client_as: ClientAs
) -> None:
    owner = client_as(people.owner)
    owner.post(
        "/settings/reminders/robots",
        {"kind": "dingtalk", "name": "My group", "address": ADDRESS, "secret": "SEC-1"},
    )
    (robot,) = channels()
    page = owner.get("/settings/reminders").get_data(True)
    assert "My group" in page
    assert "93.184.215.14" in page
    assert "abcdef" not in page
    assert "SEC-1" not in page
    assert (robot.address, robot.secret) == (ADDRESS, "SEC-1")

    for _time in range(2):
        owner.post(f"/channels/{robot.id}/test")
    with acting_as_system("a test looks"):
        (delivery,) = db.session.scalars(select(Delivery)).all()
    assert delivery.kind is DeliveryKind.TEST

    choices = {f"c{robot.id}-{kind}": "now" for kind in ReminderKind}
    owner.post("/settings/reminders/choices", choices)
    owner.post(f"/channels/{robot.id}/switch", {"is_on": "0"})
    (robot,) = channels()
    assert (set(robot.choices.values()), robot.is_on) == ({"now"}, False)
    owner.post(f"/channels/{robot.id}/removal")
    assert channels() == []


@pytest.mark.parametrize(
    "address",
    ["http://93.184.215.14/x", "https://127.0.0.1/x", "https://[::ffff:10.0.0.1]/x", "ftp://a", "x"],
)
def test_row_11_an_address_that_is_not_called_is_not_kept(
    people: People, client_as: ClientAs, address: str
) -> None:
    html = client_as(people.owner).post(
        "/settings/reminders/robots", {"kind": "slack", "name": "G", "address": address}, 422
    )
    assert 'id="address-error"' in html.get_data(True)
    assert channels() == []


def test_hours_are_kept_and_a_week_without_days_is_not(people: People, client_as: ClientAs) -> None:
    owner = client_as(people.owner)
    hours = {"digest_at": "09:15", "quiet_from": "19:00", "quiet_until": "07:30", "days": ["0", "4"]}
    with writing():
        Channel.open_mailbox(people.owner, now=clock.now())
    owner.post("/settings/reminders/hours", hours)
    db.session.refresh(people.owner)
    kept = hours_of(people.owner)[0]
    assert (kept.written()["digest_at"], kept.written()["days"]) == ("09:15", [0, 4])
    owner.post("/settings/reminders/hours", {**hours, "days": []}, 422)
    owner.post("/settings/reminders/hours", {**hours, "digest_at": "late"}, 422)


def test_the_link_of_a_mail_ends_mail_for_whoever_has_it_and_only_when_sent(
    app: Flask, people: People, client_as: ClientAs, with_mail: None
) -> None:
    client_as(people.owner).post("/settings/reminders/mailbox")
    (mailbox,) = channels()
    stranger = client_as()
    link = f"/unsubscribe/{signed(mailbox)}"
    assert "olive@example.com" in stranger.get(link).get_data(True)
    assert channels()[0].is_on
    stranger.post(link, {"List-Unsubscribe": "One-Click"}, 200)
    stranger.post(link, {}, 200)
    assert not channels()[0].is_on
    stranger.get(f"{link}x", 404)
    stranger.get("/unsubscribe/1", 404)


def test_a_supervisor_adds_robots_for_their_own_teams_alone(people: People, client_as: ClientAs) -> None:
    sue = client_as(people.supervisor)
    facts = {"kind": "feishu", "name": "North’s group", "address": ADDRESS}
    sue.post("/team/robots", {**facts, "team": str(people.outsider.teams[0].id)}, 422)
    sue.post("/team/robots", {**facts, "team": str(people.supervisor.teams[0].id)})
    (robot,) = channels()
    assert robot.team_id == people.supervisor.teams[0].id
    client_as(people.owner).post(f"/channels/{robot.id}/test", status=404)
    client_as(people.admin).post(f"/channels/{robot.id}/test")
    assert "North’s group" in sue.get("/team/robots").get_data(True)


def test_the_admin_sees_what_was_given_up_and_has_it_tried_again(people: People, client_as: ClientAs) -> None:
    with acting_as_system("a test prepares"), writing():
        made = channels_of(people.owner)
    admin = client_as(people.admin)
    page = admin.get("/admin/deliveries?state=dead").get_data(True)
    assert "out of order" in page
    assert "hook-of-a-robot" not in page
    admin.post(f"/admin/deliveries/{made['delivery']}/attempts")
    admin.post(f"/admin/deliveries/{made['delivery']}/attempts", status=404)
    assert db.session.scalars(select(Work.state).where(Work.kind == "delivery")).all() == [WorkState.READY]


def test_what_is_put_off_leaves_the_bell_and_comes_back_once(
    people: People, client_as: ClientAs, make_deal, freeze: Callable[[datetime], None]
) -> None:
    make_deal(people.owner, next_step="Send it", next_due=date(2026, 3, 18))
    owner = client_as(people.owner)
    sweep(date(2026, 3, 20))
    page = owner.get("/reminders").get_data(True)
    (action,) = re.findall(r'action="(/reminders/\d+/put-off)"', page)
    owner.post(action, {"until": "working_day"})
    assert "Send it" not in owner.get("/reminders").get_data(True)
    assert "Comes back Mar 23 08:00" in owner.get("/reminders?put_off=1").get_data(True)

    freeze(NINE + timedelta(days=2, hours=22, minutes=59))
    sweep(date(2026, 3, 23))
    owner = client_as(people.owner)
    assert "Send it" not in owner.get("/reminders").get_data(True), "put off until eight is not until before"
    freeze(NINE + timedelta(days=2, hours=23))
    assert owner.get("/reminders").get_data(True).count(">Send it<") == 1
    sweep(date(2026, 3, 24))
    assert owner.get("/reminders").get_data(True).count(">Send it<") == 1


def test_an_afternoon_that_has_begun_is_not_offered(
    people: People, client_as: ClientAs, make_deal, freeze: Callable[[datetime], None]
) -> None:
    make_deal(people.owner, next_step="Send it", next_due=date(2026, 3, 18))
    sweep(date(2026, 3, 20))
    owner = client_as(people.owner)
    assert 'value="afternoon"' in owner.get("/reminders").get_data(True)
    freeze(NINE + timedelta(hours=6))
    page = owner.get("/reminders").get_data(True)
    assert 'value="afternoon"' not in page
    (action,) = re.findall(r'action="(/reminders/\d+/put-off)"', page)
    owner.post(action, {"until": "afternoon"})
    with acting_as_system("a test looks"):
        assert db.session.scalars(select(Reminder.put_off_until)).all() == [None]


def sweep(day: date) -> None:
    with acting_as_system("a test sweeps"):
        found = find_reminders(day, clock.now())
        with writing():
            give_reminders(found, day, clock.now())
