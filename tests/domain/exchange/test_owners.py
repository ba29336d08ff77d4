"""To whom an import may give records: a rep's own, a supervisor's team, anybody for the admin and the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.models import Customer
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.exchange.models import Fate, Owners
from salesboard.followups.models import FollowUp
from tests.domain.exchange.bringing import brought, count, everything, fates, named, reasons, table, tried
from tests.standing import People, make_customer, make_deal

OWNERS = ("Olive Owner", "Tom Teammate", "oscar@example.com", "Nobody Known", "")


def owners_file(folder: Path) -> Path:
    rows = [(f"Works {row}", owner) for row, owner in enumerate(OWNERS, start=2)]
    return table(folder, "客户名称 负责人", *rows)


WHO = {
    "owner": {3: "not_yours_to_give", 4: "not_yours_to_give", 5: "unknown_person"},
    "supervisor": {4: "not_yours_to_give", 5: "unknown_person"},
    "admin": {5: "unknown_person"},
    "nobody": {5: "unknown_person", 6: "no_owner"},
}


@pytest.mark.parametrize("who", WHO)
def test_names_that_are_not_theirs_are_not_taken(tmp_path: Path, people: People, who: str) -> None:
    by = getattr(people, who, None)
    assert reasons(tried(owners_file(tmp_path), by=by, owners=Owners.MATCH)) == WHO[who]


@pytest.mark.parametrize("who", ["owner", "supervisor", "admin", "nobody"])
def test_accounts_are_made_for_leaders_and_the_command_alone(
    tmp_path: Path, people: People, who: str
) -> None:
    by = getattr(people, who, None)
    found = tried(owners_file(tmp_path), by=by, owners=Owners.CREATE)

    assert (5 in reasons(found)) is (who == "owner")


def test_what_the_file_gives_to_nobody_goes_to_the_fallback_else_to_whoever_brings_it(
    tmp_path: Path, people: People
) -> None:
    brought(table(tmp_path, "客户名称", ("First Works",)), by=people.supervisor)
    brought(
        table(tmp_path, "客户名称", ("Second Works",)), by=people.supervisor, fallback_owner=people.teammate
    )

    assert named(Customer, "First Works").owner.name == "Sue Supervisor"
    assert named(Customer, "Second Works").owner.name == "Tom Teammate"


def test_a_customer_goes_to_whom_any_sheet_names(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        "客户名称 创建人 机会名称 负责人",
        ("First Works", "Olive Owner", "Line one", "Tom Teammate"),
        ("Second Works", "Olive Owner", "", ""),
    )
    brought(path, by=people.admin)

    assert named(Customer, "First Works").owner.name == "Tom Teammate"
    assert named(Customer, "First Works").created_by.name == "Olive Owner"


def test_whoever_has_left_gets_nothing_but_keeps_the_talks(tmp_path: Path, people: People) -> None:
    with writing():
        people.teammate.deactivate(by=people.admin, now=clock.now())
    customers = brought(
        table(tmp_path, "客户名称 负责人", ("First Works", "Tom Teammate"), ("Second Works", "Olive Owner")),
        by=people.supervisor,
    )
    heads = "客户名称 跟进日期 跟进人 跟进内容"
    brought(
        table(tmp_path, heads, ("Second Works", "2026-11-20", "Tom Teammate", "A talk")), by=people.supervisor
    )

    assert reasons(customers) == {2: "has_left"}
    with acting_as_system("a test looks"):
        assert [note.author.name for note in everything(FollowUp) if note.author] == ["Tom Teammate"]


def test_a_collaborator_owns_nothing(tmp_path: Path, people: People) -> None:
    path = table(tmp_path, "客户名称 负责人", ("First Works", "Cora Collaborator"))
    assert reasons(tried(path, by=people.supervisor)) == {2: "owns_nothing"}


def test_two_of_one_name_are_told_apart_by_address(tmp_path: Path, people: People) -> None:
    with writing():
        people.outsider.name = "Tom Teammate"
    path = table(
        tmp_path, "客户名称 负责人", ("First Works", "Tom Teammate"), ("Second Works", "OSCAR@example.com")
    )
    found = brought(path, by=people.admin)

    assert reasons(found) == {2: "several_people"}
    assert named(Customer, "Second Works").owner_id == people.outsider.id


def test_a_rep_does_not_write_in_anothers_name(tmp_path: Path, people: People) -> None:
    heads = "客户名称 跟进日期 跟进人 跟进内容"
    path = table(
        tmp_path,
        heads,
        ("First Works", "2026-11-20", "Tom Teammate", "Not mine"),
        ("First Works", "2026-11-21", "Olive Owner", "Mine"),
    )
    assert reasons(tried(path, by=people.owner)) == {2: "not_yours_to_give"}


def test_a_colleagues_customer_is_neither_added_to_nor_made_twice(tmp_path: Path, people: People) -> None:
    make_customer(people.teammate, "First Works")
    path = table(tmp_path, "客户名称 所属行业", ("First Works", "Paper"))
    for on_duplicate in ("skip", "update", "create"):
        found = tried(path, by=people.owner, on_duplicate=on_duplicate)
        assert fates(found) == [
            (2, Fate.REJECT, "This customer is here already. Ask Tom Teammate about it.")
        ], on_duplicate


def test_a_colleagues_deal_with_ones_own_customer_is_not_touched(tmp_path: Path, people: People) -> None:
    customer = make_customer(people.owner)
    make_deal(people.teammate, Stage.LEAD, customer=customer)
    heads = "客户名称 机会名称 当前阶段"
    found = tried(
        table(tmp_path, heads, ("Paper Crane Packaging", "Line one", "谈判")),
        by=people.owner,
        on_duplicate="update",
    )
    assert fates(found) == [(2, Fate.REJECT, "This deal is here already. Ask Tom Teammate about it.")]

    brought(
        table(tmp_path, "客户名称 跟进日期 跟进内容", ("Paper Crane Packaging", "2026-11-20", "A talk")),
        by=people.owner,
    )
    talk = everything(FollowUp)[-1]
    assert (talk.content, talk.deal_id) == ("A talk", None)


def test_new_accounts_join_the_importers_teams_once_however_long_their_name(
    tmp_path: Path, people: People
) -> None:
    name = "Nadia " + "N" * 90
    path = table(tmp_path, "客户名称 负责人", ("First Works", name), ("Second Works", name.upper()))
    staff = count(User)
    brought(path, by=people.supervisor)
    brought(table(tmp_path, "客户名称 负责人", ("Third Works", name)), by=people.supervisor)

    assert count(User) == staff + 1
    invited = everything(User)[-1]
    assert [team.name for team in db.session.get_one(User, invited.id).teams] == ["North"]
    assert {customer.owner_id for customer in everything(Customer)} == {invited.id}


def test_deals_keep_their_own_owner(tmp_path: Path, people: People) -> None:
    path = table(
        tmp_path,
        "客户名称 机会名称 负责人",
        ("First Works", "Line one", "Olive Owner"),
        ("First Works", "Line two", "Tom Teammate"),
    )
    brought(path, by=people.supervisor)

    assert named(Customer, "First Works").owner.name == "Olive Owner"
    assert [deal.owner_id for deal in everything(Deal)] == [people.owner.id, people.teammate.id]
