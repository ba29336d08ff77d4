"""Which stays in stages a file's dates tell of."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from salesboard.deals.rules import Outcome, Stage
from salesboard.exchange.history import Stay, stays_seen, stays_told
from salesboard.exchange.records import DealRecord
from salesboard.exchange.words import Lost

TODAY = date(2024, 9, 2)
JAN, FEB, MAR, APR = (date(2024, month, 1) for month in (1, 2, 3, 4))
LATER = TODAY + timedelta(days=1)


def told(stage: Stage | Lost | None, **known: date | None) -> list[tuple[str, date, bool]]:
    """Stage (or "lost from …"), day, and whether the day is assumed."""
    beside = {name: known.pop(name) for name in ("first_contact", "last_heard") if name in known}
    deal = DealRecord(stage=stage, **known)  # type: ignore[arg-type]
    return [said(stay) for stay in stays_told(deal, today=TODAY, **beside)]


def said(stay: Stay) -> tuple[str, date, bool]:
    return (
        f"lost from {stay.stage}" if stay.outcome is Outcome.LOST else str(stay.stage),
        stay.entered_on,
        stay.is_assumed,
    )


def test_a_lead_begins_with_its_first_date() -> None:
    assert told(Stage.LEAD, created_date=JAN) == [("lead", JAN, False)]
    assert told(Stage.LEAD, first_contact=JAN) == [("lead", JAN, False)]
    assert told(Stage.LEAD, created_date=FEB, first_contact=JAN) == [("lead", FEB, False)]
    assert told(Stage.LEAD, created_date=JAN, entered_date=FEB) == [("lead", JAN, False)]


def test_a_deal_without_any_date_begins_today() -> None:
    assert told(None) == [("lead", TODAY, True)]
    assert told(Stage.PROPOSAL) == [("proposal", TODAY, True)]
    assert told(Stage.WON) == [("won", TODAY, True)]
    assert told(Lost.LOST) == [("lead", TODAY, True), ("lost from lead", TODAY, True)]


def test_an_open_deal_was_a_lead_before_it_entered_its_stage() -> None:
    assert told(Stage.PROPOSAL, created_date=JAN, entered_date=MAR) == [
        ("lead", JAN, False),
        ("proposal", MAR, False),
    ]


def test_stages_in_between_are_not_made_up() -> None:
    assert told(Stage.NEGOTIATION, first_contact=JAN, entered_date=MAR) == [
        ("lead", JAN, False),
        ("negotiation", MAR, False),
    ]


def test_a_stage_without_its_date_is_dated_by_the_last_talk_then_by_the_creation() -> None:
    assert told(Stage.PROPOSAL, first_contact=JAN, last_heard=MAR) == [
        ("lead", JAN, False),
        ("proposal", MAR, True),
    ]
    assert told(Stage.PROPOSAL, first_contact=JAN) == [("proposal", JAN, True)]
    assert told(Stage.PROPOSAL, first_contact=MAR, last_heard=JAN) == [("proposal", MAR, True)]


def test_a_won_deal_was_intent_since_it_was_taken_up() -> None:
    assert told(Stage.WON, entered_date=FEB, closed_date=APR) == [("intent", FEB, False), ("won", APR, False)]
    assert told(Stage.WON, created_date=JAN, entered_date=FEB, closed_date=APR) == [
        ("lead", JAN, False),
        ("intent", FEB, False),
        ("won", APR, False),
    ]


def test_a_won_deal_with_one_date_was_won_then() -> None:
    assert told(Stage.WON, closed_date=APR) == [("won", APR, False)]
    assert told(Stage.WON, entered_date=APR) == [("won", APR, False)]
    assert told(Stage.WON, created_date=JAN, entered_date=APR, closed_date=APR) == [
        ("lead", JAN, False),
        ("won", APR, False),
    ]


def test_a_won_deal_without_a_signing_date_takes_the_expected_one_if_past_then_the_last_talk() -> None:
    assert told(Stage.WON, first_contact=JAN, expected_close=APR, last_heard=MAR) == [
        ("lead", JAN, False),
        ("won", APR, True),
    ]
    assert told(Stage.WON, first_contact=JAN, expected_close=LATER, last_heard=MAR) == [
        ("lead", JAN, False),
        ("won", MAR, True),
    ]


def test_a_deal_in_service_was_won_before_when_the_file_says_so() -> None:
    assert told(Stage.SERVICE, closed_date=MAR, entered_date=APR) == [
        ("won", MAR, False),
        ("service", APR, False),
    ]
    assert told(Stage.SERVICE, closed_date=MAR, entered_date=JAN) == [
        ("intent", JAN, False),
        ("won", MAR, False),
        ("service", MAR, True),
    ]
    assert told(Stage.SERVICE, closed_date=MAR) == [("won", MAR, False), ("service", MAR, True)]
    assert told(Stage.SERVICE, first_contact=JAN, entered_date=APR) == [
        ("lead", JAN, False),
        ("service", APR, False),
    ]


def test_a_lost_deal_is_lost_from_as_far_as_the_file_shows_it() -> None:
    assert told(Lost.LOST, entered_date=FEB, closed_date=APR) == [
        ("intent", FEB, False),
        ("lost from intent", APR, False),
    ]
    assert told(Lost.LOST, created_date=JAN, closed_date=APR) == [
        ("lead", JAN, False),
        ("lost from lead", APR, False),
    ]
    assert told(Lost.LOST, closed_date=APR) == [("lead", APR, True), ("lost from lead", APR, False)]


def test_dates_in_the_future_count_as_unknown() -> None:
    assert told(Stage.PROPOSAL, created_date=JAN, entered_date=LATER) == [("proposal", JAN, True)]
    assert told(Stage.WON, closed_date=LATER) == [("won", TODAY, True)]


def test_a_creation_after_the_stage_is_no_earlier_stay() -> None:
    assert told(Stage.PROPOSAL, created_date=MAR, entered_date=JAN) == [("proposal", JAN, False)]


def test_talks_show_the_moves_between_them() -> None:
    talks: list[tuple[date, Stage | Lost]] = [
        (MAR, Stage.INTENT),
        (JAN, Stage.LEAD),
        (FEB, Stage.LEAD),
        (APR, Stage.PROPOSAL),
        (LATER, Stage.WON),
    ]
    assert [said(stay) for stay in stays_seen(talks, today=TODAY)] == [
        ("lead", JAN, False),
        ("intent", MAR, False),
        ("proposal", APR, False),
    ]


def test_talks_may_show_a_loss_and_a_return() -> None:
    talks: list[tuple[date, Stage | Lost]] = [
        (JAN, Stage.INTENT),
        (FEB, Lost.LOST),
        (MAR, Lost.LOST),
        (APR, Stage.INTENT),
    ]
    assert [said(stay) for stay in stays_seen(talks, today=TODAY)] == [
        ("intent", JAN, False),
        ("lost from intent", FEB, False),
        ("intent", APR, False),
    ]


def test_talks_of_a_signed_deal_do_not_lose_it_and_a_first_talk_may() -> None:
    assert [said(stay) for stay in stays_seen([(JAN, Stage.WON), (FEB, Lost.LOST)], today=TODAY)] == [
        ("won", JAN, False)
    ]
    assert [said(stay) for stay in stays_seen([(JAN, Lost.LOST)], today=TODAY)] == [
        ("lead", JAN, True),
        ("lost from lead", JAN, False),
    ]


DAYS = st.none() | st.dates(min_value=date(2023, 1, 1), max_value=date(2025, 12, 31))
STAGES = st.sampled_from([*Stage, Lost.LOST, None])


@given(STAGES, DAYS, DAYS, DAYS, DAYS, DAYS, DAYS)
def test_any_dates_give_stays_in_order_that_end_where_the_deal_stands(
    stage: Stage | Lost | None,
    created: date | None,
    entered: date | None,
    closed: date | None,
    expected: date | None,
    first_contact: date | None,
    last_heard: date | None,
) -> None:
    deal = DealRecord(
        stage=stage, created_date=created, entered_date=entered, closed_date=closed, expected_close=expected
    )
    stays = stays_told(deal, today=TODAY, first_contact=first_contact, last_heard=last_heard)
    days = [stay.entered_on for stay in stays]
    assert days == sorted(days)
    assert days[-1] <= TODAY
    last = stays[-1]
    assert (last.outcome is Outcome.LOST) == (stage is Lost.LOST)
    assert stage is Lost.LOST or last.stage == (stage or Stage.LEAD)
    assert all(stay.outcome is Outcome.OPEN for stay in stays[:-1])
    pairs = [(stay.stage, stay.outcome) for stay in stays]
    assert len(set(pairs)) == len(pairs)


@pytest.mark.parametrize("stage", [*Stage, Lost.LOST])
@given(
    st.lists(
        st.tuples(st.dates(min_value=date(2024, 1, 1), max_value=date(2024, 12, 31)), STAGES), max_size=8
    )
)
def test_any_talks_give_stays_each_unlike_the_one_before(
    stage: Stage | Lost, talks: list[tuple[date, Stage | Lost | None]]
) -> None:
    sightings = [(day, seen or stage) for day, seen in talks]
    stays = stays_seen(sightings, today=TODAY)
    assert [stay.entered_on for stay in stays] == sorted(stay.entered_on for stay in stays)
    assert all(stay.entered_on <= TODAY for stay in stays)
    assert all(
        (before.stage, before.outcome) != (after.stage, after.outcome) for before, after in pairwise(stays)
    )
    assert not any(stay.outcome is Outcome.LOST and stay.stage.is_signed for stay in stays)
