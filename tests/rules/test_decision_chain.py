"""Who stands below whom in a decision chain, what is missing in it, and whom a list of participants names."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from salesboard.customers.chain import GapKind, Link, Node, chain_of, is_named
from salesboard.customers.rules import ContactRole

TODAY = date(2026, 11, 27)
YESTERDAY = TODAY - timedelta(days=1)
DECIDES, PAYS = ContactRole.DECISION_MAKER, ContactRole.BUYER


def told(nodes: list[Node] | tuple[Node, ...]) -> list[object]:
    """The tree as nested names; what is missing by its kind, what is assumed with a question mark."""
    return [
        [
            (node.link.name if node.link else node.gap.kind.value if node.gap else "")
            + ("?" if node.is_assumed else ""),
            *told(node.below),
        ]
        for node in nodes
    ]


def chain(*links: Link) -> list[object]:
    return told(list(chain_of(links, today=TODAY, unmet_days=30).tops))


def gaps(*links: Link) -> list[tuple[GapKind, int | None]]:
    return [(gap.kind, gap.days) for gap in chain_of(links, today=TODAY, unmet_days=30).gaps]


def test_people_stand_below_whom_they_report_to() -> None:
    assert chain(
        Link(id=3, name="Tech", boss_id=2),
        Link(id=1, name="Boss", role=DECIDES, met_on=YESTERDAY),
        Link(id=2, name="Money", role=PAYS, boss_id=1),
    ) == [["Boss", ["Money", ["Tech"]]]]


def test_who_reports_to_nobody_is_assumed_below_the_one_who_decides() -> None:
    boss, money = Link(id=1, name="Boss", role=DECIDES, met_on=TODAY), Link(id=2, name="Money", role=PAYS)
    assert chain(money, boss) == [["Boss", ["Money?"]]]
    second = Link(id=3, name="Second", role=DECIDES, met_on=TODAY)
    assert chain(money, boss, second) == [["Money"], ["Boss"], ["Second"]], "of two nobody can say"


def test_what_is_missing_has_its_place() -> None:
    assert chain(Link(id=1, name="Boss", role=DECIDES, met_on=TODAY)) == [["Boss", ["no_finance?"]]]
    assert chain(Link(id=1, name="User"), Link(id=2, name="Money", role=PAYS)) == [
        ["no_decision_maker", ["User?"], ["Money?"]]
    ]
    assert chain() == []


def test_a_circle_or_a_stranger_loses_nobody() -> None:
    tree = chain(
        Link(id=1, name="A", boss_id=2, role=PAYS),
        Link(id=2, name="B", boss_id=1),
        Link(id=3, name="C", boss_id=9),
    )
    assert tree == [["no_decision_maker", ["A?"], ["B?"], ["C?"]]]


@pytest.mark.parametrize(
    ("met_on", "missing"),
    [
        (None, [(GapKind.UNMET, None)]),
        (TODAY - timedelta(days=29), []),
        (TODAY - timedelta(days=30), [(GapKind.UNMET, 30)]),
    ],
)
def test_a_decision_maker_is_to_be_met(met_on: date | None, missing: list[object]) -> None:
    boss = Link(id=1, name="Boss", role=DECIDES, met_on=met_on)
    assert gaps(boss, Link(id=2, name="Money", role=PAYS)) == missing


def test_without_anybody_nothing_is_missing_yet() -> None:
    assert gaps() == []
    assert gaps(Link(id=1, name="User")) == [(GapKind.NO_DECISION_MAKER, None), (GapKind.NO_FINANCE, None)]


def test_a_wide_chain_is_not_drawn() -> None:
    boss = Link(id=1, name="Boss", role=DECIDES, met_on=TODAY)
    some = [Link(id=n, name=f"P{n}", boss_id=1, role=PAYS) for n in range(2, 5)]
    assert chain_of([boss, *some], today=TODAY, unmet_days=30).is_drawn
    more = Link(id=9, name="P9", boss_id=1)
    assert not chain_of([boss, *some, more], today=TODAY, unmet_days=30).is_drawn


@pytest.mark.parametrize(
    ("name", "participants", "is_there"),
    [
        ("纪南乔", "陆见微、江临风；纪南乔、叶小满", True),
        ("纪南乔", "陆见微；叶小满", False),
        ("Cleo", "Olive; cleo", True),
        ("Al", "Olive; Allan", False),
        ("Al", "Al (by phone)", True),
        ("A.*", "Allan", False),
        ("", "Allan", False),
    ],
)
def test_a_list_of_participants_names_people(name: str, participants: str, is_there: bool) -> None:
    assert is_named(name, participants) is is_there
