"""Targets: set in a grid, pasted, spread over a year, and what was reached of them; for whom they are."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import Team
from salesboard.audit import AuditEvent
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.insight.actuals import standings
from salesboard.insight.attainment import TargetMetric
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.insight.targets import Change, Target
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_deal

ClientAs = Callable[..., Browser]
pytestmark = pytest.mark.databases("sqlite", "postgresql")
AMOUNT = TargetMetric.SIGNED_AMOUNT
MOMENT = datetime(2026, 5, 21, 2, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def in_may(freeze: Callable[[datetime], None], people: People) -> None:
    freeze(MOMENT)


def kept(metric: TargetMetric = AMOUNT) -> dict[tuple[str, int, str], Decimal]:
    with acting_as_system("a test looks"):
        db.session.rollback()
        rows = db.session.scalars(select(Target).where(Target.metric == metric)).all()
        return {
            (
                "team" if row.team_id else "person",
                row.team_id or row.person_id or 0,
                row.period_key,
            ): row.value
            for row in rows
        }


def aim(people: People, scope: Scope, period: str, value: str, metric: TargetMetric = AMOUNT) -> None:
    with acting_as_system("a test prepares"), writing():
        change = Change(scope, Period.parse(period), None, Decimal(value))
        Target.set(metric, [change], by=people.admin, now=clock.now())


def grid(people: People, **cells: str) -> dict[str, str]:
    """What the page of the quarters sends; cells are named "olive1" (Olive's first), "north2"."""
    with acting_as_system("a test looks"):
        north = db.session.scalars(select(Team).order_by(Team.id)).first()
    assert north is not None
    of = {
        "north": f"team{north.id}-", "olive": f"person{people.owner.id}-", "tom": f"person{people.teammate.id}-",
        "sue": f"person{people.supervisor.id}-", "ada": f"person{people.admin.id}-",
    }  # fmt: skip
    sent = {"metric": "signed_amount", "year": "2026", "by": "quarter", "team": str(north.id)}
    for prefix in of.values():
        sent |= {f"{prefix}was": "|||"} | {f"{prefix}c{place}": "" for place in range(4)}
    for cell, text in cells.items():
        name, place = cell[:-1], int(cell[-1]) - 1
        sent[f"{of[name]}c{place}"] = text
    return sent


def test_a_supervisor_fills_the_grid_and_is_told_where_the_team_is_more_than_its_people(
    people: People, client_as: ClientAs
) -> None:
    browser = client_as(people.supervisor)
    page = browser.get("/targets?by=quarter&year=2026").get_data(as_text=True)
    assert all(name in page for name in ("North", "Olive Owner", "Tom Teammate", "Sue Supervisor"))
    assert "Cora" not in page
    assert "Oscar" not in page
    wrong = browser.post("/targets", grid(people, olive1="many", tom2="48.6万"), status=422).get_data(
        as_text=True
    )
    assert "Olive Owner, 1st quarter" in wrong
    assert 'value="48.6万"' in wrong
    browser.post("/targets", grid(people, north2="600000", olive2="35万", tom2="230000"))
    north = people.supervisor.teams[0]
    assert kept() == {
        ("team", north.id, "2026Q2"): 600_000,
        ("person", people.owner.id, "2026Q2"): 350_000,
        ("person", people.teammate.id, "2026Q2"): 230_000,
    }
    page = browser.get("/targets?by=quarter&year=2026").get_data(as_text=True)
    assert "20 K less than the team" in page
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(AuditEvent).where(AuditEvent.verb == "targets.set")) is not None

    # somebody else changed one of these cells meanwhile; another cell disturbs nobody
    stale = browser.post("/targets", grid(people, olive2="1"), status=409).get_data(as_text=True)
    assert "What you typed is still here" in stale
    assert "Sue Supervisor set targets meanwhile" in stale
    browser.post("/targets", grid(people, olive3="5"))
    assert kept()["person", people.owner.id, "2026Q3"] == 5


def test_rows_from_excel_fill_the_grid_without_script(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.supervisor)
    table = "Name\tQ1\tQ2\tQ3\tQ4\r\nOlive  Owner\t180\t190\t\t48.6万\r\nnorth\t1,000\t2\t3\t4\r\n"
    fill = {"go": "fill", "pasted": table}
    page = browser.post("/targets", grid(people, tom1="7") | fill, status=200).get_data(as_text=True)
    assert "7 cells are filled in." in page
    assert 'value="48.6万"' in page
    assert 'value="7"' in page
    assert kept() == {}
    unknown = browser.post("/targets", grid(people) | fill | {"pasted": f"{table}Nobody\t1"}, status=422)
    assert "Nobody here is called so: Nobody" in unknown.get_data(as_text=True)
    browser.post("/targets", grid(people) | fill | {"pasted": ""}, status=422)


def test_a_year_is_spread_over_its_months_by_share(people: People, client_as: ClientAs) -> None:
    aim(people, Scope(person=people.owner), "2026", "1300000")
    browser, north = client_as(people.supervisor), people.supervisor.teams[0]
    assert "Spread the year" in browser.get("/targets?by=year&year=2026").get_data(as_text=True)
    sent = {"metric": "signed_amount", "year": "2026", "by": "year", "team": str(north.id)}
    shares = {f"shares-{place}": "1" for place in range(12)} | {"shares-11": "2"}
    browser.post("/targets/months", sent | {f"shares-{place}": "0" for place in range(12)}, status=422)
    browser.post("/targets/months", sent | shares | {"shares-3": "x"}, status=422)
    browser.post("/targets/months", sent | shares)
    found = kept()
    assert found["person", people.owner.id, "2026-01"] == 100_000
    assert found["person", people.owner.id, "2026-12"] == 200_000
    even = sent | {f"shares-{place}": "1" for place in range(12)}
    browser.post("/targets/months", even)
    assert kept() == found, "months that are set already are left alone"
    browser.post("/targets/months", even | {"replace": "y"})
    assert kept()["person", people.owner.id, "2026-12"] == 108_333


def test_who_stands_where(people: People, client_as: ClientAs) -> None:
    make_deal(people.owner, Stage.WON, amount=Decimal(136_000))
    aim(people, Scope(person=people.owner), "2026-05", "180000")
    aim(people, Scope((people.supervisor.teams[0],)), "2026-05", "400000")
    aim(people, Scope(person=people.owner), "2026-05", "3", TargetMetric.SIGNED_DEALS)
    with acting_as_system("a test looks"):
        amount, deals = standings(Scope(person=people.owner), Period.parse("2026-05"))
    assert (amount.actual, amount.target, amount.per_week) == (136_000, 180_000, 28_000)
    assert (deals.actual, deals.target) == (1, 3)

    with counted_selects() as few:
        page = client_as(people.supervisor).get("/targets").get_data(as_text=True)
    assert "76%" in page
    assert "34%" in page
    assert "needs 28 K a week from now" in page
    for person in (people.teammate, people.admin, people.supervisor):
        aim(people, Scope(person=person), "2026-05", "10000")
    with counted_selects() as many:
        client_as(people.supervisor).get("/targets")
    assert len(many) <= len(few)

    own = client_as(people.owner).get("/targets").get_data(as_text=True)
    assert "76%" in own
    assert "34%" not in own
    assert "Tom Teammate" not in own
    assert "No target is set" in client_as(people.outsider).get("/targets").get_data(as_text=True)
