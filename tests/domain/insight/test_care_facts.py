"""Objections, tasks, rhythm, proposals, new and kept customers, the deals ahead: what counts, and for whom."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection
from salesboard.followups.rules import Note, ObjectionState
from salesboard.insight.facts import Cut, RowSet, divided
from salesboard.insight.metrics import BY_CODE, Figure
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.tasks.models import Task
from salesboard.tasks.rhythm import Rhythm
from tests.domain.insight.course import Course
from tests.standing import People, make_customer

NOW = datetime(2026, 3, 31, 4, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _the_last_of_march(freeze) -> None:
    freeze(NOW)


def figure(code: str, period: str = "2026-03", scope: Scope | None = None) -> Figure:
    metric = BY_CODE[code]
    with acting_as_system("a test counts"):
        rows = Reading.here(scope or Scope(), Period.parse(period)).rows(metric.rows)
    found = metric.figure({metric.rows: rows})
    assert found is not None
    return found


def shares(code: str, cut: Cut, period: str = "2026-03") -> dict[str | None, float | None]:
    metric = BY_CODE[code]
    with acting_as_system("a test counts"):
        rows = Reading.here(Scope(), Period.parse(period)).rows(metric.rows)
    return {key: metric.figure(part).value for key, part in divided({metric.rows: rows}, cut).items()}  # type: ignore[union-attr, misc]


def talk(customer: Customer, by: User, on: str, *objections: str) -> None:
    at = clock.noon(date.fromisoformat(on), "Asia/Shanghai")
    with acting_as_system("a test prepares"), writing():
        note = Note(occurred_at=at, method=Method.VISIT, content="We spoke", objections=objections)
        FollowUp.write(note, by=by, now=at, day=at.date()).file(db.session.get_one(Customer, customer.id))


def enter(owner: User, on: str, name: str, freeze, **facts: object) -> Customer:
    freeze(clock.noon(date.fromisoformat(on), "Asia/Shanghai"))
    customer = make_customer(owner, name, **facts)
    freeze(NOW)
    return customer


def test_objections_settled_are_of_those_raised_in_the_period_by_who_heard_them(
    app: Flask, people: People
) -> None:
    customer = make_customer(people.owner)
    talk(customer, people.owner, "2026-03-03", "Too dear", "Too slow")
    talk(customer, people.teammate, "2026-03-04", "Too large")
    talk(customer, people.owner, "2026-02-27", "Too early")
    with acting_as_system("a test prepares"), writing():
        for text in ("Too dear", "Too early"):
            objection = db.session.scalars(select(Objection).where(Objection.text == text)).one()
            objection.become(ObjectionState.SETTLED, "", by=people.owner, now=NOW, expected_version=1)

    settled = figure("objections_settled")
    assert (settled.numerator, settled.denominator) == (1, 3)
    assert shares("objections_settled", Cut.OWNER) == {"olive@example.com": 0.5, "tom@example.com": 0.0}


def test_tasks_on_time_are_of_those_that_were_due_and_not_dropped(app: Flask, people: People) -> None:
    customer = make_customer(people.owner)

    def task(due: str, done: str | None = None, *, is_dropped: bool = False) -> None:
        told = {"customer": customer, "deal": None, "owner": people.owner, "by": people.owner, "now": NOW}
        with acting_as_system("a test prepares"), writing():
            each = Task.set("Call", due_on=date.fromisoformat(due), **told)  # type: ignore[arg-type]
            if is_dropped:
                each.drop(by=people.owner, now=NOW, expected_version=1)
            if done:
                note = FollowUp.write(
                    Note(occurred_at=NOW, method=Method.PHONE, content="Done"),
                    by=people.owner,
                    now=NOW,
                    day=NOW.date(),
                )
                note.customer_id = customer.id
                db.session.add(note)
                db.session.flush()
                each.do(note, done_on=date.fromisoformat(done), by_id=people.owner.id, now=NOW)

    task("2026-03-10", "2026-03-10")
    task("2026-03-10", "2026-03-09")
    task("2026-03-10", "2026-03-11")
    task("2026-03-11")  # late by now
    task("2026-03-31")  # due today: nobody can say
    task("2026-03-12", is_dropped=True)
    task("2026-04-01", "2026-03-12")

    on_time = figure("tasks_on_time")
    assert (on_time.numerator, on_time.denominator, on_time.n) == (2, 4, 4)


class TestFollowUpRate:
    def test_of_each_level_by_its_own_cadence(self, app: Flask, people: People, freeze) -> None:
        """Key customers weekly, normal ones every two weeks; March 2026 has six weeks or parts of one."""
        key = enter(people.owner, "2026-01-05", "Key", freeze, level=Level.KEY)
        normal = enter(people.teammate, "2026-01-05", "Normal", freeze, level=Level.NORMAL)
        for on in ("2026-02-27", "2026-03-05", "2026-03-12", "2026-03-19"):
            talk(key, people.owner, on)
        talk(normal, people.teammate, "2026-03-05")

        rates = shares("follow_up_rate", Cut.LEVEL)
        assert rates == {"key": pytest.approx(4 / 6), "normal": pytest.approx(2 / 6)}
        whole = figure("follow_up_rate")
        assert (whole.numerator, whole.denominator, whole.n) == (6, 12, 2)
        assert figure("follow_up_rate", scope=Scope(person=people.owner)).value == pytest.approx(4 / 6)

    def test_a_pause_the_archive_and_a_rhythm_of_ones_own_are_respected(
        self, app: Flask, people: People, freeze
    ) -> None:
        paused = enter(people.owner, "2026-01-05", "Paused", freeze, level=Level.KEY)
        slow = enter(people.owner, "2026-01-05", "Slow", freeze, level=Level.KEY)
        talk(slow, people.owner, "2026-02-27")
        at = clock.noon(date(2026, 3, 9), "Asia/Shanghai")
        with acting_as_system("a test prepares"), writing():
            told = {"reason": "", "by": people.owner, "now": at}
            Rhythm.set(paused, days=None, paused_until=date(2026, 6, 1), **told)  # type: ignore[arg-type]
            Rhythm.set(slow, days=60, paused_until=None, **told)  # type: ignore[arg-type]
        counted = figure("follow_up_rate")
        # the paused one: the weeks to March 1 and 8 alone, with no talk; the slow one: six, all of them kept
        assert (counted.numerator, counted.denominator, counted.n) == (6, 8, 2)

    def test_whoever_has_no_customer_has_no_rate(self, app: Flask, people: People) -> None:
        assert figure("follow_up_rate").value is None


def test_needs_accuracy_judges_each_deal_once_by_the_last_answer(app: Flask, people: People) -> None:
    def judge(deal: Course, on: str, verdict: str | None) -> None:
        deal.to(Stage.NEGOTIATION, on)
        with acting_as_system("a test prepares"), writing():
            answer = {"code": "proposal_met", "wording": "?", "value": verdict, "words": verdict}
            placement = db.session.merge(deal.last)
            placement.answers = [answer] if verdict else []

    first, second, third = (Course(people.owner, "2026-01-05") for _ in range(3))
    judge(first, "2026-03-02", "partly")
    first.to(Stage.PROPOSAL, "2026-03-05")
    judge(first, "2026-03-09", "fully")
    judge(second, "2026-03-03", "no")
    judge(third, "2026-03-04", None)

    accuracy = figure("needs_accuracy")
    assert (accuracy.numerator, accuracy.denominator) == (1, 2)
    assert figure("needs_accuracy", "2026-04").value is None


def test_new_customers_and_how_many_more_there_are_than_before(app: Flask, people: People, freeze) -> None:
    for day in ("2026-02-03", "2026-02-28"):
        make_customer(people.owner, f"Met {day}", first_contact_date=date.fromisoformat(day))
    make_customer(people.owner, "Met long ago", first_contact_date=date(2020, 1, 1))
    make_customer(people.teammate, "Met", first_contact_date=date(2026, 3, 1))
    enter(people.owner, "2026-03-31", "Entered", freeze)
    enter(people.owner, "2026-03-30", "Entered too", freeze)

    assert figure("new_customers").value == 3
    growth = figure("new_customer_growth")
    assert (growth.numerator, growth.denominator, growth.value) == (3, 2, 0.5)
    assert figure("new_customer_growth", "2026-02").value is None


def test_kept_customers_are_those_won_before_with_a_talk_or_a_new_deal(app: Flask, people: People) -> None:
    names = ("Spoken with", "With a new deal", "Forgotten", "Won just now")
    spoken, again, forgotten, now = (make_customer(people.owner, name) for name in names)
    for customer in (spoken, again, forgotten):
        Course(people.owner, "2026-01-05", customer=customer).to(Stage.WON, "2026-02-04", contract="1000")
    Course(people.owner, "2026-01-05", customer=now).to(Stage.WON, "2026-03-04", contract="1000")
    talk(spoken, people.teammate, "2026-03-10")
    Course(people.owner, "2026-03-12", customer=again)

    kept = figure("retained_customers")
    assert (kept.numerator, kept.denominator) == (2, 3)
    assert figure("retained_customers", "2026-01").value is None


def test_the_forecast_weighs_what_is_open_by_its_expected_month(app: Flask, people: People) -> None:
    def expect(deal: Course, on: date | None) -> Course:
        with acting_as_system("a test prepares"), writing():
            db.session.get_one(Deal, deal.deal.id).expected_close = on
        return deal

    expect(
        Course(people.owner, "2026-03-02", amount="1000.50").to(Stage.INTENT, "2026-03-03"), date(2026, 4, 9)
    )
    expect(Course(people.owner, "2026-03-02", amount="200"), date(2026, 4, 30))
    expect(Course(people.owner, "2026-03-02", amount="300"), date(2026, 5, 1))
    expect(Course(people.owner, "2026-03-02", amount="400"), None)
    expect(Course(people.owner, "2026-03-02", amount="9000").lose("2026-03-04"), date(2026, 4, 9))
    won = Course(people.owner, "2026-03-02", amount="9000").to(Stage.WON, "2026-03-05", contract="9000")
    expect(won, date(2026, 4, 9))

    ahead = figure("forecast")
    # leads at 10 %, the one in intent at 50 %
    assert ahead.value == {"": Decimal(40), "2026-04": Decimal("520.25"), "2026-05": Decimal(30)}
    assert (ahead.numerator, ahead.n) == (Decimal("590.25"), 4)


def test_a_follow_up_belongs_to_the_day_of_its_authors_own_clock(app: Flask, people: People) -> None:
    """Half past midnight on 1 March in Shanghai is still 28 February in New York."""
    customer = make_customer(people.owner)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(User, people.owner.id).timezone = "America/New_York"
    at = datetime(2026, 2, 28, 16, 30, tzinfo=UTC)
    for by in (people.owner, people.teammate):
        with acting_as_system("a test prepares"), writing():
            note = Note(occurred_at=at, method=Method.VISIT, content="We spoke", objections=("Dear",))
            FollowUp.write(note, by=by, now=at + timedelta(hours=1), day=at.date()).file(
                db.session.get_one(Customer, customer.id)
            )

    assert shares("notes_written", Cut.OWNER) == {"tom@example.com": 1}
    assert shares("notes_written", Cut.OWNER, "2026-02") == {"olive@example.com": 1}
    assert shares("objections_settled", Cut.OWNER) == {"tom@example.com": 0.0}
    with acting_as_system("a test counts"):
        february = Reading.here(Scope(), Period.parse("2026-02")).rows(RowSet.NOTES)
    assert [fact.day for fact in february] == [date(2026, 2, 28)]
