"""A whole evaluation: CONTRACT.md's shape, the comparisons, and cuts that add up."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from salesboard.access import acting_as_system
from salesboard.deals.rules import Stage
from salesboard.insight.evaluation import STEPS, Evaluation, evaluate
from salesboard.insight.metrics import METRICS
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from tests.domain.insight.course import Course
from tests.standing import People, make_customer

AS_OF = datetime(2026, 4, 2, 1, tzinfo=UTC)
SCALARS = [metric.code for metric in METRICS if not metric.unit.has_parts]


@pytest.fixture(autouse=True)
def _a_quarter(app: Flask, people: People, freeze) -> None:
    freeze(AS_OF)
    steel = make_customer(people.owner, "Steel Works", industry="steel", region="East", source="fair")
    toys = make_customer(people.owner, "Toy Makers", industry=None, region="West", source=None)
    away = make_customer(people.outsider, "Far Away", industry="steel", region="South")
    Course(people.owner, "2025-10-05", customer=steel).to(Stage.WON, "2025-11-04", contract="500")
    Course(people.owner, "2026-01-05", customer=steel).to(Stage.WON, "2026-02-04", contract="1000")
    Course(people.teammate, "2026-01-05", customer=toys).to(Stage.PROPOSAL, "2026-01-10").lose("2026-02-10")
    Course(people.teammate, "2026-01-05", customer=toys).to(Stage.WON, "2026-03-04", contract="3000")
    Course(people.outsider, "2026-01-05", customer=away).to(Stage.WON, "2026-03-05", contract="7000")
    Course(people.owner, "2026-03-30", customer=toys)


def made(scope: Scope | None = None, period: str = "2026Q1") -> Evaluation:
    with acting_as_system("a test evaluates"):
        return evaluate(Period.parse(period), scope or Scope(), as_of=AS_OF)


def value(result: dict[str, Any], code: str, which: str = "value") -> Any:
    return result["metrics"][code][which]


def test_has_the_shape_of_the_contract_and_is_plain_json() -> None:
    result = json.loads(json.dumps(made().result))

    assert result["period"] == {"key": "2026Q1", "from": "2026-01-01", "to": "2026-03-31"}
    assert result["scope"] == "all"
    assert result["as_of"] == "2026-04-02T01:00:00+00:00"
    assert set(result["by"]) == {"owner", "level", "industry", "region", "source", "stage"}
    for figure in result["metrics"].values():
        assert set(figure) == {"value", "numerator", "denominator", "n", "interval", "previous", "team"}
    for parts in result["by"].values():
        for part in parts:
            assert set(part) == {"key", "label", "metrics"}
            assert set(part["metrics"]) == set(result["metrics"])
    assert isinstance(result["findings"], list)


def test_a_person_is_compared_with_their_team_and_the_quarter_before(people: People) -> None:
    result = made(Scope(person=people.owner)).result

    assert result["scope"] == "person:olive@example.com"
    assert value(result, "signed_amount") == 1000.0
    assert value(result, "signed_amount", "previous") == 500.0
    assert value(result, "win_rate") == 1.0
    assert value(result, "win_rate", "team") == pytest.approx(2 / 3)


def test_a_team_is_compared_with_everybody(people: People) -> None:
    result = made(Scope(tuple(people.owner.teams))).result

    assert result["scope"] == "team:North"
    assert value(result, "win_rate") == pytest.approx(2 / 3)
    assert value(result, "win_rate", "team") == 0.75


def test_everybody_is_compared_with_nobody() -> None:
    result = made().result

    assert value(result, "signed_amount") == 11000.0
    assert all(figure["team"] is None for figure in result["metrics"].values())


def test_what_is_only_known_of_now_has_no_figure_before() -> None:
    assert value(made().result, "warned_deals", "previous") is None


def test_every_cut_adds_up_to_the_whole() -> None:
    result = made().result

    for parts in result["by"].values():
        for code in SCALARS:
            assert sum(part["metrics"][code]["n"] for part in parts) == value(result, code, "n")
        for code in ("signed_amount", "signed_deals", "notes_written", "warned_deals"):
            assert sum(part["metrics"][code]["value"] for part in parts) == value(result, code)


def test_rows_behind_each_number_are_as_many_as_it_says() -> None:
    evaluation = made()

    for metric in METRICS:
        assert len(metric.chosen(evaluation.facts)) == value(evaluation.result, metric.code, "n")
    signed = [fact for fact in evaluation.facts[METRICS[0].rows] if fact.is_hit]
    assert sum((fact.amount or Decimal(0) for fact in signed), Decimal(0)) == 11000


def test_a_value_that_nobody_gave_has_a_part_of_its_own() -> None:
    industries = {part["key"]: part for part in made().result["by"]["industry"]}

    assert set(industries) == {"steel", None}
    assert industries[None]["label"] == "Not given"
    assert industries[None]["metrics"]["signed_amount"]["value"] == 3000.0


def test_a_part_is_compared_with_the_same_part_before(people: People) -> None:
    industries = {part["key"]: part for part in made(Scope(person=people.owner)).result["by"]["industry"]}

    assert industries["steel"]["metrics"]["signed_amount"]["previous"] == 500.0
    assert industries[None]["metrics"]["signed_amount"]["previous"] == 0.0
    assert industries[None]["metrics"]["win_rate"]["previous"] is None


def test_owners_are_named(people: People) -> None:
    owners = {part["key"]: part["label"] for part in made().result["by"]["owner"]}

    assert owners["olive@example.com"] == "Olive Owner"


def test_whoever_has_nothing_yet_appears_with_nought_and_nothing(people: People) -> None:
    for scope in (Scope(tuple(people.teammate.teams)), Scope(person=people.teammate)):
        owners = {part["key"]: part["metrics"] for part in made(scope, period="2024Q1").result["by"]["owner"]}
        mine = owners["tom@example.com"]

        assert (mine["signed_amount"]["value"], mine["signed_deals"]["value"]) == (0.0, 0)
        assert (
            mine["win_rate"]["value"] is mine["average_deal"]["value"] is mine["cycle_days"]["value"] is None
        )
        assert "oscar@example.com" not in owners


def test_progress_is_told_step_by_step() -> None:
    told: list[int] = []
    with acting_as_system("a test evaluates"):
        evaluate(Period.parse("2026Q1"), Scope(), as_of=AS_OF, after_step=told.append)

    assert told == list(range(1, STEPS + 1))


def test_a_period_without_anything_is_no_error() -> None:
    result = made(period="1999").result

    assert value(result, "signed_amount") == 0.0
    assert value(result, "win_rate") is None
    assert value(result, "stage_conversion")["lead"]["onward"] is None
