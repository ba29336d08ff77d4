"""Findings: each rule speaks when it should, of the right rows, and is silent about too few."""

from __future__ import annotations

from typing import Any

import pytest

from salesboard.insight.findings import find

STAGES = ("lead", "intent", "proposal", "negotiation", "won")


def result(**metrics: Any) -> dict[str, Any]:
    """An evaluation in which nothing stands out, but for what is given."""
    quiet = {
        "stage_days": {"value": {stage: {"n": 0, "median": None} for stage in STAGES}},
        "stage_conversion": {"value": {stage: {"n": 0, "onward": None, "onward_n": 0} for stage in STAGES}},
        "win_rate": {"value": None, "n": 0, "previous": None},
        "overdue_deals": {"value": 0},
        "on_time_notes": {"value": None, "n": 0, "numerator": 0, "denominator": 0},
    }
    return {
        "metrics": {**quiet, **metrics},
        "limits": {stage: {"warn_days": 7, "limit_days": 14} for stage in STAGES},
        "by": {"industry": [], "stage": []},
    }


def test_nothing_stands_out_of_nothing() -> None:
    assert find(result()) == []


def test_the_slowest_stage_is_the_one_furthest_past_its_warning() -> None:
    days = {stage: {"n": 9, "median": 3.0} for stage in STAGES}
    days["intent"]["median"], days["proposal"]["median"] = 8.0, 11.0

    assert find(result(stage_days={"value": days})) == [
        {
            "code": "slow_stage",
            "metric": "stage_days",
            "at": "proposal",
            "n": 9,
            "median": 11.0,
            "warn_days": 7,
        }
    ]


def test_a_stage_whose_warning_is_off_is_never_slow() -> None:
    days = {stage: {"n": 9, "median": 90.0} for stage in STAGES}
    calm = result(stage_days={"value": days})
    calm["limits"] = {stage: {"warn_days": 0, "limit_days": 0} for stage in STAGES}

    assert find(calm) == []


def test_few_rows_prove_nothing() -> None:
    days = {stage: {"n": 4, "median": 90.0} for stage in STAGES}
    conversion = {stage: {"n": 4, "onward": 0.0, "onward_n": 0} for stage in STAGES}

    assert find(result(stage_days={"value": days}, stage_conversion={"value": conversion})) == []


def test_the_weakest_step_is_where_fewest_go_on() -> None:
    conversion = {stage: {"n": 10, "onward": 0.8, "onward_n": 8} for stage in STAGES}
    conversion["negotiation"] = {"n": 10, "onward": 0.3, "onward_n": 3}
    conversion["won"] = {"n": 10, "onward": 0.0, "onward_n": 0}

    (finding,) = find(result(stage_conversion={"value": conversion}))
    assert (finding["code"], finding["at"], finding["onward_n"]) == ("weakest_step", "negotiation", 3)


@pytest.mark.parametrize(
    ("value", "previous", "codes"),
    [
        (0.40, 0.30, ["win_rate_rose"]),
        (0.30, 0.40, ["win_rate_fell"]),
        (0.32, 0.30, []),
        (0.40, None, []),
    ],
)
def test_a_win_rate_that_moved(value: float, previous: float | None, codes: list[str]) -> None:
    found = find(result(win_rate={"value": value, "n": 20, "previous": previous}))

    assert [finding["code"] for finding in found] == codes


def test_an_industry_that_differs_from_the_whole() -> None:
    uneven = result(win_rate={"value": 0.5, "n": 20, "previous": None})
    uneven["by"]["industry"] = [
        {"key": "steel", "metrics": {"win_rate": {"value": 0.2, "n": 10}}},
        {"key": "food", "metrics": {"win_rate": {"value": 0.55, "n": 10}}},
        {"key": "toys", "metrics": {"win_rate": {"value": 0.0, "n": 2}}},
        {"key": None, "metrics": {"win_rate": {"value": 0.0, "n": 10}}},
    ]

    (finding,) = find(uneven)
    assert (finding["cut"], finding["key"], finding["value"]) == ("industry", "steel", 0.2)


def test_overdue_deals_and_where_most_of_them_stand() -> None:
    overdue = result(overdue_deals={"value": 5})
    overdue["by"]["stage"] = [
        {"key": "lead", "metrics": {"overdue_deals": {"value": 2}}},
        {"key": "proposal", "metrics": {"overdue_deals": {"value": 3}}},
    ]

    (finding,) = find(overdue)
    assert (finding["n"], finding["stage"], finding["in_stage"]) == (5, "proposal", 3)


def test_late_notes() -> None:
    late = {"value": 0.5, "n": 10, "numerator": 5, "denominator": 10}
    early = {"value": 0.9, "n": 10, "numerator": 9, "denominator": 10}

    (finding,) = find(result(on_time_notes=late))
    assert finding["late"] == 5
    assert find(result(on_time_notes=early)) == []
