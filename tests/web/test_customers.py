"""The list of customers, a customer's page, and the forms of what is known: for whoever sees them, and no one else."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from sqlalchemy import func, select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.audit import AuditEvent
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import ContactRole, CustomerStatus, Level
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Stage
from salesboard.installation import installation
from salesboard.ops.verify import inspect_database
from tests.browsing import Browser, counted_selects
from tests.standing import People, make_customer, make_deal, written

ClientAs = Callable[..., Browser]


def add_contact(customer: Customer, people: People, **facts: object) -> Contact:
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Customer, customer.id)
        return held.add_contact(by=people.owner, now=clock.now(), expected_version=held.version, **facts)


def stored(customer: Customer) -> Customer:
    with acting_as_system("a test looks"):
        return db.session.get_one(Customer, customer.id, populate_existing=True)


def names_in(html: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/customers/[^"]+">([^<]+)</a>', html)


def listed(client: Browser, query: str = "") -> list[str]:
    return names_in(client.get(f"/customers{query}").get_data(as_text=True))


# ── The list ──────────────────────────────────────────────────────────────────────


def test_each_sees_their_own_customers(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner, "Owner's Works")
    make_customer(people.teammate, "Mate's Works")
    make_customer(people.outsider, "Far Away Works")
    seen = {name: set(listed(client_as(getattr(people, name)))) for name in vars(people)}
    assert seen["owner"] == {"Owner&#39;s Works"}
    assert seen["supervisor"] == {"Owner&#39;s Works", "Mate&#39;s Works"}
    assert seen["collaborator"] == set()
    assert seen["outsider"] == {"Far Away Works"}
    assert len(seen["admin"]) == 3


@pytest.mark.parametrize("word", ["纸鹤", "zhihe", "zhbz", "鹤包", "ZHIHE"])
def test_a_customer_is_found_by_name_pinyin_and_initials(
    client_as: ClientAs, people: People, word: str
) -> None:
    make_customer(people.owner, "纸鹤包装")
    make_customer(people.owner, "月台冷链")
    assert listed(client_as(people.owner), f"?q={word}") == ["纸鹤包装"]


def test_filters_narrow_the_list(client_as: ClientAs, people: People) -> None:
    make_customer(people.owner, "East Key", level=Level.KEY, region="East")
    make_customer(people.owner, "West Key", level=Level.KEY, region="West")
    make_customer(people.owner, "East Won", region="East", status=CustomerStatus.WON)
    make_customer(people.teammate, "East Mate", region="East")
    client = client_as(people.supervisor)
    assert set(listed(client, "?level=key")) == {"East Key", "West Key"}
    assert set(listed(client, "?level=key&region=East")) == {"East Key"}
    assert set(listed(client, "?status=won")) == {"East Won"}
    assert set(listed(client, f"?owner={people.teammate.id}")) == {"East Mate"}


@pytest.mark.parametrize(
    "query",
    [
        "?level=x&status=y&owner=-1",
        "?owner=99999999999999",
        "?after=nothing",
        "?q=%25_%5C",
        "?q=" + "a" * 5000,
    ],
)
def test_a_senseless_address_is_no_error(client_as: ClientAs, people: People, query: str) -> None:
    make_customer(people.owner)
    client_as(people.owner).get(f"/customers{query}")


def test_the_list_goes_on_page_by_page(
    client_as: ClientAs, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.followups.customer_list.CUSTOMERS_A_PAGE", 2)
    for n in range(5):
        make_customer(people.owner, f"Works {n}")
    client, seen, address = client_as(people.owner), [], "/customers"
    for _page in range(3):
        html = client.get(address, fragment=address != "/customers").get_data(as_text=True)
        seen += names_in(html)
        more = re.search(r'hx-get="([^"]+)"', html)
        address = more[1].replace("&amp;", "&") if more else ""
    assert address == ""
    assert seen == [f"Works {n}" for n in (4, 3, 2, 1, 0)]


def test_a_list_shows_no_whole_phone_number(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    add_contact(customer, people, name="Cleo", phone="10012345678")
    html = client_as(people.owner).get("/customers").get_data(as_text=True)
    assert "100****5678" in html
    assert "10012345678" not in html
    page = client_as(people.owner).get(f"/customers/{customer.number}").get_data(as_text=True)
    assert "10012345678" in page


def test_list_and_page_cost_the_same_for_many(client_as: ClientAs, people: People) -> None:
    first = make_customer(people.owner)
    make_deal(people.owner, Stage.INTENT, customer=first)
    add_contact(first, people, name="Cleo")
    client = client_as(people.owner)

    def selects(path: str) -> int:
        with counted_selects() as statements:
            client.get(path)
        return len(statements)

    few = selects("/customers"), selects(f"/customers/{first.number}")
    for n in range(8):
        other = make_customer(people.owner, f"Works {n}")
        add_contact(other, people, name="Cleo")
        make_deal(people.owner, Stage.INTENT, customer=other)
        make_deal(people.owner, Stage.PROPOSAL, customer=first, name=f"Line {n}")
        add_contact(first, people, name=f"Person {n}")
    assert (selects("/customers"), selects(f"/customers/{first.number}")) == few
    assert max(few) <= 26


def test_an_empty_list_says_what_to_do(client_as: ClientAs, people: People) -> None:
    html = client_as(people.owner).get("/customers").get_data(as_text=True)
    assert "No customer yet" in html
    assert "/customers/new" in html
    assert "No customer fits" in client_as(people.owner).get("/customers?q=nothing").get_data(as_text=True)


# ── The page ──────────────────────────────────────────────────────────────────────


def test_the_page_shows_deals_sums_people_and_notes(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner, needs="Cold nights", main_business="Cold stores")
    make_deal(people.owner, Stage.WON, customer=customer, name="First line", amount=Decimal(300_000))
    make_deal(people.owner, Stage.PROPOSAL, customer=customer, name="Second line", amount=Decimal(200_000))
    make_deal(people.owner, customer=customer, name="Third line", lost=True)
    add_contact(customer, people, name="Cleo", role=ContactRole.DECISION_MAKER, email="cleo@works.example")
    html = client_as(people.owner).get(f"/customers/{customer.number}").get_data(as_text=True)
    for words in ("Cold nights", "Cold stores", "Decision maker", "cleo@works.example", "1 contract", "Lost"):
        assert words in html
    assert [html.index(name) for name in ("First line", "Second line", "Third line")] == sorted(
        html.index(name) for name in ("First line", "Second line", "Third line")
    )
    assert 'value="300000.00"' in html
    assert "Came to won" in html


def test_only_visible_deals_and_notes_are_shown(client_as: ClientAs, people: People) -> None:
    """A teammate with a deal of their own sees the customer, but not the owner's deals with it."""
    customer = make_customer(people.owner)
    make_deal(people.owner, customer=customer, name="Owner's secret")
    make_deal(people.teammate, customer=customer, name="Mate's line")
    html = client_as(people.teammate).get(f"/customers/{customer.number}").get_data(as_text=True)
    assert "Mate&#39;s line" in html
    assert "secret" not in html


def test_earlier_notes_come_on_demand(
    client_as: ClientAs, people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("salesboard.followups.of_customers.EVENTS_A_PAGE", 2)
    customer = make_customer(people.owner)
    make_deal(people.owner, Stage.NEGOTIATION, customer=customer)
    client, address, seen = client_as(people.owner), f"/customers/{customer.number}", []
    for _page in range(2):
        html = client.get(address, fragment="before" in address).get_data(as_text=True)
        seen += re.findall(r'<li id="(F\d+)"', html)
        more = re.search(r'hx-get="([^"]+before[^"]+)"', html)
        address = more[1] if more else ""
    assert address == ""
    assert len(set(seen)) == len(seen) == 4


@pytest.mark.parametrize("who", ["teammate", "outsider", "collaborator"])
def test_a_customer_outside_ones_view_does_not_exist(client_as: ClientAs, people: People, who: str) -> None:
    customer = make_customer(people.owner)
    client = client_as(getattr(people, who))
    client.get(f"/customers/{customer.number}", 404)
    client.get("/customers/C20200101999", 404)


def test_a_collaborator_reads_the_customer_of_a_shared_deal(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, customer=customer)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, deal.id).share_with(people.collaborator, by=people.owner, now=clock.now())
    html = client_as(people.collaborator).get(f"/customers/{customer.number}").get_data(as_text=True)
    assert "/edit" not in html
    client_as(people.collaborator).get(f"/customers/{customer.number}/edit", 403)


# ── New and changed ───────────────────────────────────────────────────────────────


def test_a_new_customer_is_written_down(client_as: ClientAs, people: People) -> None:
    client = client_as(people.owner)
    client.get("/customers/new")
    answer = client.post(
        "/customers/new",
        {
            "name": " 纸鹤包装 ",
            "level": "key",
            "employees": "120",
            "annual_revenue": "2.1亿",
            "region": "华东",
        },
    )
    with acting_as_system("a test looks"):
        customer = db.session.scalars(select(Customer)).one()
    assert answer.headers["Location"].endswith(f"/customers/{customer.number}")
    assert (customer.name, customer.level, customer.owner_id) == ("纸鹤包装", Level.KEY, people.owner.id)
    assert (customer.employees, customer.annual_revenue, customer.industry) == (
        120,
        Decimal(210_000_000),
        None,
    )
    assert customer.number == f"C{installation().today:%Y%m%d}001"
    assert client.get(answer.headers["Location"]).status_code == 200


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("name", "", "Write the customer"),
        ("name", "x" * 201, "At most 200"),
        ("employees", "many", "whole number"),
        ("employees", "-3", "whole number"),
        ("annual_revenue", "a lot", "Write the amount in figures"),
        ("first_contact_date", "yesterday", "Write the date as"),
        ("level", "gold", "Invalid"),
        ("remarks", "card 4111 1111 1111 1111", "bank-card number"),
        ("needs", "nul \x00 byte", "cannot be stored"),
    ],
)
def test_what_cannot_be_taken_is_told_beside_its_field(
    client_as: ClientAs, people: People, field: str, value: str, told: str
) -> None:
    sent = {"name": "Paper Crane", "level": "normal", field: value}
    html = client_as(people.owner).post("/customers/new", sent, 422).get_data(as_text=True)
    assert told in html
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(Customer.id))) == 0


def test_a_likely_home_address_is_kept_and_warned_about(client_as: ClientAs, people: People) -> None:
    client, warning = client_as(people.owner), "reads like a home address"
    for remarks, is_warned in (("住阳光小区3栋2单元501室", True), ("Meets us in meeting room 5", False)):
        sent = {"name": f"Paper Crane {is_warned}", "level": "normal", "remarks": remarks}
        page = client.get(client.post("/customers/new", sent).headers["Location"]).get_data(as_text=True)
        assert (warning in page, remarks in page) == (is_warned, True)


def test_a_home_address_is_warned_about_in_a_fact_in_place_a_need_and_a_note(
    client_as: ClientAs, people: People
) -> None:
    known, home = make_customer(people.owner), "住阳光小区3栋2单元501室"
    deal = make_deal(people.owner, customer=known)
    client, customer = client_as(people.owner), f"/customers/{known.number}"
    fact = {"version": stored(known).version, "remarks": home}
    answer = client.post(f"{customer}/facts/remarks", fact, 200, fragment=True).get_data(as_text=True)
    assert re.search(r'hx-swap-oob="beforeend:#notices">.*reads like a home address', answer, re.DOTALL)
    assert "home address" not in client.get(customer).get_data(as_text=True)
    need = {"version": stored(known).version, "needs-0-text": home, "needs-0-priority": "high"}
    client.post(f"{customer}/facts/needs", need)
    assert "reads like a home address" in client.get(customer).get_data(as_text=True)
    note = {
        "occurred_at": "2026-01-05T10:00",
        "method": "phone",
        "content": home,
        "next_step": "call",
        "next_due": "2099-01-05",
    }
    client.post(f"/deals/{deal.number}/followups", note)
    assert "reads like a home address" in client.get("/").get_data(as_text=True)


def test_extra_fields_are_ignored(client_as: ClientAs, people: People) -> None:
    sent = {
        "name": "Paper Crane",
        "level": "normal",
        "owner_id": people.outsider.id,
        "status": "won",
        "number": "C1",
    }
    client_as(people.owner).post("/customers/new", sent)
    with acting_as_system("a test looks"):
        customer = db.session.scalars(select(Customer)).one()
    assert (customer.owner_id, customer.status) == (people.owner.id, CustomerStatus.POTENTIAL)
    assert customer.number != "C1"


def test_a_colleagues_customer_is_told_with_whom_to_ask(client_as: ClientAs, people: People) -> None:
    make_customer(people.outsider, "纸鹤包装有限公司")
    sent = {"name": "纸鹤包装有限责任公司", "level": "normal"}
    html = client_as(people.owner).post("/customers/new", sent, 422).get_data(as_text=True)
    assert "Oscar Outsider looks after this customer already" in html
    mine = make_customer(people.owner, "月台冷链")
    html = (
        client_as(people.owner)
        .post("/customers/new", {"name": "月台冷链", "level": "normal"}, 422)
        .get_data(as_text=True)
    )
    assert mine.number in html


def test_who_looks_for_a_colleagues_customer_learns_whom_to_ask(client_as: ClientAs, people: People) -> None:
    make_customer(people.outsider, "纸鹤包装有限公司", remarks="a secret")
    html = client_as(people.owner).get("/customers?q=纸鹤包装有限公司").get_data(as_text=True)
    assert "Oscar Outsider looks after this customer" in html
    assert "secret" not in html
    assert "looks after" not in client_as(people.owner).get("/customers?q=纸鹤").get_data(as_text=True)


def edited(customer: Customer, **facts: object) -> dict[str, object]:
    return {"version": customer.version, "name": customer.name, "level": customer.level.value, **facts}


def test_a_renamed_customer_and_its_deals_are_found_by_the_new_name(
    client_as: ClientAs, people: People
) -> None:
    customer = make_customer(people.owner, "Old Name")
    make_deal(people.owner, customer=customer)
    make_deal(people.outsider, customer=customer, name="Somebody else's")
    client_as(people.owner).post(f"/customers/{customer.number}/edit", edited(customer, name="纸鹤包装"))
    assert listed(client_as(people.owner), "?q=zhbz") == ["纸鹤包装"]
    assert inspect_database().findings == []
    with acting_as_system("a test looks"):
        found = select(func.count(Deal.id)).where(Deal.search_text.contains("zhihe"))
        assert db.session.scalar(found) == 2
        verbs = db.session.scalars(select(AuditEvent.verb).where(AuditEvent.subject == customer.label))
        assert "customer.revised" in set(verbs)


def test_two_who_edit_at_once_are_told_and_nothing_is_overwritten(
    client_as: ClientAs, people: People
) -> None:
    customer = make_customer(people.owner, remarks="first")
    seen = edited(customer)
    client_as(people.supervisor).post(f"/customers/{customer.number}/edit", {**seen, "remarks": "hers"})
    client = client_as(people.owner)
    html = client.post(f"/customers/{customer.number}/edit", {**seen, "remarks": "mine"}, 409).get_data(
        as_text=True
    )
    assert "Sue Supervisor changed this customer meanwhile" in html
    assert "now: hers" in html
    assert "mine</textarea>" in html
    assert stored(customer).remarks == "hers"
    version = re.search(r'name="version"[^>]*value="(\d+)"', html)
    assert version
    client.post(f"/customers/{customer.number}/edit", {**seen, "remarks": "mine", "version": version[1]})
    assert stored(customer).remarks == "mine"


def test_saving_without_a_change_changes_nothing(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    client_as(people.owner).post(f"/customers/{customer.number}/edit", edited(customer))
    assert stored(customer).version == customer.version


def test_a_contact_is_added_and_corrected(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    client, here = client_as(people.owner), f"/customers/{customer.number}"
    client.get(f"{here}/contacts/new")
    sent = {
        "version": customer.version,
        "name": "Cleo",
        "phone": "10012345678",
        "email": "cleo@Works.example",
    }
    client.post(f"{here}/contacts/new", sent)
    with acting_as_system("a test looks"):
        contact = db.session.scalars(select(Contact)).one()
    assert (contact.name, contact.role, contact.email) == ("Cleo", None, "cleo@works.example")
    page = client.get(f"{here}/contacts/{contact.id}").get_data(as_text=True)
    assert 'value="Cleo"' in page
    version = stored(customer).version
    client.post(f"{here}/contacts/{contact.id}", {"version": version, "name": "Cleo C", "role": "buyer"})
    with acting_as_system("a test looks"):
        db.session.refresh(contact)
    assert (contact.name, contact.role, contact.phone) == ("Cleo C", ContactRole.BUYER, None)


def test_a_stale_contact_form_is_told_so(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    sent = {"version": customer.version, "name": "Chloe"}
    contact = add_contact(customer, people, name="Cleo")
    here = f"/customers/{customer.number}/contacts/{contact.id}"
    assert "meanwhile" in client_as(people.owner).post(here, sent, 409).get_data(as_text=True)


def test_a_contact_of_another_customer_is_not_found_here(client_as: ClientAs, people: People) -> None:
    mine, other = make_customer(people.owner), make_customer(people.owner, "Other Works")
    contact = add_contact(other, people, name="Cleo")
    client_as(people.owner).get(f"/customers/{mine.number}/contacts/{contact.id}", 404)
    sent = {"version": mine.version, "name": "Chloe"}
    client_as(people.owner).post(f"/customers/{mine.number}/contacts/{contact.id}", sent, 404)


def test_script_in_any_fact_is_inert(client_as: ClientAs, people: People) -> None:
    evil = "<img src=x onerror=alert(1)>"
    customer = make_customer(people.owner, evil, industry=evil, region=evil, needs=evil, source=evil)
    add_contact(customer, people, name=evil, title=evil, phone="javascript:alert(1)", email=evil, wechat=evil)
    deal = make_deal(people.owner, customer=customer, name=evil)
    with acting_as_system("a test prepares"), writing():
        note = written(evil, people.owner, clock.now(), installation().today)
        note.participants = evil
        note.file(db.session.get_one(Customer, customer.id), db.session.get_one(Deal, deal.id))
    for path in ("/customers", f"/customers/{customer.number}", f"/customers/{customer.number}/edit"):
        html = client_as(people.owner).get(path).get_data(as_text=True)
        assert "<img" not in html
        assert 'href="javascript' not in html


def test_a_dialog_is_the_same_form(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    fragment = (
        client_as(people.owner)
        .get(f"/customers/{customer.number}/edit", fragment=True)
        .get_data(as_text=True)
    )
    assert fragment.lstrip().startswith("<dialog")
    saved = client_as(people.owner).post(
        f"/customers/{customer.number}/edit", edited(customer, remarks="x"), 200, fragment=True
    )
    assert saved.headers["HX-Redirect"] == f"/customers/{customer.number}"


def test_no_customer_is_changed_from_another_teams_address(client_as: ClientAs, people: People) -> None:
    customer = make_customer(people.owner)
    client_as(people.outsider).post(
        f"/customers/{customer.number}/edit", edited(customer, name="Stolen"), 404
    )
    client_as(people.outsider).post(
        f"/customers/{customer.number}/contacts/new", {"version": 1, "name": "Mole"}, 404
    )
    assert stored(customer).name == customer.name
