"""Invitations and resets by mail: through a real mail server, the same message however often it is tried."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from jobs.run import perform
from salesboard import clock
from salesboard.access import Role
from salesboard.accounts.links import AccessLink
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.notify.mail import compose, send
from salesboard.outbox import Work, WorkState
from tests.browsing import Browser
from tests.receiving import Mailbox, mail_server
from tests.standing import People


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server(app, monkeypatch) as box:
        yield box


def work() -> Work:
    db.session.rollback()
    return db.session.scalars(select(Work).execution_options(populate_existing=True)).one()


def test_an_invitation_comes_by_mail_and_lets_its_person_in(
    app: Flask, people: People, client_as: Callable[..., Browser], mailbox: Mailbox
) -> None:
    admin = client_as(people.admin)
    admin.post("/admin", {"name": "阮星河", "email": "xinghe@example.cn", "role": "rep"})
    assert "/links/" not in admin.get("/admin").get_data(as_text=True), "mailed, so not shown"
    perform(work().id)
    assert work().state is WorkState.DONE
    (message,) = mailbox.messages
    assert message["To"] == "阮星河 <xinghe@example.cn>"
    assert message["From"] == "salesboard <salesboard@sales.example.com>"
    assert "invitation" in message["Subject"]
    (link,) = [line for line in message.get_content().split() if line.startswith("https://")]
    client_as().post(
        link.removeprefix("https://sales.example.com"), {"new_password": "a few unrelated words"}
    )


def test_a_reset_is_in_the_persons_own_language(
    app: Flask, people: People, client_as: Callable[..., Browser], mailbox: Mailbox
) -> None:
    with writing():
        people.owner.locale = "zh_Hans"
    client_as().post("/forgotten", {"email": "olive@example.com"}, 200)
    perform(work().id)
    assert "两小时内有效" in mailbox.messages[0].get_content()


def test_what_is_tried_again_is_the_same_message(app: Flask, people: People, mailbox: Mailbox) -> None:
    with writing():
        AccessLink.issue(people.owner, by=None, now=clock.now()).promise_mail(clock.now())
    for _time in range(2):
        perform(work().id)
        with writing():
            work().state = WorkState.READY
    first, again = mailbox.messages
    assert first["Message-ID"] == again["Message-ID"]
    assert first.get_content() == again.get_content()


def test_a_server_that_is_busy_is_tried_again_later(app: Flask, people: People, mailbox: Mailbox) -> None:
    mailbox.answer = "451 come back later"
    with writing():
        AccessLink.issue(people.owner, by=None, now=clock.now()).promise_mail(clock.now())
    perform(work().id)
    assert work().state is WorkState.READY
    assert work().due_at > clock.now()
    mailbox.answer = "250 OK"
    with clock.frozen(clock.now() + timedelta(minutes=1)):
        perform(work().id)
    assert len(mailbox.messages) == 1


def test_an_address_that_is_refused_is_shown_to_the_admin(
    app: Flask, people: People, client_as: Callable[..., Browser], mailbox: Mailbox
) -> None:
    mailbox.answer = "550 no such person"
    with writing():
        AccessLink.issue(people.owner, by=None, now=clock.now()).promise_mail(clock.now())
    perform(work().id)
    assert work().state is WorkState.DEAD
    assert "refuses the address" in client_as(people.admin).get("/admin/work").get_data(as_text=True)


def test_a_link_that_is_over_is_not_mailed(app: Flask, people: People, mailbox: Mailbox) -> None:
    with writing():
        AccessLink.issue(people.owner, by=None, now=clock.now()).promise_mail(clock.now())
    with clock.frozen(clock.now() + timedelta(hours=3)):
        perform(work().id)
    assert work().state is WorkState.DONE
    assert mailbox.messages == []


def test_row_21_no_name_adds_a_line_to_the_head(app: Flask, people: People, mailbox: Mailbox) -> None:
    name = "Eve\r\nBcc: everybody@example.com"
    with writing():
        person = User.invite("eve@example.com", name, Role.REP, teams=[], by=None, now=clock.now())
    settings = app.config["SETTINGS"]
    send(
        settings,
        compose(
            settings, to=(person.name, person.email), subject=f"For {name}", text="Hello", message_id="a-1"
        ),
    )
    (message,) = mailbox.messages
    assert message["Bcc"] is None
    assert message["Subject"] == "For Eve Bcc: everybody@example.com"


def test_a_password_is_never_sent_in_clear(app: Flask, mailbox: Mailbox) -> None:
    settings = app.config["SETTINGS"]
    settings = dataclasses.replace(settings, smtp_url=settings.smtp_url.replace("//", "//me:secret@"))
    message = compose(settings, to=("A", "a@example.com"), subject="x", text="x", message_id="a-2")
    with pytest.raises(Refused, match="no encryption"):
        send(settings, message)
