"""Heads agree with a recount in Python, pages add up without doubles or gaps, and nobody sees what is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from salesboard.access import acting_as
from salesboard.accounts.models import Team, User
from salesboard.customers.models import Customer
from salesboard.customers.rules import Level
from salesboard.database import db, writing
from salesboard.deals.filters import CardOrder, Filters
from salesboard.deals.listing import ListOrder, SortKey, lines, summary
from salesboard.deals.listing import read_cursor as read_list_cursor
from salesboard.deals.models import Deal
from salesboard.deals.orders import read_cursor
from salesboard.deals.queries import CARDS_A_PAGE, Head, Looking, card_of, first_cards, heads, next_cards
from salesboard.deals.rules import STAGES, AgeSign, Outcome, Stage, StepState, step_state
from salesboard.deals.stages import Ages
from tests.crowd import gather
from tests.standing import People

MONDAY = datetime(2026, 3, 16, 2, 0, tzinfo=UTC)


@pytest.fixture
def crowd(people: People, freeze: Callable[[datetime], None]) -> list[dict[str, Any]]:
    """300 deals of the owner, the teammate and the outsider, on a Monday in March."""
    freeze(MONDAY)
    return gather((people.owner, people.teammate, people.outsider), 300)


def looking(filters: Filters, person: User) -> Looking:
    return Looking.at(filters, person.id, Ages.now())


def fits(deal: dict[str, Any], filters: Filters, person: User, ages: Ages) -> bool:
    """The filters once more, in plain Python."""
    is_open = deal["outcome"] is Outcome.OPEN
    sign = ages.of(deal["stage"], deal["entered_on"]).sign
    signs = {None: list(AgeSign), AgeSign.WARNED: [AgeSign.WARNED, AgeSign.OVERDUE]}
    return (
        (not filters.mine or deal["owner_id"] == person.id)
        and (not filters.owners or deal["owner_id"] in filters.owners)
        and (filters.level is None or deal["level"] is filters.level)
        and all(word in deal["search_text"] for word in filters.words)
        and (not is_open or sign in signs.get(filters.age, [filters.age]))
        and (not is_open or filters.step is None or step_state(deal["next_due"], ages.today) is filters.step)
    )


def recount(deals: list[dict[str, Any]], ages: Ages) -> Head:
    signs = [ages.of(deal["stage"], deal["entered_on"]).sign for deal in deals]
    return Head(
        count=len(deals),
        total=sum((deal["worth"] for deal in deals), Decimal(0)),
        percents=sum((deal["worth"] * deal["probability"] for deal in deals), Decimal(0)),
        warned=sum(sign is not AgeSign.SAFE for sign in signs),
        overdue=sum(sign is AgeSign.OVERDUE for sign in signs),
    )


def filters_of_all_kinds(people: People) -> list[Filters]:
    return [
        Filters(),
        Filters(mine=True),
        Filters(owners=(people.owner.id, people.outsider.id)),
        Filters(level=Level.KEY),
        Filters(age=AgeSign.WARNED),
        Filters(age=AgeSign.OVERDUE, step=StepState.NONE),
        Filters(step=StepState.LATE, level=Level.NORMAL),
        Filters(step=StepState.TODAY),
        Filters(text="纸鹤"),
        Filters(text="zhbz"),
        Filters(text="yuetai WENKONG"),
        Filters(text="100%"),
        Filters(text="snake_"),
        Filters(text="nobody of this name"),
    ]


def test_heads_agree_with_a_recount(crowd: list[dict[str, Any]], people: People) -> None:
    ages = Ages.now()
    for person, owners in (
        (people.admin, {deal["owner_id"] for deal in crowd}),
        (people.supervisor, {people.owner.id, people.teammate.id}),
        (people.owner, {people.owner.id}),
    ):
        with acting_as(person.viewer()):
            for filters in filters_of_all_kinds(people):
                found = heads(looking(filters, person))
                seen = [
                    deal for deal in crowd if deal["owner_id"] in owners and fits(deal, filters, person, ages)
                ]
                for stage in STAGES:
                    column = [
                        deal for deal in seen if deal["stage"] is stage and deal["outcome"] is Outcome.OPEN
                    ]
                    assert found[stage] == recount(column, ages), (person.name, filters, stage)
                lost = [deal for deal in seen if deal["outcome"] is Outcome.LOST]
                assert found[Outcome.LOST].count == len(lost)
                assert found[Outcome.LOST].total == sum((deal["worth"] for deal in lost), Decimal(0))


def test_a_team_filter_counts_its_members(crowd: list[dict[str, Any]], people: People) -> None:
    north, south = db.session.scalars(db.select(Team).order_by(Team.name))
    with acting_as(people.admin.viewer()):
        both = heads(looking(Filters(), people.admin))
        for stage in STAGES:
            parts = [heads(looking(Filters(team=team.id), people.admin))[stage] for team in (north, south)]
            assert sum(parts, Head()) == both[stage]
    with acting_as(people.owner.viewer()):
        assert heads(looking(Filters(team=south.id), people.owner))[Stage.LEAD].count == 0


def test_limits_that_are_off_or_odd_are_counted_as_the_cards_show_them(
    crowd: list[dict[str, Any]], people: People
) -> None:
    ages = Ages.now()
    odd = zip(STAGES, [(0, 0), (0, 9), (9, 0), (20, 5), (5, 5), (1, 2)], strict=True)
    for stage, (warn, limit) in odd:
        ages.settings[stage].warn_days, ages.settings[stage].limit_days = warn, limit
    with acting_as(people.admin.viewer()):
        found = heads(Looking.at(Filters(), people.admin.id, ages))
    for stage in STAGES:
        column = [deal for deal in crowd if deal["stage"] is stage and deal["outcome"] is Outcome.OPEN]
        assert found[stage] == recount(column, ages), stage


def in_order(deals: list[dict[str, Any]], order: CardOrder, today: date) -> list[int]:
    """The ids of a column's deals as they should stand."""
    ranks = {StepState.LATE: 0, StepState.TODAY: 0, StepState.NONE: 1, StepState.PLANNED: 2}
    keys: dict[CardOrder, Callable[[dict[str, Any]], Any]] = {
        CardOrder.NEXT: lambda deal: (
            ranks[step_state(deal["next_due"], today)],
            deal["next_due"] or today,
            deal["id"],
        ),
        CardOrder.HAND: lambda deal: (-deal["position"], -deal["id"]),
        CardOrder.AMOUNT: lambda deal: (-deal["worth"], -deal["id"]),
        CardOrder.AGE: lambda deal: (deal["entered_on"], deal["id"]),
    }
    return [deal["id"] for deal in sorted(deals, key=keys[order])]


@pytest.mark.parametrize("order", list(CardOrder))
def test_pages_add_up_in_order(crowd: list[dict[str, Any]], people: People, order: CardOrder) -> None:
    ages = Ages.now()
    with acting_as(people.admin.viewer()):
        for filters in (Filters(), Filters(level=Level.KEY), Filters(step=StepState.LATE)):
            here = looking(filters, people.admin)
            for stage, page in first_cards(here, order).items():
                column = [
                    deal
                    for deal in crowd
                    if deal["stage"] is stage
                    and deal["outcome"] is Outcome.OPEN
                    and fits(deal, filters, people.admin, ages)
                ]
                read = [row.id for row in page.cards]
                while page.after is not None:
                    assert len(page.cards) == CARDS_A_PAGE
                    cursor = read_cursor(page.after, order)
                    assert cursor is not None
                    page = next_cards(stage, here, order, cursor)
                    read += [row.id for row in page.cards]
                assert read == in_order(column, order, ages.today), (filters, stage)


@pytest.mark.parametrize("falling", [False, True])
@pytest.mark.parametrize("key", list(SortKey))
def test_lines_add_up_in_order(
    crowd: list[dict[str, Any]], people: People, key: SortKey, falling: bool
) -> None:
    order = ListOrder(key, falling)
    with acting_as(people.admin.viewer()):
        for filters in (
            Filters(),
            Filters(stage=Stage.LEAD),
            Filters(outcome=Outcome.LOST),
            Filters(age=AgeSign.WARNED),
        ):
            here = looking(filters, people.admin)
            page = lines(here, order)
            read = list(page.rows)
            while page.after is not None:
                page = lines(here, order, read_list_cursor(page.after, order))
                read += page.rows
            assert len({row.id for row in read}) == len(read) == summary(here).count
            values = [row.sort_key for row in read]
            assert values == sorted(values, reverse=order.reads_backwards)


def test_nobody_sees_what_is_not_theirs(app: Flask, people: People, make_deal: Callable[..., Deal]) -> None:
    deal = make_deal(people.owner)
    everything = Filters(text=deal.number)
    for person in (people.teammate, people.outsider, people.collaborator):
        with acting_as(person.viewer()):
            here = looking(everything, person)
            assert sum(heads(here).values(), Head()) == Head()
            assert not any(page.cards for page in first_cards(here, CardOrder.NEXT).values())
            assert not lines(here, ListOrder()).rows
            assert card_of(deal.number) is None
    with acting_as(None):
        assert not any(
            page.cards for page in first_cards(looking(everything, people.owner), CardOrder.NEXT).values()
        )
        assert card_of(deal.number) is None


def test_a_collaborator_sees_the_deal_they_were_added_to(
    app: Flask, people: People, make_deal: Callable[..., Deal], freeze: Callable[[datetime], None]
) -> None:
    deal, _other = make_deal(people.owner), make_deal(people.owner, name="Another")
    with acting_as(people.owner.viewer()), writing():
        db.session.merge(deal).share_with(people.collaborator, by=people.owner, now=MONDAY)
    with acting_as(people.collaborator.viewer()):
        here = looking(Filters(), people.collaborator)
        assert heads(here)[Stage.LEAD].count == 1
        assert [row.number for row in first_cards(here, CardOrder.NEXT)[Stage.LEAD].cards] == [deal.number]
        assert [row.number for row in lines(here, ListOrder()).rows] == [deal.number]


def test_a_card_names_its_customer_even_where_that_belongs_to_somebody_else(
    app: Flask, people: People, make_deal: Callable[..., Deal], make_customer: Callable[..., Customer]
) -> None:
    customer = make_customer(people.outsider, name="Shared with nobody")
    make_deal(people.owner, customer=customer)
    with acting_as(people.owner.viewer()):
        here = looking(Filters(), people.owner)
        cards = first_cards(here, CardOrder.NEXT)[Stage.LEAD].cards
        assert [card.customer_name for card in cards] == ["Shared with nobody"]
        assert heads(here)[Stage.LEAD].count == 1
