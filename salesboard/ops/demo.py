"""Fills an empty database with invented people, customers and deals, in one transaction."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from flask_babel import force_locale
from sqlalchemy import Table, insert, select, text

from salesboard import audit, clock
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.audit import AuditEvent
from salesboard.customers.models import Customer
from salesboard.customers.rules import pinyin_keys
from salesboard.customers.ways import ContactWay, WayKind, digest_of, ways_in
from salesboard.database import db, writing
from salesboard.deals.stages import stage_settings
from salesboard.errors import Refused
from salesboard.followups import digest_chain as chain
from salesboard.followups.models import FollowUp
from salesboard.insight.measures import Measure
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.scopes import Scope
from salesboard.installation import installation, working_calendar
from salesboard.numbering import take_numbers
from salesboard.ops.invented_results import InventedResults
from salesboard.ops.invented_rows import InventedRows, Row
from salesboard.ops.invented_work import InventedWork
from salesboard.ops.invention import words
from salesboard.sealed import sealed_row
from salesboard.tasks.keeping import begin_cadences, keep_steps

FILLED = "demo.filled"
"""The audit event by which a database with invented records is known."""


@dataclass(frozen=True)
class Filled:
    """What was invented. `people` are the supervisors, the reps and one collaborator."""

    teams: list[Team]
    people: list[User]
    customers: int
    deals: int
    followups: int


def holds_invented_records() -> bool:
    """Whether this database was filled by `fill`."""
    return db.session.scalar(select(AuditEvent.id).where(AuditEvent.verb == FILLED).limit(1)) is not None


def fill(
    deals: int = 120, seed: int = 1, *, by: User | None = None, password_hash: str | None = None
) -> Filled:
    """Invents `deals` deals and everything around them; the same seed on the same day invents the same.

    The invented people can sign in only with a `password_hash`. Raises Refused where any customer or follow-up is
    there already.
    """
    with (
        acting_as_system("invented records are refused beside anybody's real ones"),
        force_locale("zh_Hans"),  # the language of the invented words
        writing(),
    ):
        _refuse_records()
        now = clock.now()
        rows = InventedRows(Random(seed), now, installation().timezone, working_calendar(), stage_settings())
        teams, people = _bring_people(now, password_hash)
        reps = [person for person in people if person.role is Role.REP]
        rows.invent(deals, reps, people[-1], take_numbers)
        work = InventedWork(
            Random(f"work {seed}"), rows, installation().today, installation().timezone, working_calendar()
        )
        work.invent()
        results = InventedResults(
            Random(f"results {seed}"), rows, installation().today, installation().timezone, now
        )
        results.invent(reps)
        for table, its_rows in [*rows.tables(), *work.tables(), *results.tables()]:
            _insert(table, [sealed_row(table.name, row) for row in its_rows])
        chain.append(work.links)
        _insert(ContactWay.metadata.tables[ContactWay.__tablename__], list(_ways(rows.contacts)))
        _plan(teams, people, now)
        keep_steps(now)
        begin_cadences(now)
        audit.record(FILLED, "installation", actor_id=by.id if by else None, at=now, deals=deals, seed=seed)
    return Filled(teams, people, len(rows.customers), len(rows.deals), len(rows.followups))


def _refuse_records() -> None:
    there = db.session.scalar(select(Customer.id).limit(1)) or db.session.scalar(select(FollowUp.id).limit(1))
    if there and holds_invented_records():
        raise Refused("this database holds invented records already: use an empty one (SALESBOARD_DATA)")
    if there:
        raise Refused(
            "this database holds real records; invented ones go into an empty one (SALESBOARD_DATA)"
        )


def _bring_people(now: datetime, password_hash: str | None) -> tuple[list[Team], list[User]]:
    """Two teams with their supervisors and reps, and last a collaborator of the first team."""
    teams, people = [], []
    for told in words()["teams"]:
        team = db.session.scalar(select(Team).where(Team.name == told["name"])) or Team(name=told["name"])
        db.session.add(team)
        teams.append(team)
        people.append(_invite(told["supervisor"], Role.SUPERVISOR, team, now))
        people += [_invite(name, Role.REP, team, now) for name in told["reps"]]
    people.append(_invite(words()["collaborator"], Role.COLLABORATOR, teams[0], now))
    for person in people:
        person.password_hash = password_hash
    db.session.flush()
    return teams, people


def _invite(name: str, role: Role, team: Team, now: datetime) -> User:
    return User.invite(f"{pinyin_keys(name)[0]}@demo.example", name, role, teams=[team], by=None, now=now)


def _plan(teams: list[Team], people: list[User], now: datetime) -> None:
    """Two steps of each team towards this quarter's targets, the first with a check-point before it."""
    today, steps = installation().today, iter(words()["plan_steps"])
    quarter = Period.around(PeriodKind.QUARTER, today)
    for team in teams:
        leader, *members = [person for person in people if team in person.teams]
        for place, weeks in enumerate((3, 5)):
            due_on = today + timedelta(weeks=weeks)
            checked_on = today + timedelta(weeks=1) if place == 0 else None
            Measure.plan(
                quarter,
                Scope((team,)),
                next(steps),
                members[place],
                due_on,
                checked_on=checked_on,
                by=leader,
                now=now,
            )


def _ways(contacts: Iterable[Row]) -> Iterator[Row]:
    for contact in contacts:
        for kind in WayKind:
            for way in ways_in(kind, contact[kind]):
                yield {"contact_id": contact["id"], "kind": kind, "digest": digest_of(kind, way)}


def _insert(table: Table, rows: Iterable[Row]) -> None:
    """Many rows at once, and on PostgreSQL the table's next id after them."""
    if not rows:
        return
    connection = db.session.connection()
    connection.execute(insert(table), list(rows))
    if connection.dialect.name == "postgresql" and "id" in table.c:
        connection.execute(
            text(
                f"SELECT setval(pg_get_serial_sequence('{table.name}', 'id'), (SELECT max(id) FROM {table.name}))"
            )
        )
