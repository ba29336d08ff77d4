"""Every fourth of 8 800 real deals: the report says what the file says, computed another way."""

from __future__ import annotations

import csv
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from statistics import mean, median, quantiles
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from salesboard import clock
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import Team, User
from salesboard.database import db, writing
from salesboard.exchange import commands as exchange
from salesboard.exchange import report_commands as insight
from salesboard.exchange import turns
from salesboard.insight.facts import Cut, Facts, RowSet, divided
from salesboard.insight.metrics import BY_CODE
from salesboard.insight.periods import Period
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from tests.rules.exchange.making import table_file

MAVEN = Path(__file__).parents[4] / "shared" / "data" / "maven"
QUARTER = date(2017, 7, 1), date(2017, 9, 30)
QUARTER_BEFORE = date(2017, 4, 1), date(2017, 6, 30)

ACCOUNTS = "--map account=name --map sector=industry --map office_location=region --owners create".split()
DEALS = (
    "--kind deals --owners create --map opportunity_id=external_id --map sales_agent=owner --map account=customer "
    "--map product=name --map deal_stage=stage --map engage_date=created_date --map close_date=closed_date "
    "--map close_value=contract_amount --map-value stage:Prospecting=lead --map-value stage:Engaging=intent "
    "--map-value stage:Won=won --map-value stage:Lost=lost"
).split()

pytestmark = pytest.mark.skipif(not MAVEN.is_dir(), reason="the Maven files are not beside this repository")

Row = dict[str, str]


def rows_of(name: str) -> list[Row]:
    with (MAVEN / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def within(days: tuple[date, date], text: str) -> bool:
    return bool(text) and days[0] <= date.fromisoformat(text) <= days[1]


def closed(stage: str, days: tuple[date, date], pipeline: list[Row]) -> list[Row]:
    return [row for row in pipeline if row["deal_stage"] == stage and within(days, row["close_date"])]


def cycle(row: Row) -> int:
    return (date.fromisoformat(row["close_date"]) - date.fromisoformat(row["engage_date"])).days


@pytest.fixture
def run(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    @contextmanager
    def here() -> Iterator[Flask]:
        yield app

    for module in (exchange, insight):
        monkeypatch.setattr(module, "application", here)
    monkeypatch.setattr(turns, "PAUSE", 0)

    def command(which: Any, *words: str) -> Any:
        done = CliRunner().invoke(which, words)
        assert done.exception is None, done.exception
        return json.loads(done.stdout)

    return command


@pytest.mark.databases("sqlite")
def test_the_third_quarter_agrees_with_the_file(app: Flask, run: Any, tmp_path: Path) -> None:
    pipeline = rows_of("sales_pipeline.csv")[::4]
    file = table_file(tmp_path, [list(pipeline[0]), *(row.values() for row in pipeline)])
    owner = ["--default", "owner=Anna Snelling", "--json"]
    run(exchange.import_group, str(MAVEN / "accounts.csv"), *ACCOUNTS, *owner)
    brought = run(
        exchange.import_group,
        str(file),
        *DEALS,
        "--default",
        "customer=No account",
        "--json",
    )
    assert brought["deals"]["created"] == len(pipeline) == 2200

    report = run(insight.report, "2017Q3")
    metrics = report["metrics"]
    won, lost = (closed(stage, QUARTER, pipeline) for stage in ("Won", "Lost"))
    before = closed("Won", QUARTER_BEFORE, pipeline)
    amount = sum(int(row["close_value"]) for row in won)
    assert metrics["signed_deals"]["value"] == len(won)
    assert metrics["signed_amount"]["value"] == amount
    assert metrics["signed_amount"]["previous"] == sum(int(row["close_value"]) for row in before)
    assert metrics["average_deal"]["value"] == pytest.approx(amount / len(won))
    assert metrics["win_rate"]["value"] == pytest.approx(len(won) / (len(won) + len(lost)))
    assert metrics["win_rate"]["n"] == len(won) + len(lost)

    days = [cycle(row) for row in won]
    assert metrics["cycle_days"]["value"] == {
        "mean": pytest.approx(mean(days)),
        "median": median(days),
        "p90": pytest.approx(quantiles(days, n=10, method="inclusive")[8]),
    }
    engaged = [row for row in pipeline if within(QUARTER, row["engage_date"])]
    went_on = [row for row in engaged if row["deal_stage"] in ("Engaging", "Won")]
    assert metrics["lead_conversion"]["denominator"] == len(engaged)
    assert metrics["lead_conversion"]["numerator"] == len(went_on)

    by_agent: dict[str, int] = defaultdict(int)
    for row in won:
        by_agent[row["sales_agent"]] += int(row["close_value"])
    assert signed_by(report, "owner") == dict(by_agent)
    sectors = {row["account"]: row["sector"] for row in rows_of("accounts.csv")}
    by_sector = Counter(sectors[row["account"]] for row in won)
    assert {
        part["label"]: part["metrics"]["signed_deals"]["value"]
        for part in report["by"]["industry"]
        if part["metrics"]["signed_deals"]["value"]
    } == dict(by_sector)

    agent = next(part for part in report["by"]["owner"] if part["label"] == "Darcel Schlecht")
    own = run(insight.report, "2017Q3", "--scope", f"person:{agent['key']}")
    assert own["metrics"]["signed_amount"]["value"] == by_agent["Darcel Schlecht"]
    assert own["metrics"]["win_rate"]["team"] == pytest.approx(metrics["win_rate"]["value"])
    every_quarter_agrees(pipeline)


QUARTERS = ("2016Q4", "2017Q1", "2017Q2", "2017Q3", "2017Q4")
WITHOUT_DEALS = {"Carl Lin", "Carol Thompson", "Elizabeth Anderson", "Mei-Mei Johns", "Natalya Ivanova"}


def every_quarter_agrees(pipeline: list[Row]) -> None:
    """Of the whole, of each manager's team and of each agent, those without any deal among them."""
    managers = {row["sales_agent"]: row["manager"] for row in rows_of("sales_teams.csv")}
    assert set(managers) - {row["sales_agent"] for row in rows_of("sales_pipeline.csv")} == WITHOUT_DEALS
    teams = in_their_teams(managers)
    with acting_as_system("a test counts"):
        for quarter in QUARTERS:
            period = Period.parse(quarter)
            agrees(Scope(), period, pipeline, quarter)
            for manager, team in teams.items():
                theirs = [row for row in pipeline if managers[row["sales_agent"]] == manager]
                facts = agrees(Scope((team,)), period, theirs, f"{quarter} {manager}")
                names = Scope((team,)).people()
                assert set(names.values()) == {agent for agent in managers if managers[agent] == manager}
                by_agent = divided(facts, Cut.OWNER)
                for email, agent in names.items():
                    own = [row for row in pipeline if row["sales_agent"] == agent]
                    part = by_agent.get(email, {name: [] for name in facts})
                    equals(part, period, own, f"{quarter} {agent}")


def in_their_teams(managers: dict[str, str]) -> dict[str, Team]:
    """A team for each manager, with the agents; whoever sold nothing was not brought in, and comes now."""
    with acting_as_system("a test prepares"), writing():
        teams = {manager: Team(name=f"Team of {manager}") for manager in set(managers.values())}
        db.session.add_all(teams.values())
        for agent, manager in managers.items():
            person = db.session.scalar(select(User).where(User.name == agent))
            if person is None:
                address = f"{agent.replace(' ', '.').lower()}@maven.example"
                person = User.invite(address, agent, Role.REP, teams=[], by=None, now=clock.now())
            person.teams.append(teams[manager])
    return teams


def agrees(scope: Scope, period: Period, pipeline: list[Row], whose: str) -> Facts:
    reading = Reading.here(scope, period)
    facts: Facts = {name: reading.rows(name) for name in (RowSet.CLOSED, RowSet.CREATED)}
    equals(facts, period, pipeline, whose)
    return facts


def equals(facts: Facts, period: Period, pipeline: list[Row], whose: str) -> None:
    days = period.starts_on, period.ends_on
    won, lost = (closed(stage, days, pipeline) for stage in ("Won", "Lost"))
    engaged = [row for row in pipeline if within(days, row["engage_date"])]
    went_on = [row for row in engaged if row["deal_stage"] in ("Engaging", "Won")]
    amount, ended, cycles = (
        sum(int(row["close_value"]) for row in won),
        len(won) + len(lost),
        list(map(cycle, won)),
    )
    expected = {
        "signed_amount": amount,
        "signed_deals": len(won),
        "average_deal": amount / len(won) if won else None,
        "win_rate": len(won) / ended if ended else None,
        "cycle_days": mean(cycles) if cycles else None,
        "lead_conversion": len(went_on) / len(engaged) if engaged else None,
    }
    for code, value in expected.items():
        figure = BY_CODE[code].figure(facts)
        assert figure is not None
        found = figure.value["mean"] if isinstance(figure.value, dict) else figure.value
        assert (found is None) == (value is None), (whose, code)
        assert value is None or float(found) == pytest.approx(value), (whose, code)  # type: ignore[arg-type]


def signed_by(report: dict[str, Any], cut: str) -> dict[str, float]:
    """What each part of the cut signed, those that signed nothing left out."""
    return {
        part["label"]: part["metrics"]["signed_amount"]["value"]
        for part in report["by"][cut]
        if part["metrics"]["signed_amount"]["value"]
    }
