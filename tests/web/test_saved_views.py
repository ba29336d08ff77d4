"""Views of lists that people keep by name: their own, shared with a team, or what a list opens with."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape

import pytest
from sqlalchemy import select

from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.rules import Level
from salesboard.customers.saved import ListKind, SavedView
from salesboard.database import db
from salesboard.deals.rules import Stage
from salesboard.exchange.export_models import Export
from tests.browsing import Browser
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
NEW = "/views/new/customers"


def kept() -> list[SavedView]:
    with acting_as_system("a test looks"):
        return list(db.session.scalars(select(SavedView).order_by(SavedView.id)).all())


def page(client: Browser, path: str = "/customers") -> str:
    return unescape(client.get(path).get_data(as_text=True))


def test_what_a_list_shows_is_kept_and_found_again(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner, "Key Works", level=Level.KEY)
    make_customer(people.owner, "Other Works")
    client = client_as(people.owner)
    shown = page(client, "/customers?level=key&sort=name&cols=number.region")
    query = "level=key&sort=name&cols=number.region"
    assert f"{NEW}?query=level%3Dkey%26sort%3Dname%26cols%3Dnumber.region" in shown
    client.get(f"{NEW}?query=level%3Dkey")
    client.post(NEW, {"name": "Our best", "query": query})
    assert [(view.name, view.query, view.team_id) for view in kept()] == [("Our best", query, None)]
    assert f"/customers?{query}" in page(client)
    found = page(client, f"/customers?{query}")
    assert "Key Works" in found
    assert "Other Works" not in found
    assert "<b>Our best</b>" in found
    client.post(NEW, {"name": "Our best", "query": "sort=name"})
    assert [view.query for view in kept()] == ["sort=name"]
    assert "Our best" not in page(client_as(people.teammate))


def test_a_shared_view_shows_everybody_what_they_may_see(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner, "Key Works", level=Level.KEY)
    client_as(people.owner).post(NEW, {"name": "Shared", "query": "level=key", "team": "1"})
    client_as(people.owner).post(NEW, {"name": "Foreign", "query": "", "team": "2"}, 422)
    view = kept()[0]
    mate, outsider = client_as(people.teammate), client_as(people.outsider)
    assert "Shared" in page(mate)
    assert "Key Works" not in page(mate, "/customers?level=key")
    assert "Shared" not in page(outsider)
    outsider.get(f"/views/{view.id}", 404)
    assert "Olive Owner made this view" in page(mate, f"/views/{view.id}")
    mate.post(f"/views/{view.id}", {"name": "Mine now", "is_default": "y"})
    assert kept()[0].name == "Shared"
    assert mate.get("/customers", 302).headers["Location"].endswith("/customers?level=key")
    mate.post(f"/views/{view.id}/removal", {}, 403)
    client_as(people.supervisor).post(f"/views/{view.id}/removal", {})
    assert kept() == []
    mate.get("/customers", 200)


def test_a_list_opens_with_the_view_of_ones_choice(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner)
    client = client_as(people.owner)
    client.post(NEW, {"name": "First", "query": "level=key&sort=name", "is_default": "y"})
    assert client.get("/customers", 302).headers["Location"].endswith("/customers?level=key&sort=name")
    assert "/customers?view=all" in page(client, "/customers?level=key")
    assert "Paper Crane" in page(client, "/customers?view=all")
    view = kept()[0]
    assert "checked" in page(client, f"/views/{view.id}")
    client.post(f"/views/{view.id}", {"name": "First", "team": ""})
    client.get("/customers", 200)


def test_views_of_deals_and_of_the_board_are_the_same_thing(client_as: ClientAs, people: People) -> None:
    make_deal(people.owner, Stage.INTENT)
    client = client_as(people.owner)
    for kind, address in ((ListKind.DEALS, "/deals"), (ListKind.BOARD, "/")):
        client.post(f"/views/new/{kind}", {"name": f"Late {kind}", "query": "next=late", "is_default": "y"})
        assert client.get(address, 302).headers["Location"].endswith(f"{address}?next=late")
        assert f"<b>Late {kind}</b>" in page(client, f"{address}?next=late")
        client.get(f"{address}?view=all", 200)
    assert "Late deals" not in page(client)
    client.get("/views/new/reports", 404)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", " ", "Give the view a name"),
        ("name", "x" * 61, "At most 60"),
        ("query", "q=13800138000", "no telephone number"),
        ("query", "q=+cleo%40works.example+", "no telephone number"),
        ("query", "q=" + "x" * 2000, "too many filters"),
    ],
)
def test_what_cannot_be_kept_is_told(
    client_as: ClientAs, people: People, field: str, value: str, told: str
) -> None:
    html = client_as(people.owner).post(NEW, {"name": "A", "query": "", field: value}, 422)
    assert told in html.get_data(as_text=True)
    assert kept() == []


def test_a_name_stands_once_and_views_are_few(
    client_as: ClientAs, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = client_as(people.owner)
    for name in ("A", "B"):
        client.post(NEW, {"name": name, "query": "level=key"})
    client.post(f"/views/{kept()[0].id}", {"name": "B"}, 422)
    monkeypatch.setattr("salesboard.customers.saved.MOST_VIEWS", 2)
    assert "Remove one first" in page_of(client.post(NEW, {"name": "C"}, 422))
    assert [view.name for view in kept()] == ["A", "B"]
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(AuditEvent.verb).where(AuditEvent.subject == kept()[0].label))


def test_what_is_kept_of_an_export_holds_no_telephone_number(client_as: ClientAs, people: People) -> None:
    sent = {"what": "customers", "form": "csv", "query": "q=138 0013 8000&level=key"}
    client_as(people.owner).post("/exports", sent, 200)
    with acting_as_system("a test looks"):
        query = db.session.scalar(select(Export.query))
    assert query
    assert "8000" not in query
    assert "level=key" in query


def page_of(answer: object) -> str:
    return answer.get_data(as_text=True)  # type: ignore[attr-defined]
