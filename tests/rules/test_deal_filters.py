"""Filters as the address has them: read, written, and never in the way."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.customers.rules import Level
from salesboard.deals.filters import CardOrder, Filters, parse_order
from salesboard.deals.rules import AgeSign, Outcome, Stage, StepState

NAMES = [
    *("mine", "owner", "team", "level", "age", "next", "q", "stage", "outcome", "sort"),
    *("industry", "region", "source", "amount.from", "amount.to", "close.from", "created.to"),
]


def read(query: str) -> Filters:
    return Filters.parse(parse_qs(query, keep_blank_values=True))


def test_every_filter_is_read() -> None:
    asked = read(
        "mine=1&owner=7&owner=3&team=2&level=key&age=overdue&next=none&q=zhbz+%E4%B8%80%E6%9C%9F"
        "&stage=intent&outcome=lost"
    )
    assert asked == Filters(
        mine=True,
        owners=(3, 7),
        team=2,
        level=Level.KEY,
        age=AgeSign.OVERDUE,
        step=StepState.NONE,
        text="zhbz 一期",
        stage=Stage.INTENT,
        outcome=Outcome.LOST,
    )
    assert asked.words == ("zhbz", "一期")


@pytest.mark.parametrize(
    "query",
    [
        "owner=0&owner=-3&owner=x&owner=&owner=99999999999999999999&owner=%C2%B3",
        "team=1.5&level=gold&age=safe&next=planned&next=late",
        "stage=lost&outcome=won&mine=yes&q=%00%09+",
        "sort=random",
    ],
)
def test_what_makes_no_sense_counts_for_nothing(query: str) -> None:
    assert read(query) == Filters()
    assert not read(query).is_set
    assert parse_order(parse_qs(query)) is CardOrder.NEXT


@given(st.dictionaries(st.sampled_from(NAMES), st.lists(st.text(max_size=30), max_size=3)))
def test_any_address_is_read_and_written_back_the_same(parameters: dict[str, list[str]]) -> None:
    filters = Filters.parse(parameters)
    written = urlencode(filters.parameters, doseq=True)
    assert Filters.parse(parse_qs(written)) == filters


def test_words_are_few_and_small() -> None:
    assert read("q=" + "+".join("ABCDEFGHI")).words == ("a", "b", "c", "d", "e", "f")
    assert len(read("q=" + "x" * 5000).text) == 100


def test_an_owner_is_put_in_and_taken_out() -> None:
    assert Filters(owners=(3,)).toggling(7).owners == (3, 7)
    assert Filters(owners=(3, 7)).toggling(3).owners == (7,)


def test_a_board_shows_stages_and_the_lost_by_its_columns() -> None:
    assert Filters(stage=Stage.WON, outcome=Outcome.LOST, team=4).of_board() == Filters(team=4)
