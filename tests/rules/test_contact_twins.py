"""Which contacts of two customers are one person."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from salesboard.customers.rules import Attitude, ContactRole
from salesboard.customers.twins import filled_by, twins_of

_EMPTY = dict.fromkeys(("title", "phone", "email", "wechat", "role", "preferred_channel", "reports_to_id"))


def person(person_id: int, name: str = "Ada", **facts: Any) -> Any:
    return SimpleNamespace(**{**_EMPTY, "id": person_id, "name": name, "attitude": Attitude.UNKNOWN, **facts})


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "0571 88886666"}, {"phone": "+86 571 88886666"}),
        ({"email": "A@example.com"}, {"email": "a@example.com", "title": "Chief"}),
        ({"title": "Chief"}, {"phone": "0571 88886666"}),
        ({"attitude": Attitude.SUPPORTER}, {"role": ContactRole.USER}),
        ({}, {}),
    ],
)
def test_the_same_name_with_nothing_against_it_is_one_person(
    one: dict[str, Any], other: dict[str, Any]
) -> None:
    assert twins_of([person(1, "ada", **one)], [person(2, **other)]) == {1: 2}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"phone": "0571 88886666"}, {"phone": "0571 88886667"}),
        ({"title": "Chief"}, {"title": "Buyer"}),
        ({"attitude": Attitude.SUPPORTER}, {"attitude": Attitude.OPPONENT}),
        ({"name": "Bo", "phone": "1"}, {"phone": "1"}),
        ({"reports_to_id": 9}, {}),
    ],
)
def test_who_is_known_otherwise_stays_another(one: dict[str, Any], other: dict[str, Any]) -> None:
    assert twins_of([person(1, **{"name": "Ada", **one}), person(9, "Zoe")], [person(2, **other)]) == {}


def test_of_two_alike_only_one_is_the_same() -> None:
    assert twins_of([person(1), person(3)], [person(2)]) == {1: 2}


def test_who_reports_to_a_twin_of_the_others_superior_is_one_person_too() -> None:
    leaving = [person(1), person(3, "Bo", reports_to_id=1)]
    assert twins_of(leaving, [person(2), person(4, "Bo", reports_to_id=2)]) == {1: 2, 3: 4}


def test_what_only_the_first_tells_is_named() -> None:
    first = person(1, title="Chief", phone="1", attitude=Attitude.SUPPORTER)
    assert filled_by(first, person(2, phone="0571")) == ["title", "attitude"]
