"""Every route with every method, for every kind of person: the table beside this file says who gets what.

A route that the table does not know fails the test. The columns stand in the order of `WHO`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from werkzeug.exceptions import HTTPException

from salesboard import clock, files, outbox
from salesboard.access import Role, acting_as_system
from salesboard.accounts.calendar_addresses import CalendarAddress
from salesboard.accounts.links import AccessLink
from salesboard.accounts.models import SignIn, Team, User
from salesboard.audit import AuditEvent
from salesboard.customers.checks import SpotCheck
from salesboard.customers.custom_fields import CustomField
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.housekeeping import Tidying
from salesboard.customers.housekeeping_rules import Act, Proposal
from salesboard.customers.merging import Merge
from salesboard.customers.models import Customer
from salesboard.customers.saved import ListKind, SavedView
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.documents.models import Document, Kept
from salesboard.documents.rules import DocumentKind
from salesboard.exchange.export_asked import wish_for
from salesboard.exchange.export_models import Export, Form
from salesboard.followups.rules import PromiseTold
from salesboard.insight.evaluation import evaluate
from salesboard.insight.models import Report
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from salesboard.notify.models import Reminder
from salesboard.ops.leaving import HandOver
from salesboard.outbox import Work, WorkState
from salesboard.service.complaints import Complaint, ComplaintKind
from salesboard.service.models import Instalment, Payment
from salesboard.service.satisfaction import Satisfaction
from salesboard.tasks.models import Task
from tests import standing
from tests.browsing import Browser
from tests.domain.exchange.bringing import begin_with, try_out
from tests.standing import People, make_deal, written
from tests.telling import channels_of
from tests.worlds import Worlds

pytestmark = pytest.mark.databases("sqlite", "postgresql")

WHO = ("owner", "teammate", "collaborator", "supervisor", "outsider", "admin", "anonymous")
TABLE = Path(__file__).with_name("access_matrix.txt")
REFUSED = {401, 403, 404, 302}


@dataclass(frozen=True)
class Line:
    """One line of the table: what each kind of person gets."""

    method: str
    path: str
    statuses: dict[str, int]

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def read_table() -> list[Line]:
    lines = []
    for text in TABLE.read_text("utf-8").splitlines():
        if text.strip() and not text.startswith("#"):
            method, path, *statuses = text.split()
            assert len(statuses) == len(WHO), text
            lines.append(Line(method, path, dict(zip(WHO, map(int, statuses), strict=True))))
    return lines


LINES = read_table()


def subjects(people: People) -> dict[str, object]:
    """What stands in the table's paths. A new subject is one line in the answer."""
    now = clock.now()
    deal = make_deal(people.owner)
    won = make_deal(people.owner, Stage.WON, name="A won line", customer=deal.customer)
    tried_out = try_out(begin_with("new.csv", "客户名称\nNew Works\n".encode(), by=people.owner))
    with acting_as_system("a test prepares"), writing():
        for each in (deal, won):
            each.share_with(people.collaborator, by=people.owner, now=now)
        Payment.plan(won, [Instalment(None, "Advance", now.date(), Decimal(1))], by=people.owner, now=now)
        payment = Payment.of(won)[0]
        receipt = payment.receive(Decimal(1), now.date(), by=people.owner, now=now, expected_version=1)
        score = {"score": 4, "day": now.date(), "by": people.owner, "now": now}
        satisfaction = Satisfaction.tell(won, **score)
        came = {"kind": ComplaintKind.COMPLAINT, "words": "Late", "opened_at": now, "now": now}
        complaint = Complaint.open(won.customer, won, owner=people.owner, by=people.owner, **came)
        spare = User.invite("spare@example.com", "Sam Spare", Role.REP, teams=[], by=None, now=now)
        spare.password_hash = people.owner.password_hash
        link = AccessLink.issue(spare, by=None, now=now)
        work_id = outbox.promise("report", 1, now=now)
        db.session.get_one(Work, work_id).state = WorkState.DEAD
        customer = deal.customer
        contact = customer.add_contact(
            name="Cleo Contact", by=people.owner, now=now, expected_version=customer.version
        )
        checks = SpotCheck.draw(people.supervisor, day=installation().today, how_many=1, now=now)
        others_sign_in = sign_in_of(spare)
        kept = Kept(files.keep(BytesIO(b"%PDF-1.7")), "offer.pdf", "application/pdf", 8)
        document = Document.file(
            customer,
            deal,
            kept=[kept],
            by=people.owner,
            now=now,
            kind=DocumentKind.QUOTATION,
            name="Offer",
            day=now.date(),
        )
        twins = [
            Customer.register(name, owner=people.owner, by=people.owner, now=now, day=installation().today)
            for name in ("Twin Works", "Twin Works Ltd", "Twin Works Limited")
        ]
        merge = Merge.carry_out(twins[1], twins[2], {}, by=people.owner, now=now, expected_versions=(1, 1))
        report = evaluated(people.owner, now)
        left_open = {"objections": ("Too dear",), "promises": (PromiseTold("A list"),)}
        talk = written("Called them", people.owner, now, now.date(), **left_open)
        talk.file(customer, deal, plans=False)
        task = Task.set(
            "Call",
            customer=customer,
            deal=deal,
            owner=people.owner,
            due_on=now.date(),
            by=people.owner,
            now=now,
        )
        return {
            "task": task.id,
            "view": SavedView.keep(ListKind.CUSTOMERS, "A view", "", team=None, by=people.owner, now=now).id,
            **channels_of(people.owner),
            "deal": deal.number,
            "won": won.number,
            "payment": payment.id,
            "receipt": receipt.id,
            "satisfaction": satisfaction.id,
            "complaint": complaint.id,
            "import": tried_out.id,
            "export": taken_out(people.owner, now).id,
            "customer": customer.number,
            "followup": talk.number,
            "objection": talk.objections[0].id,
            "promise": talk.promises[0].id,
            "contact": contact.id,
            "twin": twins[0].number,
            "survivor": twins[1].number,
            "merge": merge.id,
            "document": document.id,
            "hand_over": HandOver.carry_out(spare, [people.teammate], by=people.admin, now=now).id,
            "file": document.files[0].id,
            "check": checks[0].id,
            "tidying": left_alone(people.owner, now).id,
            "collaborator": people.collaborator.id,
            "person": spare.id,
            "team": db.session.scalars(select(Team.id).order_by(Team.id)).first(),
            "link": link.token,
            "calendar": CalendarAddress.make(spare, now),
            "others_sign_in": others_sign_in,
            "work": work_id,
            "report": report.id,
            "field": CustomField.add(Subject.DEAL, "Line width", FieldKind.NUMBER, by=None, now=now).id,
            "reminder": db.session.scalar(select(Reminder.id).where(Reminder.report_id == report.id)),
        }


def evaluated(person: User, now: datetime) -> Report:
    """A finished report about this person, and the reminder that it is ready."""
    period, scope = Period.parse("2026Q1"), Scope(person=person)
    report = Report.request(period, scope, by=person, now=now)
    report.finish(evaluate(period, scope, as_of=now), as_of=now, now=now)
    return report


def taken_out(person: User, now: datetime) -> Export:
    """An export that lies ready."""
    wish = wish_for("customers", Form.CSV, None, "en", None)
    export = Export.ask(wish, total=0, by=person, now=now)
    files.keep(BytesIO(b"x"), export.begin(person.viewer()))
    export.finish(rows=1, size=1, now=now)
    return export


def left_alone(person: User, now: datetime) -> Tidying:
    """Housekeeping that was confirmed."""
    customer = Customer.register("Bygone Works", owner=person, by=person, now=now, day=now.date())
    given = {"reason": None, "by": person, "now": now, "today": now.date()}
    return Tidying.carry_out(Proposal.NO_CHANNEL, Act.LEAVE, [customer], **given)


def sign_in_of(person: User) -> int:
    """Another browser of this person's."""
    sign_in = SignIn.begin(person, address="127.0.0.1", browser="test", now=clock.now())
    db.session.flush()
    return sign_in.id


@dataclass(frozen=True)
class World:
    """What every line is asked of: subjects, and a browser for each kind of person, with another sign-in of theirs."""

    filled: dict[str, object]
    browsers: dict[str, Browser]
    other_sign_ins: dict[str, object]


def set_up_world(app: Flask) -> World:
    people = standing.arrive()
    filled = subjects(people)
    everybody = {who: getattr(people, who, None) for who in WHO}
    with writing():
        others = {who: sign_in_of(person) for who, person in everybody.items() if person is not None}
    browsers = {who: Browser(app, person) for who, person in everybody.items()}
    return World(filled, browsers, {"anonymous": filled["others_sign_in"], **others})


@pytest.fixture
def world(app: Flask, worlds: Worlds) -> World:
    return worlds.stand(app, set_up_world)


def answer_to(who: str, line: Line, world: World) -> int:
    """The status that this person gets. A refusal must leave no trace."""
    browser, before = world.browsers[who].afresh(), traces()
    path = line.path.format(**world.filled, sign_in=world.other_sign_ins[who])
    sent = None if line.method == "GET" else {"csrf_token": ""}
    status = browser.send(path, line.method, data=sent).status_code
    if status in REFUSED:
        assert traces() == before, f"{who} was refused {line}, yet something was written"
    return status


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_gets_what_the_table_says(world: World, line: Line) -> None:
    assert {who: answer_to(who, line, world) for who in WHO} == line.statuses


def traces() -> list[int | None]:
    """How much the database has recorded and promised."""
    db.session.rollback()
    return [db.session.scalar(select(func.count(table.id))) for table in (AuditEvent, Work)]


@pytest.mark.databases("sqlite")
def test_the_table_knows_every_route(app: Flask, people: People) -> None:
    known, filled = set(), {**subjects(people), "sign_in": 1}
    routes = app.url_map.bind("localhost")
    for line in LINES:
        try:
            rule, _values = routes.match(
                line.path.format(**filled).partition("?")[0], line.method, return_rule=True
            )
        except HTTPException:
            pytest.fail(f"the table has a line for no route: {line}")
        known.add((line.method, rule.rule))
    declared = {
        (method, rule.rule)
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.endpoint != "static"
    }
    assert sorted(declared - known) == [], f"add these to {TABLE.name}"


@pytest.mark.databases("sqlite")
def test_row_3_a_method_that_is_not_the_routes_own_is_refused(
    app: Flask, people: People, client_as: Callable[..., Browser]
) -> None:
    filled, admin = {**subjects(people), "sign_in": 1}, client_as(people.admin)
    allowed: dict[str, set[str]] = {}
    for line in LINES:
        allowed.setdefault(line.path, set()).add(line.method)
    for path, methods in allowed.items():
        for method in {"GET", "POST", "PUT", "PATCH", "DELETE"} - methods:
            assert admin.send(path.format(**filled), method).status_code == 405, (method, path)
