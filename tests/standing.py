"""The standing people, and the customers and deals they work on, made through the same verbs as the pages use."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Table, insert, select, text
from sqlalchemy.orm import selectinload

from salesboard import clock
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User, team_members
from salesboard.accounts.passwords import hash_password
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import STAGES, LostReason, Method, Outcome, Stage
from salesboard.deals.stages import stage_settings
from salesboard.deals.terms import Closing, SigningTerms
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind, Note, PromiseTold
from salesboard.installation import Installation, installation

PASSWORD = "correct horse battery"
_PASSWORD_HASH = hash_password(PASSWORD)


@dataclass
class People:
    """`owner` and `teammate` are reps of one team under `supervisor`; `outsider` is a rep of another team."""

    owner: User
    teammate: User
    collaborator: User
    supervisor: User
    outsider: User
    admin: User


_first_arrival: tuple[datetime, list[tuple[Table, list[dict[str, Any]]]]] | None = None


def arrive() -> People:
    """Two teams, six people with a password, and a set-up installation, where nobody is yet.

    Nearly every test begins so. They come through the verbs once; what these wrote is from then on written at once.
    """
    global _first_arrival
    now = clock.now()
    with writing():
        db.session.add(
            Installation(
                id=1, name="Paper Crane", currency="CNY", timezone="Asia/Shanghai", locale="en", set_up_at=now
            )
        )
        if _first_arrival is None:
            _come_through_the_verbs(now)
            tables = (Team.__table__, User.__table__, team_members, AuditEvent.__table__)
            _first_arrival = now, [(table, _rows_of(table)) for table in tables]  # type: ignore[arg-type, misc]
        else:
            then, written = _first_arrival
            for table, rows in written:
                anew = [{name: now if fact == then else fact for name, fact in row.items()} for row in rows]
                db.session.execute(insert(table), anew)
            _count_on([table for table, _rows in written])
        everybody = select(User).options(selectinload(User.teams)).order_by(User.id)
        return People(*db.session.scalars(everybody))


def _rows_of(table: Table) -> list[dict[str, Any]]:
    db.session.flush()
    return [dict(row) for row in db.session.execute(select(table).order_by(*table.primary_key)).mappings()]


def _count_on(tables: list[Table]) -> None:
    """PostgreSQL does not see by itself that numbers were given."""
    if db.session.get_bind().dialect.name == "postgresql":
        series = [
            f"setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM \"{table.name}\"))"
            for table in tables
            if "id" in table.c
        ]
        db.session.execute(text(f"SELECT {', '.join(series)}"))


def _come_through_the_verbs(now: datetime) -> None:
    north, south = Team(name="North"), Team(name="South")
    db.session.add_all((north, south))
    for name, role, team in (
        ("Olive Owner", Role.REP, north),
        ("Tom Teammate", Role.REP, north),
        ("Cora Collaborator", Role.COLLABORATOR, north),
        ("Sue Supervisor", Role.SUPERVISOR, north),
        ("Oscar Outsider", Role.REP, south),
        ("Ada Admin", Role.ADMIN, north),
    ):
        email = f"{name.split()[0].lower()}@example.com"
        person = User.invite(email, name, role, teams=[team], by=None, now=now)
        person.password_hash = _PASSWORD_HASH
        person.locale = "en"


def make_customer(owner: User, name: str = "Paper Crane Packaging", **facts: Any) -> Customer:
    now = clock.now()
    with acting_as_system("a test prepares"), writing():
        return Customer.register(name, owner=owner, by=owner, now=now, day=installation().today, **facts)


def make_deal(
    owner: User,
    stage: Stage = Stage.LEAD,
    *,
    name: str = "Line one",
    customer: Customer | None = None,
    lost: bool = False,
    entered_on: date | None = None,
    **facts: Any,
) -> Deal:
    """A deal in `stage`, walked there through every stage before it, each move with its note.

    `entered_on` sets the day on which the present stay began; `facts` are columns of the deal set at the end.
    """
    customer = customer or make_customer(owner)
    began = clock.noon(entered_on, installation().timezone) if entered_on else clock.now()
    day = entered_on or installation().today
    with acting_as_system("a test prepares"), writing():
        note = written("Met at the fair", owner, began, day, FollowUpKind.RECORD)
        deal = Deal.begin(
            name,
            customer=customer,
            owner=owner,
            note=note,
            by=owner,
            now=began,
            day=day,
            probability=stage_settings()[Stage.LEAD].probability,
            amount=facts.pop("amount", Decimal("100000")),
        )
        for step in STAGES[1 : stage.position + 1]:
            deal.place(
                step,
                note=written(f"Came to {step}", owner, began, day),
                by=owner,
                now=began,
                day=day,
                expected_version=deal.version,
                probability=stage_settings()[step].probability,
                terms=SigningTerms(contract_amount=deal.amount or Decimal(0), signed_on=day),
            )
        if lost:
            closing = Closing(reason=LostReason.PRICE, words="Too dear")
            note = written("They chose another", owner, began, day, next_step="")
            deal.lose(
                closing, note=note, by=owner, now=began, day=day, expected_version=deal.version, answers=[]
            )
        for column, value in facts.items():
            setattr(deal, column, value)
    assert deal.outcome is (Outcome.LOST if lost else Outcome.OPEN)
    return deal


def written(
    content: str,
    by: User,
    now: datetime,
    day: date,
    kind: FollowUpKind = FollowUpKind.TALK,
    next_step: str = "Call again",
    objections: tuple[str, ...] = (),
    promises: tuple[PromiseTold, ...] = (),
) -> FollowUp:
    """A note on paper, with a next step due the same day unless there is none."""
    due = day if next_step and kind is FollowUpKind.TALK else None
    note = Note(
        occurred_at=now,
        method=Method.PHONE,
        content=content,
        objections=objections,
        promises=promises,
        next_step=next_step if due else "",
        next_due=due,
    )
    return FollowUp.write(note, by=by, now=now, day=day, kind=kind)
