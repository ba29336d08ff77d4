"""Instalments due, renewals near and promises of customers: each owner is told on the mornings on which they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Stage
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import Method, Note, PromiseState, PromiseTold
from salesboard.notify import wording
from salesboard.notify.models import Reminder
from salesboard.notify.morning import find_reminders, give_reminders
from salesboard.notify.queries import unread_groups
from salesboard.notify.rules import ReminderKind
from salesboard.service.models import Instalment, Payment
from salesboard.web import read_by
from tests.standing import People, make_customer

MORNING = datetime(2026, 3, 20, 0, 0, tzinfo=UTC)  # eight o'clock in Shanghai, a Friday
TODAY = date(2026, 3, 20)
OF_DATES = (ReminderKind.PAYMENT_DUE, ReminderKind.RENEWAL_NEAR, ReminderKind.PROMISE_DUE)

Told = tuple[str, str, str, str]


@pytest.fixture(autouse=True)
def _at_eight(freeze: Callable[[datetime], None]) -> None:
    freeze(MORNING)


def sweep(days_later: int = 0) -> None:
    day, now = TODAY + timedelta(days=days_later), MORNING + timedelta(days=days_later)
    with acting_as_system("a test sweeps"):
        found = find_reminders(day, now)
        with writing():
            give_reminders(found, day, now)


def told(person: User, locale: str = "en") -> list[Told]:
    """What stands unread in the bell about dates: kind, headline, what else is said, how near."""
    with acting_as(person.viewer()), read_by(locale, "Asia/Shanghai"):
        reminders = [each for group in unread_groups(person.id, 0) for each in group.reminders]
        return [
            (each.kind, wording.headline(each), " · ".join(wording.about(each)), wording.how_late(each))
            for each in reminders
            if each.kind in OF_DATES
        ]


def plan(deal: Deal, by: User, *lines: tuple[str, int, int]) -> None:
    """Instalments by name, days from today and amount."""
    wanted = [
        Instalment(None, name, TODAY + timedelta(days=days), Decimal(sum_)) for name, days, sum_ in lines
    ]
    with acting_as_system("a test prepares"), writing():
        Payment.plan(db.session.get_one(Deal, deal.id), wanted, by=by, now=clock.now())


def in_service(deal: Deal, renewal: date | None) -> None:
    answers = [{"code": "renewal_on", "value": renewal.isoformat() if renewal else None}]
    with acting_as_system("a test prepares"), writing():
        stay = update(Placement).where(Placement.deal_id == deal.id, Placement.left_at.is_(None))
        db.session.execute(stay.values(answers=answers))


def promised(customer: Customer, by: User, *promises: tuple[str, int | None]) -> FollowUp:
    """A talk in which these things were promised, each until so many days from today."""
    until = [
        PromiseTold(what, None if days is None else TODAY + timedelta(days=days)) for what, days in promises
    ]
    note = Note(
        occurred_at=MORNING - timedelta(days=4),
        method=Method.PHONE,
        content="We talked.",
        promises=tuple(until),
    )
    with acting_as_system("a test prepares"), writing():
        written = FollowUp.write(note, by=by, now=MORNING, day=TODAY)
        written.file(db.session.get_one(Customer, customer.id), None)
    return written


@pytest.mark.parametrize(
    ("locale", "expected"),
    [
        ("en", ("Advance · Acceptance · CNY 350,000.00 awaited", "5 days late", "Today")),
        ("zh_Hans", ("Advance · Acceptance · 待收 CNY 350,000.00", "晚 5 天", "今天")),
        ("zh_Hant", ("Advance · Acceptance · 待收 CNY 350,000.00", "晚 5 天", "今天")),
    ],
)
def test_what_is_due_of_a_signed_deal_is_told_together_until_it_has_come(
    app: Flask, people: People, make_deal: Any, locale: str, expected: tuple[str, str, str]
) -> None:
    won = make_deal(people.owner, Stage.WON, name="Line two")
    plan(won, people.owner, ("Advance", -5, 100_000), ("Acceptance", 0, 300_000), ("Last", 1, 7))
    with acting_as_system("a test prepares"), writing():
        paid = Payment.of(db.session.get_one(Deal, won.id))[0]
        paid.receive(Decimal(50_000), TODAY, by=people.owner, now=MORNING, expected_version=1)
    plan(make_deal(people.teammate, Stage.NEGOTIATION), people.teammate, ("Not signed", -5, 1))
    sweep()
    sweep()
    about, late, today = expected
    assert told(people.owner, locale) == [("payment_due", won.customer.name, f"Line two · {about}", late)]
    assert told(people.teammate) == told(people.supervisor) == []

    with acting_as_system("a test prepares"), writing():
        first, second, _last = Payment.of(db.session.get_one(Deal, won.id))
        for payment in (first, second):
            payment.receive(
                payment.owed, TODAY, by=people.owner, now=MORNING, expected_version=payment.version
            )
    sweep(days_later=1)
    ((_kind, _customer, said, when),) = told(people.owner, locale)
    assert (said.split(" · ")[:2], when) == (["Line two", "Last"], today)


def test_a_renewal_is_told_from_thirty_days_before_until_its_day(
    app: Flask, people: People, make_deal: Any
) -> None:
    for days in (None, -1, 0, 30, 31):
        day = None if days is None else TODAY + timedelta(days=days)
        in_service(make_deal(people.owner, Stage.SERVICE, name=f"{days}"), day)
    sweep()
    assert [(about, near) for _kind, _what, about, near in told(people.owner)] == [
        ("0 · Mar 20, 2026", "Today"),
        ("30 · Apr 19, 2026", "in 30 days"),
    ]
    assert {near for *_rest, near in told(people.owner, "zh_Hant")} == {"今天", "還有 30 天"}


def test_a_promise_is_told_from_its_day_until_somebody_says_what_became_of_it(
    app: Flask, people: People
) -> None:
    customer = make_customer(people.owner, "Paper Crane")
    note = promised(
        customer, people.owner, ("A list", -2), ("Figures", 0), ("Drawings", 1), ("Some day", None)
    )
    sweep()
    assert told(people.owner) == [
        ("promise_due", "A list", "Paper Crane", "2 days late"),
        ("promise_due", "Figures", "Paper Crane", "Today"),
    ]
    assert told(people.teammate) == []
    with acting_as_system("a test prepares"), writing():
        kept = db.session.get_one(FollowUp, note.id).promises[0]
        facts: dict[str, Any] = {"by": people.owner, "now": MORNING, "expected_version": 1}
        kept.become(PromiseState.KEPT, kept.due_on, "", **facts)
    assert [what for _kind, what, *_rest in told(people.owner)] == ["Figures"]


def test_what_is_put_off_is_not_told_anew_and_who_left_is_told_nothing(app: Flask, people: People) -> None:
    promised(make_customer(people.owner, "Paper Crane"), people.owner, ("A list", 0))
    promised(make_customer(people.teammate, "Trilobite"), people.teammate, ("A plan", 0))
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(User, people.teammate.id).deactivate(by=people.admin, now=MORNING)
    sweep()
    with acting_as_system("a test prepares"), writing():
        reminder = db.session.scalars(select(Reminder)).one()
        reminder.put_off(MORNING + timedelta(days=2), now=MORNING)
    sweep(days_later=1)
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(Reminder.id))) == 1
