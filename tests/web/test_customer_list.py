"""The list of customers: sorted by what one likes, narrowed by everything, with the columns that somebody chose."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal

import pytest
from flask import Flask

from salesboard import clock
from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.models import Customer
from salesboard.customers.orders import CustomerKey, CustomerOrder
from salesboard.customers.rules import CustomerStatus, Level
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from salesboard.followups.customer_list import customer_page, wanted
from salesboard.installation import installation
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]


def names_in(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/customers/[^"]+">([^<]+)</a>', html)


def listed(client: Browser, query: str = "") -> list[str]:
    return names_in(client.get(f"/customers{query}").get_data(as_text=True))


def read_through(order: CustomerOrder, person: User) -> list[Customer]:
    """All pages of the list, one after the other, as its addresses would lead through them."""
    seen: list[Customer] = []
    cursor = None
    with acting_as(person.viewer()):
        for _page in range(20):
            page = customer_page(wanted(CustomerFilters()), order, cursor)
            seen += page.customers
            if page.after is None:
                return seen
            cursor = order.read_cursor(page.after)
            assert cursor is not None
    raise AssertionError("the list has no end")


def value_of(customer: Customer, key: CustomerKey) -> object:
    told = {
        CustomerKey.NAME: customer.sort_name,
        CustomerKey.OWNER: customer.owner.name,
        CustomerKey.FIRST_CONTACT: customer.first_contact_date,
        CustomerKey.UPDATED: customer.updated_at,
        CustomerKey.VERIFIED: customer.verified_at,
        CustomerKey.CREATED: customer.id,
        CustomerKey.LEVEL: list(Level).index(customer.level),
        CustomerKey.STATUS: list(CustomerStatus).index(customer.status),
    }
    return told[key] if key in told else getattr(customer, key)


def test_by_every_column_and_both_ways_each_customer_comes_once(
    app: Flask, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.followups.customer_list.CUSTOMERS_A_PAGE", 2)
    for place, (region, level, status) in enumerate(
        [
            ("华东", Level.KEY, CustomerStatus.WON),
            (None, Level.POTENTIAL, CustomerStatus.POTENTIAL),
            ("", Level.NORMAL, CustomerStatus.LOST),
            ("华东", Level.KEY, CustomerStatus.INTENT),
            ("Ost\u200b~1", Level.NORMAL, CustomerStatus.WON),
            (None, Level.KEY, CustomerStatus.POTENTIAL),
            ("华南", Level.POTENTIAL, CustomerStatus.INTENT),
        ]
    ):
        make_customer(
            people.owner if place % 3 else people.teammate,
            ["纸鹤", "Äther", "月台", "纸鹤", "box", "!!", "阿里"][place],
            region=region,
            industry=region,
            source=region,
            level=level,
            status=status,
            employees=[None, 0, 7, 7, None, 120, 3][place],
            first_contact_date=date(2026, 1, 5 + place % 2) if place != 4 else None,
            verified_at=clock.now() if place in (1, 2) else None,
        )
    for order in (CustomerOrder(key, falling) for key in CustomerKey for falling in (False, True)):
        seen = read_through(order, people.supervisor)
        assert len({customer.id for customer in seen}) == len(seen) == 7, order
        values = [value for each in seen if (value := value_of(each, order.key)) not in (None, "")]
        empty = [each.id for each in seen if value_of(each, order.key) in (None, "")]
        if order.key is not CustomerKey.NAME:  # a name of signs alone is spoken by nothing, and comes first
            assert [each.id for each in seen][len(values) :] == empty, order
        ranked = sorted(set(values), reverse=order.falling)  # type: ignore[type-var]
        if db.engine.dialect.name == "sqlite" or not isinstance(values[0], str):
            assert [ranked.index(value) for value in values] == sorted(map(ranked.index, values)), order
        assert list(dict.fromkeys(values)) == [  # equal ones stand together
            value for place, value in enumerate(values) if place == 0 or values[place - 1] != value
        ], order


def test_names_are_sorted_as_they_are_spoken(client_as: ClientAs, people: People) -> None:
    for name in ("纸鹤", "Mill", "阿里", "月台"):
        make_customer(people.owner, name)
    client = client_as(people.owner)
    assert listed(client, "?sort=name") == ["阿里", "Mill", "月台", "纸鹤"]
    html = client.get("/customers?sort=-name&level=normal").get_data(as_text=True)
    assert names_in(html) == ["纸鹤", "月台", "Mill", "阿里"]
    assert 'aria-sort="descending"' in html
    assert "level=normal&amp;sort=name" in html


def test_every_filter_narrows_the_list(client_as: ClientAs, people: People) -> None:
    today = installation().today
    early, late = today - timedelta(days=40), today - timedelta(days=3)
    fair = make_customer(people.owner, "Fair", industry="Packaging", source="Fair", first_contact_date=early)
    mail = make_customer(people.teammate, "Mail", industry="Food", source="Online", first_contact_date=late)
    make_customer(people.owner, "Bare")
    make_deal(
        people.owner, Stage.INTENT, customer=fair, amount=Decimal(300_000), entered_on=early, next_due=late
    )
    make_deal(people.owner, Stage.WON, customer=fair, amount=Decimal(9_000_000), entered_on=early)
    make_deal(people.teammate, Stage.INTENT, customer=mail, amount=Decimal(50_000), next_due=today)
    client = client_as(people.supervisor)

    def found(query: str) -> set[str]:
        return set(listed(client, "?" + query))

    assert found("industry=Food") == found("source=Online") == {"Mail"}
    assert found(f"owner={people.owner.id}") == {"Fair", "Bare"}
    assert found(f"owner={people.owner.id}&owner={people.teammate.id}") == {"Fair", "Bare", "Mail"}
    assert found("team=1") == {"Fair", "Mail", "Bare"}
    assert found("team=2") == set()
    assert found("next=late") == {"Fair"}
    assert found("next=today") == {"Mail"}
    assert found("next=none") == {"Bare"}
    assert found("open.from=100000") == {"Fair"}
    assert found("open.to=300000") == {"Fair", "Mail"}
    assert found("open.from=50,000&open.to=299999.99") == {"Mail"}
    assert found(f"contact.from={early + timedelta(days=1)}") == {"Mail"}
    assert found(f"contact.to={early}") == {"Fair"}
    assert found(f"created.from={today}") == {"Fair", "Mail", "Bare"}
    assert found(f"created.to={today - timedelta(days=1)}") == set()
    assert found(f"talk.from={today}") == {"Mail"}
    assert found(f"talk.to={early}") == {"Fair"}
    assert found("talked=never") == {"Bare"}
    assert found("level=normal&next=none&region=nowhere") == set()


def test_filters_tell_nothing_of_deals_that_one_does_not_see(client_as: ClientAs, people: People) -> None:
    """A teammate's own deal shows the customer; what the owner plans there stays unknown."""
    customer = make_customer(people.owner)
    make_deal(
        people.owner, customer=customer, amount=Decimal(900_000), next_step="x", next_due=date(2026, 1, 5)
    )
    make_deal(people.teammate, customer=customer, amount=Decimal(1_000))
    client = client_as(people.teammate)
    assert listed(client) == ["Paper Crane Packaging"]
    assert listed(client, "?next=late") == listed(client, "?open.from=5000") == []
    assert listed(client, "?next=none") == listed(client, "?open.to=1000") == ["Paper Crane Packaging"]


def test_a_whole_phone_number_or_address_finds_a_customer(client_as: ClientAs, people: People) -> None:
    for owner, name, phone, email in (
        (people.owner, "Found", "138 0013 8000 / 0571-87654321", "Cleo@Works.example"),
        (people.outsider, "Hidden", "13800138000", "cleo@works.example"),
    ):
        customer = make_customer(owner, name)
        with acting_as_system("a test prepares"), writing():
            held = db.session.get_one(Customer, customer.id)
            facts = {"name": "Cleo", "phone": phone, "email": email}
            held.add_contact(by=owner, now=clock.now(), expected_version=held.version, **facts)
    make_customer(people.owner, "Plant 13800138000")
    client = client_as(people.owner)
    for text in ("%2B86+138-0013-8000", "0571+87654321", "cleo%40works.example"):
        assert listed(client, f"?q={text}") == ["Found"], text
    assert set(listed(client, "?q=13800138000")) == {"Found", "Plant 13800138000"}
    assert listed(client, "?q=1380013800") == ["Plant 13800138000"]
    assert listed(client, "?q=works.example") == []


def test_columns_are_chosen_ordered_and_remembered(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner, employees=1200, remarks="Pays late")
    client = client_as(people.owner)

    def heads() -> list[str]:
        html = client.get("/customers").get_data(as_text=True)
        table = re.findall(r"<th scope=\"col\"[^>]*>(?:<a[^>]*>)?([^<]+)<", html)
        assert table[0] == "Customer"
        return table[1:]

    client.get("/customers/columns")
    client.post(
        "/customers/columns", {"col": ["employees", "remarks", "senseless"], "back": "/customers?q=p"}
    )
    assert heads() == ["Employees", "Remarks"]
    page = client.get("/customers").get_data(as_text=True)
    assert "1,200" in page
    assert "Pays late" in page
    client.post("/customers/columns", {"col": ["employees", "remarks"], "down": "employees"}, 200)
    assert heads() == ["Remarks", "Employees"]
    client.post("/customers/columns", {"col": ["remarks", "employees"], "up": "remarks"}, 200)
    assert heads() == ["Remarks", "Employees"]
    client.post("/customers/columns", {"col": ["senseless"]}, 422)
    client.post("/customers/columns", {"usual": "1", "col": ["remarks"]})
    assert heads()[:3] == ["Level", "Status", "Owner"]
    address = client.get("/customers?cols=number.x99.number").get_data(as_text=True)
    assert address.count('data-label="') == 1


def test_a_list_goes_out_as_it_is_shown(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, "Press Works", region="East", employees=7)
    make_customer(people.owner, "Other", region="West")
    due = installation().today
    make_deal(
        people.owner, Stage.INTENT, customer=customer, amount=Decimal(5_000), next_step="Call", next_due=due
    )
    client = client_as(people.owner)
    page = client.get("/customers?region=East&cols=employees.next.open.talk").get_data(as_text=True)
    query = re.search(r'name="query" value="([^"]*cols[^"]*)"', page)
    assert query
    sent = {"what": "customers", "form": "csv", "query": query[1].replace("&amp;", "&")}
    lines = (
        client.post("/exports", {**sent, "as_shown": "y"}, 200).get_data().decode("utf-8-sig").splitlines()
    )
    assert lines[0].split(",") == [
        "Customer",
        "Employees",
        "Next step",
        "Next step by",
        "Under way",
        "Last talk",
    ]
    assert lines[1].split(",") == ["Press Works", "7", "Call", f"{due}", "5000.00", f"{due}"]
    assert len(lines) == 2
    whole = client.post("/exports", sent, 200).get_data().decode("utf-8-sig").splitlines()
    assert len(whole) == 2
    assert len(whole[0].split(",")) > 20


@pytest.mark.parametrize("query", ["", "?q=p&next=none&open.from=0&talk.to=2030-01-01&sort=status"])
def test_a_list_with_everything_costs_the_same_for_many(
    client_as: ClientAs, people: People, query: str
) -> None:
    client, columns = (
        client_as(people.supervisor),
        "next.open.signed.talk.contact.needs.created_by.verified_by",
    )
    address = f"/customers{query or '?'}&cols={columns}".replace("?&", "?")

    def selects() -> int:
        with counted_selects() as statements:
            client.get(address)
        return len(statements)

    def add(how_many: int) -> None:
        for n in range(how_many):
            customer = make_customer(people.owner, f"Press {n}", needs="Less heat", region=f"R{n}")
            make_deal(people.owner, Stage.INTENT, customer=customer)

    add(1)
    few = selects()
    add(6)
    assert selects() == few <= 24
