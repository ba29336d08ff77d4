"""The lists as they go out: for whom, with what, in which words, and what comes of them when they come in again."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from flask_babel import force_locale

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.models import Customer
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    LEVEL_NAMES,
    PRIORITY_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
)
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.deals.stages import STAGE_NAMES
from salesboard.deals.wording import LOST_REASON_NAMES, METHOD_NAMES
from salesboard.exchange.columns import match_book
from salesboard.exchange.export_facts import FACTS
from salesboard.exchange.fields import BY_KEY, Kind
from salesboard.exchange.options import Options
from salesboard.exchange.reading import open_book
from salesboard.exchange.words import (
    LostBecause,
    read_attitude,
    read_level,
    read_lost_reason,
    read_method,
    read_preferred,
    read_priorities,
    read_role,
    read_stage,
    read_status,
)
from tests.browsing import counted_selects
from tests.domain.exchange.bringing import everything, tried
from tests.domain.exchange.going_out import lines_in, taken_out
from tests.domain.exchange.test_out_and_in_again import touched
from tests.own_fields import add_field, change_field, fill_in
from tests.standing import People, make_customer, make_deal

DAY = date(2026, 11, 23)
LANGUAGES = ("en", "zh_Hans", "zh_Hant")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", list(Kind))
def test_an_import_knows_the_heads_of_each_list(
    people: People, tmp_path: Path, language: str, kind: Kind
) -> None:
    with force_locale(language):
        matched = match_book(open_book(taken_out(tmp_path, kind)), Options()).sheets[0]
        understood = {
            column.head: [str(field.label) for field in column.fields] for column in matched.columns
        }
        own = {str(field.label) for field in BY_KEY.values() if field.kind is kind}
        heads = [str(fact.label) for fact in FACTS[kind]]

    assert matched.kind is kind
    assert list(understood) == heads
    assert {head for head in heads if head in own and not understood[head]} == set()
    assert all(labels in ([], [head]) for head, labels in understood.items())


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("language", LANGUAGES)
def test_an_import_knows_our_words(people: People, language: str) -> None:
    with force_locale(language):
        for names, read in (
            (LEVEL_NAMES, read_level),
            (STATUS_NAMES, read_status),
            (ROLE_NAMES, read_role),
            (STAGE_NAMES, read_stage),
            (METHOD_NAMES, read_method),
            (ATTITUDE_NAMES, read_attitude),
            (CHANNEL_NAMES, read_preferred),
        ):
            assert {read(str(name)) for name in names.values()} == set(names)  # type: ignore[operator]
            assert all(read(str(name)) is code for code, name in names.items())  # type: ignore[operator]
        assert read_priorities("\n".join(map(str, PRIORITY_NAMES.values()))) == tuple(PRIORITY_NAMES)
        assert all(
            read_lost_reason(str(name)) == LostBecause(code) for code, name in LOST_REASON_NAMES.items()
        )


@pytest.fixture
def _records(people: People) -> None:
    """A customer with two people, a deal and a talk of the owner's; one of the outsider's; one shared deal."""
    now = clock.now()
    customer = make_customer(people.owner, annual_revenue=Decimal("1234.50"), region="East", needs="One\nTwo")
    with acting_as_system("a test prepares"), writing():
        for name in ("Cleo", "Carl"):
            customer.add_contact(
                name=name, phone="13900000001", by=people.owner, now=now, expected_version=customer.version
            )
    shared = make_deal(people.owner, Stage.WON, customer=customer, budget=Decimal(7))
    make_deal(people.owner, name="Gone", customer=customer, lost=True)
    make_deal(people.outsider, name="Theirs", customer=make_customer(people.outsider, "Marble Works"))
    with acting_as_system("a test prepares"), writing():
        shared.share_with(people.collaborator, by=people.owner, now=now)


@pytest.mark.usefixtures("_records")
def test_everybody_takes_out_what_they_see(people: People, tmp_path: Path) -> None:
    def counts(person: object) -> list[int]:
        return [len(lines_in(taken_out(tmp_path, kind, by=person))) for kind in Kind]  # type: ignore[arg-type]

    assert counts(people.owner) == counts(people.supervisor) == [1, 2, 2, 5]
    assert counts(people.teammate) == [0, 0, 0, 0]
    assert counts(people.outsider) == [1, 0, 1, 0]
    assert counts(people.admin) == counts(None) == [2, 2, 3, 5]


@pytest.mark.usefixtures("_records")
def test_the_query_of_the_address_narrows_the_list(people: People, tmp_path: Path) -> None:
    def names(what: str, query: str | None) -> list[object]:
        lines = lines_in(taken_out(tmp_path, what, query=query, by=people.admin))
        return [line["Deal" if what == "deals" else "Customer"] for line in lines]

    assert names("customers", "q=marble") == ["Marble Works"]
    assert names("customers", "sort=-name") == ["Paper Crane Packaging", "Marble Works"]
    assert (
        names("customers", "sort=name") == names("customers", "") == ["Marble Works", "Paper Crane Packaging"]
    )
    assert names("customers", None) == ["Paper Crane Packaging", "Marble Works"]
    assert names("contacts", "q=marble") == []
    assert names("followups", "region=East") == ["Paper Crane Packaging"] * 5
    assert names("deals", "") == ["Line one", "Theirs"]
    assert names("deals", "outcome=lost") == ["Gone"]
    assert names("deals", "stage=won&nonsense=%00&owner=x") == ["Line one"]
    assert names("deals", None) == ["Line one", "Gone", "Theirs"]


@pytest.mark.usefixtures("_records")
def test_columns_hold_what_they_say(people: People, tmp_path: Path) -> None:
    (customer,) = lines_in(taken_out(tmp_path, "customers", by=people.owner))
    won, lost = lines_in(taken_out(tmp_path, "deals", by=people.owner))

    assert (customer["Annual revenue"], customer["Needs"], customer["Owner"]) == (
        1234.5,
        "One\nTwo",
        "Olive Owner",
    )
    assert (customer["Contact"], customer["Phone"]) == ("Cleo", "13900000001")
    assert (won["Stage"], won["Budget"], won["Probability"], won["Contract amount"]) == ("Won", 7, 1, 100000)
    assert (lost["Stage"], lost["Reason for losing"], lost["Reason for losing, in words"]) == (
        "Lost",
        "Price",
        "Too dear",
    )


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("_records")
def test_the_teams_own_fields_stand_last(people: People, tmp_path: Path) -> None:
    deal = next(deal for deal in everything(Deal) if deal.name == "Gone")
    number = add_field(Subject.DEAL, "Machines", FieldKind.NUMBER)
    day = add_field(Subject.DEAL, "Tender on", FieldKind.DATE)
    answer = add_field(Subject.DEAL, "Rented", FieldKind.YES_NO)
    region = add_field(Subject.CUSTOMER, "Region")
    retired = add_field(Subject.DEAL, "Old")
    fill_in(deal, {number: "12.5", day: "2026-05-31", answer: "yes", retired: "gone"}, people.owner)
    fill_in(everything(Customer)[0], {region: "=North"}, people.owner)
    change_field(retired, "retire")

    _won, lost = lines_in(taken_out(tmp_path, "deals", by=people.owner))
    assert list(lost.values())[-3:] == [12.5, date(2026, 5, 31), "Yes"]
    assert list(lost)[-3:] == ["Machines", "Tender on", "Rented"]
    (customer,) = lines_in(taken_out(tmp_path, "customers", by=people.owner))
    assert (customer["Region"], customer["x:Region"]) == ("East", "=North")
    with taken_out(tmp_path, "deals", form="csv", by=people.owner).open(encoding="utf-8-sig") as file:
        assert file.read().rstrip().endswith(",12.5,2026-05-31,Yes")
    for kind in (Kind.CUSTOMERS, Kind.DEALS):
        for form in ("xlsx", "csv"):
            again = tried(taken_out(tmp_path, kind, form=form), by=people.admin, on_duplicate="update")
            assert touched(again) == {}, (kind, form)
            assert again.warnings == []


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("kind", list(Kind))
def test_a_page_costs_the_same_selects_with_many_records_as_with_few(
    people: People, tmp_path: Path, kind: Kind
) -> None:
    def more(number: int) -> None:
        customer = make_customer(people.owner, f"Customer {number}", needs="One\nTwo")
        with acting_as_system("a test prepares"), writing():
            held = db.session.get_one(Customer, customer.id)
            held.add_contact(name="Cleo", by=people.owner, now=clock.now(), expected_version=held.version)
        make_deal(people.owner, Stage.INTENT, customer=customer)

    def costs() -> int:
        with counted_selects() as selects:
            taken_out(tmp_path, kind, by=people.owner)
        return len([select for select in selects if "FROM installation" not in select])

    more(0)
    few = costs()
    for number in range(1, 6):
        more(number)
    assert costs() == few


@pytest.mark.databases("sqlite")
def test_two_of_one_name_go_by_their_addresses(people: People, tmp_path: Path) -> None:
    make_customer(people.owner)
    with acting_as_system("a test prepares"), writing():
        people.teammate.name = people.owner.name

    (customer,) = lines_in(taken_out(tmp_path, "customers", by=people.owner))
    assert customer["Owner"] == "olive@example.com"
