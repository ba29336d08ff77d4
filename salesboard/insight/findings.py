"""What stands out in an evaluation, found by rule from its own numbers. Pure.

A finding names its rule, the metric it was read from with the rows meant (`at`, `cut` and `key`), and its values; the
sentence is made for the reader in wording.py.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from salesboard.deals.rules import OPEN_STAGES

FEWEST = 5
"""Fewer rows than these prove nothing, and no rule speaks of them."""

ON_TIME_WANTED = 0.8
NOTABLE_CHANGE = 0.05
NOTABLE_DIFFERENCE = 0.1

Result = dict[str, Any]
Finding = dict[str, Any]


def find(result: Result) -> list[Finding]:
    """Every rule's finding, in the order of the rules."""
    return [finding for rule in RULES for finding in rule(result)]


def slow_stages(result: Result) -> Iterator[Finding]:
    """The stage whose median stay passes its warning by most."""
    by_stage = result["metrics"]["stage_days"]["value"]
    slow = [
        (stays["median"] / warn_days, stage, stays, warn_days)
        for stage, stays in by_stage.items()
        if stays["n"] >= FEWEST
        and (warn_days := result["limits"][stage]["warn_days"])
        and stays["median"] >= warn_days
    ]
    if slow:
        _excess, stage, stays, warn_days = max(slow)
        yield {
            "code": "slow_stage",
            "metric": "stage_days",
            "at": stage,
            "n": stays["n"],
            "median": stays["median"],
            "warn_days": warn_days,
        }


def weakest_step(result: Result) -> Iterator[Finding]:
    """The stage from which the smallest share goes on."""
    by_stage = result["metrics"]["stage_conversion"]["value"]
    judged = [(by_stage[stage]["onward"], stage) for stage in OPEN_STAGES if by_stage[stage]["n"] >= FEWEST]
    if judged:
        onward, stage = min(judged)
        yield {
            "code": "weakest_step",
            "metric": "stage_conversion",
            "at": str(stage),
            "n": by_stage[stage]["n"],
            "onward": onward,
            "onward_n": by_stage[stage]["onward_n"],
        }


def win_rate_moved(result: Result) -> Iterator[Finding]:
    """A win rate that left the one before by five points or more."""
    rate = result["metrics"]["win_rate"]
    if rate["n"] >= FEWEST and rate["previous"] is not None:
        change = rate["value"] - rate["previous"]
        if abs(change) >= NOTABLE_CHANGE:
            code = "win_rate_rose" if change > 0 else "win_rate_fell"
            yield {
                "code": code,
                "metric": "win_rate",
                "n": rate["n"],
                "value": rate["value"],
                "previous": rate["previous"],
            }


def uneven_industry(result: Result) -> Iterator[Finding]:
    """The industry whose win rate differs most from the whole, by ten points or more."""
    whole = result["metrics"]["win_rate"]["value"]
    uneven = [
        (abs(rate["value"] - whole), part["key"], rate)
        for part in result["by"]["industry"]
        if part["key"] is not None and (rate := part["metrics"]["win_rate"])["n"] >= FEWEST
    ]
    if uneven:
        difference, industry, rate = max(uneven, key=lambda each: each[:2])
        if difference >= NOTABLE_DIFFERENCE:
            yield {
                "code": "uneven_industry",
                "metric": "win_rate",
                "cut": "industry",
                "key": industry,
                "n": rate["n"],
                "value": rate["value"],
                "whole": whole,
            }


def overdue_deals(result: Result) -> Iterator[Finding]:
    """Deals past their stage's limit, and where most of them stand."""
    overdue = result["metrics"]["overdue_deals"]["value"]
    if overdue:
        in_stage, stage = max(
            (part["metrics"]["overdue_deals"]["value"], part["key"])
            for part in result["by"]["stage"]
            if part["key"] is not None
        )
        yield {
            "code": "overdue_deals",
            "metric": "overdue_deals",
            "n": overdue,
            "stage": stage,
            "in_stage": in_stage,
        }


def late_notes(result: Result) -> Iterator[Finding]:
    """More than one follow-up in five written later than a day after the talk."""
    on_time = result["metrics"]["on_time_notes"]
    if on_time["n"] >= FEWEST and on_time["value"] < ON_TIME_WANTED:
        yield {
            "code": "late_notes",
            "metric": "on_time_notes",
            "n": on_time["n"],
            "late": on_time["denominator"] - on_time["numerator"],
        }


RULES: tuple[Callable[[Result], Iterator[Finding]], ...] = (
    slow_stages,
    weakest_step,
    win_rate_moved,
    uneven_industry,
    overdue_deals,
    late_notes,
)
