"""Reminders on their way out: by a real mail server and by robots that check what they are sent, each once."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from jobs import schedule
from jobs.deliveries import Sender
from jobs.schedule import PERIODIC
from salesboard import clock, outbox, outward
from salesboard.access import acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.database import db, writing
from salesboard.installation import installation
from salesboard.notify import lines, mail
from salesboard.notify.channel_rules import ROBOTS, ChannelKind
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import Delivery, DeliveryState
from salesboard.notify.models import Reminder
from salesboard.outbox import HAND_OVER, Work, WorkState
from salesboard.tasks.models import Task
from tests import receiving
from tests.receiving import Mailbox, Receiver, mail_server, plain_text, receivers
from tests.standing import People, make_customer
from tests.waiting import wait_until

Freeze = Callable[[datetime], None]
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 12)


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


class Away:
    """Redis is away: the ticker does all work itself."""

    def __call__(self, work_ids: list[int]) -> None:
        pass

    def send(self, work_ids: list[int]) -> bool:
        return False


def tick(app: Flask) -> None:
    """What the ticker does, and all that its sender then has to do."""
    schedule.tick(app)
    send(app)


def send(app: Flask) -> None:
    sender = Sender(app)
    while sender.turn(patience=10):
        pass
    sender.end(within=0)


@pytest.fixture(autouse=True)
def _nothing_but_deliveries(app: Flask, monkeypatch: pytest.MonkeyPatch, freeze: Freeze) -> None:
    monkeypatch.setitem(app.extensions, HAND_OVER, Away())
    monkeypatch.setattr(schedule, "PERIODIC", ())
    freeze(at(7))


@pytest.fixture
def mornings(monkeypatch: pytest.MonkeyPatch) -> None:
    sweep = tuple(each for each in PERIODIC if each.kind == "morning_sweep")
    monkeypatch.setattr(schedule, "PERIODIC", sweep)


@pytest.fixture
def mailbox(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mail_server(app, monkeypatch) as box:
        yield box


@pytest.fixture
def robots(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[ChannelKind, Receiver]]:
    with receivers(app, monkeypatch) as made:
        yield made


def by_mail(person: User, **choices: str) -> Channel:
    with writing():
        channel = Channel.open_mailbox(person, now=clock.now())
        channel.choose(choices)
    return channel


def by_robot(person: User, kind: ChannelKind, receiver: Receiver, team: Team | None = None) -> Channel:
    about = {"address": receiver.address, "secret": receiver.secret, "team": team}
    with writing():
        return Channel.add_robot(kind, name="Group", by=person, now=clock.now(), **about)


def late_task(owner: User, what: str = "Send & sign") -> Task:
    customer = make_customer(owner, "Paper <b>Crane</b>")
    with acting_as_system("a test prepares"), writing():
        two_days_ago = DAY - timedelta(days=2)
        return Task.set(
            what, customer=customer, deal=None, owner=owner, due_on=two_days_ago, by=owner, now=clock.now()
        )


def nudge(task: Task, by: User) -> None:
    with acting_as_system("a test asks"), writing():
        Reminder.nudge(task, by=by, day=clock.now().astimezone(SHANGHAI).date(), now=clock.now())


def deliveries() -> list[Delivery]:
    db.session.rollback()
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(Delivery).order_by(Delivery.id)))


def states() -> list[DeliveryState]:
    with acting_as_system("a test looks"):
        return [each.state for each in deliveries()]


def test_the_digest_comes_once_in_the_morning(
    app: Flask, mornings: None, people: People, mailbox: Mailbox, freeze: Freeze
) -> None:
    late_task(people.owner)
    by_mail(people.owner)
    by_mail(people.teammate)  # for whom nothing waits
    for hour, minute in ((7, 59), (8, 0), (8, 29), (8, 30), (8, 31), (9, 0)):
        freeze(at(hour, minute))
        tick(app)
        tick(app)
        assert len(mailbox.messages) == ((hour, minute) >= (8, 30))

    (message,) = mailbox.messages
    assert message["To"] == "Olive Owner <olive@example.com>"
    assert message["Subject"] == "Tuesday, May 12: 1 thing waits for you"
    text = plain_text(message)
    assert "Late tasks (1)\n- Send & sign · Paper <b>Crane</b> · 2 days late" in text
    assert "https://sales.example.com/tasks/" in text
    html = message.get_body(("html",)).get_content()
    assert "Paper &lt;b&gt;Crane&lt;/b&gt;" in html
    assert "<b>Crane" not in html
    assert states() == [DeliveryState.SENT, DeliveryState.LEFT]


@pytest.mark.parametrize(
    ("locale", "subject", "words"),
    [
        (
            "en",
            "Tuesday, May 12: 1 thing waits for you",
            ("Late tasks (1)", "2 days late", "Hello Olive Owner,"),
        ),
        (
            "zh_Hans",
            "5月12日 星期二：有 1 件事等你处理",
            ("晚了的任务 (1)", "晚 2 天", "Olive Owner，你好："),
        ),
        (
            "zh_Hant",
            "5月12日 星期二：有 1 件事等你處理",
            ("晚了的任務 (1)", "晚 2 天", "Olive Owner，你好："),
        ),
    ],
)
def test_it_is_written_in_the_persons_language(
    app: Flask, mornings: None, people: People, mailbox: Mailbox, robots: dict[ChannelKind, Receiver], freeze: Freeze,
    locale: str, subject: str, words: tuple[str, ...],
) -> None:  # fmt: skip
    with writing():
        people.owner.locale = locale
    late_task(people.owner)
    by_mail(people.owner)
    by_robot(people.owner, ChannelKind.WECOM, robots[ChannelKind.WECOM])
    freeze(at(8, 30))
    tick(app)
    tick(app)
    (message,) = mailbox.messages
    assert message["Subject"] == subject
    for each in words:
        assert each in plain_text(message)
    (text,) = robots[ChannelKind.WECOM].texts()
    assert text.startswith(f"{subject}\n{words[0]}\n- Send & sign")


def test_every_robot_takes_what_it_is_sent_once(
    app: Flask, people: People, robots: dict[ChannelKind, Receiver]
) -> None:
    """Their checks compare with the machine's own clock, so that is not stopped here."""
    clock._frozen.set(None)
    with writing():
        people.owner.preferences = {"reminder_hours": {"quiet_from": "00:00", "quiet_until": "00:00"}}
    for kind in ROBOTS:
        by_robot(people.owner, kind, robots[kind])
    task = late_task(people.owner)
    nudge(task, people.supervisor)
    nudge(task, people.supervisor)
    for _time in range(3):
        tick(app)
    for kind in ROBOTS:
        (text,) = robots[kind].texts()
        assert text.startswith("Your supervisor asks about: Send &"), kind
        assert "Sue Supervisor" in text
        assert robots[kind].calls == 1
    assert robots[ChannelKind.WEBHOOK].taken[0]["items"][0]["title"] == "Send & sign"


@pytest.mark.parametrize(
    ("locale", "asks", "all_of_it"),
    [
        ("en", "Your supervisor asks about", "All of it: "),
        ("zh_Hans", "主管问起的任务", "全部："),
        ("zh_Hant", "主管問起的任務", "全部："),
    ],
)
def test_what_is_told_at_once_is_in_the_persons_language_through_each_channel(
    app: Flask, people: People, robots: dict[ChannelKind, Receiver], mailbox: Mailbox,
    locale: str, asks: str, all_of_it: str,
) -> None:  # fmt: skip
    """The robots' checks compare with the machine's own clock, so that is not stopped here."""
    clock._frozen.set(None)
    with writing():
        people.owner.locale = locale
        people.owner.preferences = {"reminder_hours": {"quiet_from": "00:00", "quiet_until": "00:00"}}
    by_mail(people.owner)
    for kind in ROBOTS:
        by_robot(people.owner, kind, robots[kind])
    nudge(late_task(people.owner), people.supervisor)
    send(app)
    (message,) = mailbox.messages
    colon = ": " if locale == "en" else "："
    assert message["Subject"].startswith(f"{asks}{colon}Send & sign")
    assert f"{asks} (1)\n- Send & sign · Paper <b>Crane</b>" in plain_text(message)
    for kind in ROBOTS:
        (text,) = robots[kind].texts()
        lines = text.replace("&amp;", "&").splitlines()
        assert lines[0].startswith(f"{asks}{colon}Send & sign"), kind
        assert (lines[1], lines[2].partition(" · ")[0]) == (f"{asks} (1)", "- Send & sign"), kind
        assert lines[-1].startswith(f"{all_of_it}{receiving.BOARD}/"), kind


@pytest.mark.parametrize(
    ("locale", "subject", "line"),
    [
        ("en", "North, Tuesday, May 12: 1 is late", "2 days late"),
        ("zh_Hans", "North，5月12日 星期二：1 件晚了", "晚 2 天"),
        ("zh_Hant", "North，5月12日 星期二：1 件晚了", "晚 2 天"),
    ],
)
def test_a_team_hears_who_is_late_from_its_robot(
    app: Flask, mornings: None, people: People, robots: dict[ChannelKind, Receiver], freeze: Freeze,
    locale: str, subject: str, line: str,
) -> None:  # fmt: skip
    with acting_as_system("a test looks"):
        north = db.session.scalars(select(Team).where(Team.name == "North")).one()
    with writing():
        installation().locale = locale
    by_robot(people.supervisor, ChannelKind.WECOM, robots[ChannelKind.WECOM], team=north)
    late_task(people.owner)
    late_task(people.outsider, "Not theirs")
    for minute in (0, 29, 30, 31):
        freeze(at(8, minute))
        tick(app)
    (text,) = robots[ChannelKind.WECOM].texts()
    assert text.splitlines()[:3] == [
        subject,
        "Olive Owner (1)",
        f"- Send & sign · Paper ＜b>Crane＜/b> · {line}",
    ]
    assert "Not theirs" not in text


def test_quiet_hours_hold_what_is_told_at_once_and_what_is_read_meanwhile_stays_away(
    app: Flask, people: People, mailbox: Mailbox, freeze: Freeze
) -> None:
    by_mail(people.owner)
    first, second = late_task(people.owner, "First"), late_task(people.owner, "Second")
    freeze(at(21))
    nudge(first, people.supervisor)
    nudge(second, people.supervisor)
    tick(app)
    assert mailbox.messages == []
    with acting_as_system("the owner reads"), writing():
        db.session.scalars(select(Reminder).where(Reminder.task_id == second.id)).one().read(clock.now())
    freeze(at(8, 1, DAY + timedelta(days=1)))
    tick(app)
    tick(app)
    assert [message["Subject"] for message in mailbox.messages] == [
        "Your supervisor asks about: First · Paper <b>Crane</b>, Sue Supervisor"
    ]


def test_nothing_goes_out_through_a_channel_that_is_off_or_of_somebody_who_left(
    app: Flask, mornings: None, people: People, mailbox: Mailbox, freeze: Freeze
) -> None:
    for person in (people.owner, people.teammate):
        late_task(person)
        channel = by_mail(person)
        freeze(at(8))
        tick(app)
        with writing():
            if person is people.owner:
                channel.switch(False, by=person, now=clock.now())
            else:
                person.deactivate(by=people.admin, now=clock.now())
        freeze(at(9))
        tick(app)
    assert mailbox.messages == []
    assert set(states()) == {DeliveryState.LEFT}


@pytest.mark.parametrize("fault", ["fails", "hangs", "redirects", "answers_garbage"])
def test_a_receiver_that_does_not_work_is_tried_at_growing_intervals_then_dead_and_holds_nobody_up(
    app: Flask, people: People, robots: dict[ChannelKind, Receiver], mailbox: Mailbox, freeze: Freeze, fault: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(outward, "PATIENCE", 0.2)
    broken = robots[ChannelKind.DINGTALK]
    broken.fault = getattr(receiving, fault)
    by_robot(people.owner, ChannelKind.DINGTALK, broken)
    by_mail(people.owner)
    freeze(at(10))
    for number in range(3):
        nudge(late_task(people.owner, f"Task {number}"), people.supervisor)
    tick(app)
    assert len(mailbox.messages) == 3
    assert broken.calls == 1, "while it rests, what else waits for it is not tried"

    waits, called = [], at(10)
    while (first := work_of(deliveries()[0])).state is not WorkState.DEAD:
        freeze(first.due_at)
        calls = broken.calls
        tick(app)
        if broken.calls > calls:
            waits.append(first.due_at - called)
            called = first.due_at
        assert first.due_at < at(20)
    assert broken.calls >= outbox.TRIES
    assert waits[: outbox.TRIES - 1] == sorted(waits[: outbox.TRIES - 1])
    said = work_of(deliveries()[0]).last_error
    assert said is not None
    assert "token-of-dingtalk" not in said
    assert "SEC-of" not in said


@pytest.mark.parametrize("hangs", ["mail", "robot"])
def test_a_receiver_that_hangs_delays_nothing_but_its_own(
    app: Flask, people: People, robots: dict[ChannelKind, Receiver], mailbox: Mailbox, freeze: Freeze, hangs: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(outward, "PATIENCE", 60)
    monkeypatch.setattr(mail, "PATIENCE", 60)
    robot, let_go = robots[ChannelKind.WEBHOOK], threading.Event()
    if hangs == "mail":
        mailbox.let_go.clear()
    else:
        robot.fault = lambda _handler: let_go.wait(30)
    with receivers(app, monkeypatch, host="127.0.0.2") as elsewhere:
        other = elsewhere[ChannelKind.SLACK]
        of = [by_mail(people.owner), by_robot(people.owner, ChannelKind.WEBHOOK, robot)]
        of.append(by_robot(people.owner, ChannelKind.SLACK, other))
        freeze(at(10))
        for number in range(3):
            nudge(late_task(people.owner, f"Task {number}"), people.supervisor)
        late = of[0 if hangs == "mail" else 1].id
        sender = Sender(app)

        def others_are_through() -> bool:
            sender.turn(patience=0.1)
            return all(each.state is DeliveryState.SENT for each in deliveries() if each.channel_id != late)

        wait_until(others_are_through, within=60)
        assert [each.state for each in deliveries() if each.channel_id == late] == [DeliveryState.WAITING] * 3
        assert len(other.taken) == 3
        assert (robot.calls, len(mailbox.messages)) == ((1, 3) if hangs == "robot" else (3, 1))
        mailbox.let_go.set()
        let_go.set()
        while sender.turn(patience=10):
            pass
    assert len(mailbox.messages) == 3


def test_a_line_that_takes_too_long_is_given_up_and_what_it_had_is_sent_once_it_may_be_tried_again(
    app: Flask, people: People, mailbox: Mailbox, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_mail(people.owner)
    freeze(at(10))
    for number in range(2):
        nudge(late_task(people.owner, f"Task {number}"), people.supervisor)
    mailbox.let_go.clear()
    sender = Sender(app)
    sender.turn(patience=0)
    monkeypatch.setattr(lines, "NO_LONGER", 0)
    sender.turn(patience=0)
    monkeypatch.undo()
    assert [work_of(each).attempts for each in deliveries()] == [1, 0]
    assert "longer than a minute" in (work_of(deliveries()[0]).last_error or "")


def test_a_mail_server_that_ends_the_connection_between_two_messages_gets_each_once(
    app: Flask, people: People, mailbox: Mailbox, freeze: Freeze
) -> None:
    mailbox.most_at_a_time = 2
    by_mail(people.owner)
    freeze(at(10))
    for number in range(5):
        nudge(late_task(people.owner, f"Task {number}"), people.supervisor)
    send(app)
    assert len({message["Message-ID"] for message in mailbox.messages}) == len(mailbox.messages) == 5
    assert set(states()) == {DeliveryState.SENT}


def work_of(delivery: Delivery) -> Work:
    return db.session.get_one(Work, delivery.work_id, populate_existing=True)


def test_it_comes_back_to_life_when_the_receiver_does(
    app: Flask, people: People, robots: dict[ChannelKind, Receiver], freeze: Freeze
) -> None:
    robot = robots[ChannelKind.SLACK]
    robot.fault = receiving.fails
    channel = by_robot(people.owner, ChannelKind.SLACK, robot)
    freeze(at(10))
    for number in range(2):
        nudge(late_task(people.owner, f"Task {number}"), people.supervisor)
    tick(app)
    robot.fault = None
    freeze(at(10, 1))
    tick(app)
    assert len(robot.taken) == 2
    db.session.refresh(channel)
    assert (channel.failures, channel.rests_until) == (0, None)


def test_a_private_address_is_never_called(
    app: Flask,
    people: People,
    robots: dict[ChannelKind, Receiver],
    monkeypatch: pytest.MonkeyPatch,
    freeze: Freeze,
) -> None:
    receiving.change_settings(app, monkeypatch, outbound_networks=())
    by_robot(people.owner, ChannelKind.SLACK, robots[ChannelKind.SLACK])
    freeze(at(10))
    nudge(late_task(people.owner), people.supervisor)
    tick(app)
    assert robots[ChannelKind.SLACK].calls == 0
    assert states() == [DeliveryState.DEAD]
    assert "private network" in (work_of(deliveries()[0]).last_error or "")


def test_two_tickers_restarts_and_a_clock_that_jumps_make_one_digest_for_each_morning(
    app: Flask, mornings: None, people: People, mailbox: Mailbox, freeze: Freeze
) -> None:
    late_task(people.owner)
    by_mail(people.owner)
    for moment in (at(8), at(6), at(8), at(8, 30), at(6, 30), at(8, 30), at(10, 30), at(8, 30), at(12)):
        freeze(moment)
        tick(app)
        tick(app)
    assert len(mailbox.messages) == 1
    for hour in (8, 10, 8, 12):
        freeze(at(hour, 30, DAY + timedelta(days=1)))
        tick(app)
    assert [each["Subject"].partition(":")[0] for each in mailbox.messages] == [
        "Tuesday, May 12",
        "Wednesday, May 13",
    ]


def test_what_is_sent_twice_is_the_same_message(
    app: Flask, people: People, mailbox: Mailbox, freeze: Freeze, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed after the mail server took it and before that was written down."""
    by_mail(people.owner)
    freeze(at(10))
    nudge(late_task(people.owner), people.supervisor)

    def die(_delivery: Delivery, _now: datetime) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Delivery, "finish", die)
        with pytest.raises(KeyboardInterrupt):
            send(app)
    freeze(at(10, 1))
    tick(app)
    first, again = mailbox.messages
    assert first["Message-ID"] == again["Message-ID"]
    assert plain_text(first) == plain_text(again)
    assert states() == [DeliveryState.SENT]


def test_a_mail_server_that_hangs_is_asked_by_one_and_not_by_all(
    app: Flask,
    mornings: None,
    people: People,
    mailbox: Mailbox,
    freeze: Freeze,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    receiving.change_settings(app, monkeypatch, smtp_url="smtp://127.0.0.1:1")
    for person in (people.owner, people.teammate):
        late_task(person)
        by_mail(person)
    freeze(at(8, 30))
    tick(app)
    tick(app)
    with acting_as_system("a test looks"):
        tried = [work_of(each).attempts for each in deliveries()]
    assert tried == [1, 0]


def test_no_secret_address_lies_open_in_the_database_or_the_log(
    app: Flask,
    people: People,
    robots: dict[ChannelKind, Receiver],
    caplog: pytest.LogCaptureFixture,
    freeze: Freeze,
) -> None:
    receiver = robots[ChannelKind.FEISHU]
    receiver.fault = receiving.hangs
    by_robot(people.owner, ChannelKind.FEISHU, receiver)
    freeze(at(10))
    nudge(late_task(people.owner), people.supervisor)
    outbox_before = len(caplog.records)
    receiver.fault = receiving.fails
    tick(app)
    kept = json.dumps(
        [[str(value) for value in row] for table in ("channels", "deliveries", "outbox", "audit_events")
         for row in db.session.execute(db.text(f"SELECT * FROM {table}"))]
    )  # fmt: skip
    for secret in ("hook-of-feishu", receiver.secret):
        assert secret not in kept
        assert not any(secret in record.getMessage() for record in caplog.records[outbox_before:])
        assert not any(secret in (record.exc_text or "") for record in caplog.records[outbox_before:])
