"""The list of deals: its columns, filters by what the customer is, its order, and the way out."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from html import unescape

import pytest

from salesboard.deals.rules import Stage
from salesboard.installation import installation
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
EVERY_DETAIL = (
    "number.industry.region.source.customer_number.first_goal.contract_number.contract_amount.signed_on.competitor"
    ".external_id.created_on.updated_at.talk"
)


def listed(client: Browser, query: str) -> list[str]:
    html = client.get(f"/deals{query}").get_data(as_text=True)
    return [unescape(name) for name in re.findall(r'<th scope="row"><a [^>]*>[^<]*</a> <span>([^<]*)<', html)]


def two_deals(people: People) -> date:
    """One in the East worth 5 000, closing soon; one in the West worth 90 000."""
    soon = installation().today + timedelta(days=7)
    east = make_customer(people.owner, "Press Works", region="East", industry="Steel", source="Fair")
    west = make_customer(people.owner, "Paper Crane", region="West", industry="Paper")
    make_deal(
        people.owner, Stage.INTENT, name="Rolls", customer=east, amount=Decimal(5_000), expected_close=soon
    )
    make_deal(people.owner, Stage.LEAD, name="Kiln", customer=west, amount=Decimal(90_000))
    return soon


def test_deals_are_filtered_by_all_that_is_known_of_them(client_as: ClientAs, people: People) -> None:
    soon = two_deals(people)
    client = client_as(people.owner)
    later = soon + timedelta(days=1)
    for query in (
        "region=East",
        "industry=Steel",
        "source=Fair",
        "amount.to=5,000",
        f"close.from={soon}&close.to={later}",
        "region=East&industry=Steel&created.from=2020-01-01",
    ):
        assert listed(client, f"?{query}") == ["Rolls"], query
        board = client.get(f"/?{query}").get_data(as_text=True)
        assert "Press Works" in board
        assert "Paper Crane" not in board
    assert listed(client, "?amount.from=5000.01") == ["Kiln"]
    assert listed(client, "?region=East&industry=Paper") == listed(client, f"?close.from={later}") == []
    assert set(listed(client, "?amount.from=lots&close.to=31.5.26")) == {"Rolls", "Kiln"}
    page = client.get("/deals?region=East").get_data(as_text=True)
    assert '<option value="West"' in page
    assert 'href="/deals?amount.from=1' not in page


def test_columns_are_chosen_and_sorted_by(client_as: ClientAs, people: People) -> None:
    two_deals(people)
    client = client_as(people.owner)
    client.get("/deals/columns")
    client.post("/deals/columns", {"col": ["region", "number", "senseless"], "back": "/deals?q=p"})
    page = client.get("/deals").get_data(as_text=True)
    assert [unescape(head) for head in re.findall(r'<th scope="col"[^>]*>(?:<a[^>]*>)?([^<]+)<', page)] == [
        "Customer · deal",
        "Region",
        "Number",
    ]
    assert "In all" not in page
    client.post("/deals/columns", {"usual": "1"})
    assert ">Next step<" in client.get("/deals").get_data(as_text=True)
    for key in ("industry", "region", "source", "contract", "signed", "number", "created", "updated"):
        ascending = listed(client, f"?sort={key}&cols={EVERY_DETAIL}")
        assert sorted(ascending) == ["Kiln", "Rolls"]
        assert listed(client, f"?sort=-{key}") == ascending[::-1], key
    assert listed(client, "?sort=region") == ["Rolls", "Kiln"]


def test_the_list_goes_out_as_it_is_shown(client_as: ClientAs, people: People) -> None:
    two_deals(people)
    client = client_as(people.owner)
    page = client.get("/deals?sort=amount&cols=region.amount.stage.close").get_data(as_text=True)
    query = re.search(r'name="query" value="([^"]*cols[^"]*)"', page)
    assert query
    sent = {"what": "deals", "form": "csv", "query": unescape(query[1])}
    shown = (
        client.post("/exports", {**sent, "as_shown": "y"}, 200).get_data().decode("utf-8-sig").splitlines()
    )
    assert [line.split(",")[:4] for line in shown] == [
        ["Customer", "Deal", "Region", "Amount"],
        ["Press Works", "Rolls", "East", "5000.00"],
        ["Paper Crane", "Kiln", "West", "90000.00"],
    ]
    whole = client.post("/exports", sent, 200).get_data().decode("utf-8-sig").splitlines()
    assert len(whole) == 3
    assert len(whole[0].split(",")) > 20


def test_a_list_with_every_column_costs_the_same_for_many(client_as: ClientAs, people: People) -> None:
    client = client_as(people.supervisor)

    def selects() -> int:
        with counted_selects() as statements:
            client.get(f"/deals?region=East&amount.from=1&cols={EVERY_DETAIL}.owner.next.age")
        return len(statements)

    def add(how_many: int) -> None:
        for n in range(how_many):
            customer = make_customer(people.owner, f"Press {n}", region="East", industry=f"I{n}")
            make_deal(people.owner, Stage.INTENT, customer=customer, amount=Decimal(1_000))

    add(1)
    few = selects()
    add(6)
    assert selects() == few <= 16
