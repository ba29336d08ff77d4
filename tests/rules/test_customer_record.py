"""Needs told as lines, who reports to whom, what is masked, whom the lot falls on, and who changed what meanwhile."""

from __future__ import annotations

from datetime import date

import pytest

from salesboard.customers.changes import FieldChange, as_told
from salesboard.customers.conflicts import settle
from salesboard.customers.rules import (
    Level,
    Need,
    Priority,
    drawn,
    goes_round,
    masked,
    monday_of,
    needs_in,
)


@pytest.mark.parametrize("text", ["one", "one\ntwo", "one\n\n two ; three\n", "\n one", "同\n\n\n同"])
def test_needs_joined_are_the_text_again(text: str) -> None:
    assert "\n".join(need.text for need in needs_in(text)) == text.lstrip("\n") or text.startswith("\n")
    assert all(need.text.strip() for need in needs_in(text))


def test_a_need_that_stays_keeps_its_priority() -> None:
    known = (Need("cold nights", Priority.HIGH), Need("one map", Priority.LOW))
    assert needs_in("one map\nnew\ncold nights", known) == (
        Need("one map", Priority.LOW),
        Need("new"),
        Need("cold nights", Priority.HIGH),
    )
    assert needs_in(None) == needs_in(" \n ") == ()


def test_nobody_reports_to_themselves_in_the_end() -> None:
    bosses = {1: None, 2: 1, 3: 2, 4: None}
    assert goes_round(1, 3, bosses)
    assert goes_round(1, 1, bosses)
    assert not goes_round(4, 3, bosses)
    assert not goes_round(3, None, bosses)
    assert not goes_round(5, 6, {6: 7, 7: 6})


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        ("phone", "13812345678", "138****5678"),
        ("phone", "110", "****0"),
        ("email", "cleo@works.example", "c****@works.example"),
        ("email", "no address", "****"),
        ("wechat", "cleo-paper", "cl****"),
        ("wechat", "cleo", "****"),
        ("annual_revenue", 210_000_000, "****"),
    ],
)
def test_of_a_sealed_value_little_is_shown(field: str, value: object, shown: str) -> None:
    assert masked(field, value) == shown


def test_the_same_lot_falls_on_the_same_numbers_and_another_on_others() -> None:
    numbers = [f"C20260101{n:03d}" for n in range(200)]
    first = drawn("2026-11-23:4", numbers, 5)
    assert first == drawn("2026-11-23:4", reversed(numbers), 5)
    assert len(set(first)) == 5
    assert first != drawn("2026-11-30:4", numbers, 5)
    assert drawn("any", numbers[:2], 5) != []
    met = {number for week in range(60) for number in drawn(f"{week}:4", numbers, 5)}
    assert len(met) > 140, "in the course of a year the lot falls on most"


def test_a_week_begins_on_its_monday() -> None:
    assert monday_of(date(2026, 11, 29)) == monday_of(date(2026, 11, 23)) == date(2026, 11, 23)


def change(field: str, before: object, after: object) -> FieldChange:
    return FieldChange(field=field, before=as_told(field, before), after=as_told(field, after))


def test_only_what_both_changed_is_disputed() -> None:
    since = [
        change("region", "East", "West"),
        change("region", "West", "North"),
        change("level", Level.NORMAL, Level.KEY),
        change("phone", "13812345678", "13912345678"),
        change("needs", (Need("a"),), (Need("a"), Need("b"))),
    ]
    said = {"industry": "Paper", "region": "East", "level": Level.POTENTIAL, "needs": (Need("a"),)}
    settled = settle(said | {"phone": "13812345678"}, since)
    assert settled.free == {"industry": "Paper"}
    assert settled.theirs == ["region", "needs"], "what the form still shows as it was, is not said"
    assert settled.disputed == ["level", "phone"], "of a sealed value nobody can tell"
