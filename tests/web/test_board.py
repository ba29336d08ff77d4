"""The board's pages and parts: what they show, to whom, and at which price."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask

from salesboard import clock
from salesboard.access import Role, acting_as_system
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.queries import CARDS_A_PAGE
from salesboard.deals.rules import STAGES, Method, Stage
from salesboard.installation import installation
from tests.browsing import Browser, Page, counted_selects
from tests.crowd import gather
from tests.standing import People, make_customer, make_deal

pytestmark = pytest.mark.databases("sqlite", "postgresql")

ClientAs = Callable[..., Browser]
Freeze = Callable[[datetime], None]
MOST_SELECTS = 13
MOST_BYTES = 120_000


def cards(html: str) -> list[str]:
    """The numbers of the deals whose cards stand in a page or part."""
    return re.findall(r'<article class="card[^"]*" id="deal-(\w+)"', html)


def head(html: str, stage: str) -> str:
    """The words of a column's head."""
    found = re.search(rf'<header class="column-head" id="head-{stage}".*?</header>', html, re.DOTALL)
    assert found is not None
    return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split())


def gather_full_columns(owner: User, a_column: int) -> None:
    """`a_column` open deals in every stage."""
    gather([owner], a_column * len(STAGES), outcome="open", lost_reason=None, closed_on=None)
    with acting_as_system("a test prepares"), writing():
        for row, stage in zip(db.session.scalars(db.select(Deal)), list(STAGES) * a_column, strict=True):
            row.stage = stage
            row.contract_amount, row.signed_on = (
                (row.worth, row.entered_on) if stage.is_signed else (None, None)
            )


def test_a_board_shows_each_deal_in_its_stage(app: Flask, people: People, client_as: ClientAs) -> None:
    lead = make_deal(people.owner)
    customer = make_customer(people.owner, name="月台冷链", level="key")
    won = make_deal(people.owner, Stage.WON, name="温控", customer=customer)
    html = client_as(people.owner).get("/").get_data(as_text=True)
    assert set(cards(html)) == {lead.number, won.number}
    assert html.index(lead.number) < html.index('id="stage-intent"') < html.index(won.number)
    assert head(html, "lead").startswith("Lead 1 Total 100 K Weighted 10")
    assert "Key customer" in html
    assert f'href="/deals/{lead.number}/placement"' in html


def test_every_role_sees_its_own(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner)
    with acting_as_system("a test prepares"), writing():
        db.session.get_one(Deal, deal.id).share_with(people.collaborator, by=people.owner, now=clock.now())
    for person, sees, moves in (
        (people.owner, True, True),
        (people.teammate, False, False),
        (people.outsider, False, False),
        (people.supervisor, True, True),
        (people.admin, True, True),
        (people.collaborator, True, False),
    ):
        html = client_as(person).get("/").get_data(as_text=True)
        assert (deal.number in html, "card-move" in html) == (sees, moves), person.name
        rows = client_as(person).get("/deals").get_data(as_text=True)
        assert (deal.number in rows) == sees, person.name
        assert ("/deals/new" in html) == (person.role is not Role.COLLABORATOR)


def test_an_empty_board_has_two_doors(app: Flask, people: People, client_as: ClientAs) -> None:
    html = client_as(people.owner).get("/").get_data(as_text=True)
    assert "No deals yet" in html
    assert 'href="/deals/new"' in html
    assert 'href="/import"' in html
    assert "No deals yet" not in client_as(people.owner).get("/?level=key").get_data(as_text=True)
    assert 'href="/deals/new"' not in client_as(people.collaborator).get("/").get_data(as_text=True)


@pytest.mark.parametrize("who", ["owner", "supervisor", "admin"])
def test_a_board_costs_the_same_however_many_deals(
    app: Flask, people: People, client_as: ClientAs, who: str
) -> None:
    browser = client_as(getattr(people, who))
    counts = []
    for a_column in (2, 40):
        gather_full_columns(people.owner, a_column)
        with counted_selects() as selects:
            html = browser.get("/").get_data(as_text=True)
        counts.append(len(selects))
        assert len(cards(html)) == len(STAGES) * min(a_column, CARDS_A_PAGE)
        with acting_as_system("a test clears up"), writing():
            db.session.execute(db.delete(Deal))
            db.session.execute(db.text("DELETE FROM customers"))
    assert counts[0] == counts[1] <= MOST_SELECTS


def test_a_full_board_is_small(app: Flask, people: People, client_as: ClientAs, freeze: Freeze) -> None:
    freeze(datetime(2026, 11, 27, 4, tzinfo=UTC))  # the cards' words are longer on some days than on others
    gather_full_columns(people.owner, 25)
    answer = client_as(people.admin).get("/")
    assert len(cards(answer.get_data(as_text=True))) == 120
    assert len(answer.data) < MOST_BYTES


def test_more_cards_come_as_a_part_and_as_a_page(app: Flask, people: People, client_as: ClientAs) -> None:
    gather_full_columns(people.owner, 45)
    browser = client_as(people.owner)
    html = browser.get("/").get_data(as_text=True)
    column = html[html.index('id="cards-lead"') : html.index('id="stage-intent"')]
    seen = cards(column)
    for expected in (20, 5):
        address = re.search(r'class="more-cards" href="([^"]+)"', column)
        assert address is not None
        url = address[1].replace("&amp;", "&")
        column = browser.get(url, fragment=True).get_data(as_text=True)
        assert "<html" not in column
        assert len(cards(column)) == expected
        whole = browser.get(url).get_data(as_text=True)
        assert cards(whole) == cards(column)
        seen += cards(column)
    assert "more-cards" not in column
    assert len(set(seen)) == 45


@pytest.mark.parametrize(
    "path",
    [
        "/board/lead/cards",
        "/board/lead/cards?after=",
        "/board/lead/cards?after=17~tomorrow",
        "/board/lead/cards?sort=amount&after=17~NaN",
        "/board/lost/cards?after=17~2026-01-05",
        "/deals?after=x",
        "/deals?sort=-amount&after=1~1e99",
        "/deals/O20990101001/last-note",
    ],
)
def test_a_place_that_never_was_is_not_found(
    app: Flask, people: People, client_as: ClientAs, path: str
) -> None:
    client_as(people.owner).get(path, 404)


@pytest.mark.parametrize(
    "query",
    [
        "owner=x&owner=999999999999&team=-1&level=gold&age=old&next=never&sort=up&stage=lost&outcome=maybe",
        "q=%09&q=%25_%2F&mine=2",
        "q=" + "x" * 3000,
        "owner=2147483647&team=2147483647",
        "%ff%fe=%ff",
        "after=17~2026-01-05",
        "sort=-nothing",
    ],
)
def test_senseless_filters_do_no_harm(app: Flask, people: People, client_as: ClientAs, query: str) -> None:
    make_deal(people.owner)
    for person in (people.owner, people.admin):
        client_as(person).get(f"/?{query}")
        client_as(person).get(f"/deals?{query.replace('after=17~2026-01-05', '')}")


def test_filters_combine_and_heads_follow(app: Flask, people: People, client_as: ClientAs) -> None:
    key = make_customer(people.owner, name="纸鹤包装", level="key")
    plain = make_customer(people.owner, name="月台冷链")
    late = installation().today - timedelta(days=2)
    wanted = make_deal(people.owner, customer=key, next_step="Call", next_due=late, next_method=Method.PHONE)
    make_deal(people.owner, customer=key, name="Two")
    make_deal(people.owner, customer=plain, next_step="Call", next_due=late, next_method=Method.PHONE)
    html = client_as(people.owner).get("/?level=key&next=late&q=zhbz").get_data(as_text=True)
    assert cards(html) == [wanted.number]
    assert head(html, "lead").startswith("Lead 1")
    assert "2 days late" in html
    texts = Page(html).texts("a")
    for chip in ("Level Key", "Next step Late", "Text zhbz"):
        assert any(text.startswith(chip) for text in texts), (chip, texts)
    assert 'href="/?next=late&amp;q=zhbz"' in html  # takes the level out again


def test_leaders_filter_by_person_and_team(app: Flask, people: People, client_as: ClientAs) -> None:
    mine, theirs = make_deal(people.owner), make_deal(people.teammate, name="Two")
    supervisor = client_as(people.supervisor)
    html = supervisor.get(f"/?owner={people.teammate.id}").get_data(as_text=True)
    assert cards(html) == [theirs.number]
    assert "Owner <b>Tom Teammate</b>" in html
    html = supervisor.get(f"/?owner={people.teammate.id}&owner={people.owner.id}").get_data(as_text=True)
    assert set(cards(html)) == {mine.number, theirs.number}
    assert cards(supervisor.get("/?mine=1").get_data(as_text=True)) == []
    html = client_as(people.owner).get(f"/?owner={people.teammate.id}").get_data(as_text=True)
    assert cards(html) == []
    assert "somebody else" in html
    assert "Tom Teammate" not in html


def test_an_order_is_kept_by_filters_search_and_pages(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    gather_full_columns(people.owner, 21)
    html = client_as(people.owner).get("/?sort=amount&mine=1").get_data(as_text=True)
    assert re.search(r'/board/lead/cards\?after=[^"]*&amp;mine=1&amp;sort=amount"', html)
    search = html[html.index('role="search"') : html.index("</form>", html.index('role="search"'))]
    assert 'name="sort" value="amount"' in search
    assert 'name="mine" value="1"' in search
    worths = [float(worth) for worth in re.findall(r'<data value="([\d.]+)">', column_of(html, "lead"))]
    assert worths == sorted(worths, reverse=True)


def column_of(html: str, stage: str) -> str:
    return html[html.index(f'id="cards-{stage}"') :].split("</section>")[0]


def test_a_folded_column_is_remembered(app: Flask, people: People, client_as: ClientAs) -> None:
    make_deal(people.owner)
    browser = client_as(people.owner)
    browser.post("/board/columns", {"fold": "won", "next": "/?sort=age"})
    browser.post("/board/columns", {"fold": ["service", "nonsense"]}, 204, fragment=True)
    html = browser.get("/").get_data(as_text=True)
    assert re.findall(r'column column-folded" id="stage-(\w+)"', html) == ["won", "service"]
    assert 'name="unfold" value="won" aria-expanded="false"' in html
    browser.post("/board/columns", {"unfold": "won"})
    assert "column-folded" not in client_as(people.teammate).get("/").get_data(as_text=True)
    with acting_as_system("a test looks"):
        owner = db.session.get_one(User, people.owner.id, populate_existing=True)
        assert owner.preferences["folded_columns"] == ["service"]


def test_folding_leads_nowhere_else(app: Flask, people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    answer = browser.post("/board/columns", {"fold": "won", "next": "//elsewhere.example/"})
    assert answer.headers["Location"] == "/"


def test_the_last_note_is_read_on_demand(app: Flask, people: People, client_as: ClientAs) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    browser = client_as(people.owner)
    part = browser.get(f"/deals/{deal.number}/last-note", fragment=True).get_data(as_text=True)
    assert "<html" not in part
    assert "Came to intent" in part
    assert "Phone" in part
    page = browser.get(f"/deals/{deal.number}/last-note").get_data(as_text=True)
    assert f'href="/deals/{deal.number}"' in page


def test_the_list_has_the_same_deals_and_the_lost_ones(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    open_one = make_deal(people.owner, Stage.PROPOSAL)
    lost = make_deal(people.owner, Stage.INTENT, name="Gone", lost=True)
    browser = client_as(people.owner)
    html = browser.get("/deals").get_data(as_text=True)
    assert open_one.number in html
    assert lost.number not in html
    assert "1 deal in all" in html
    html = browser.get("/deals?outcome=lost").get_data(as_text=True)
    assert lost.number in html
    assert open_one.number not in html
    assert "Price" in html
    assert 'href="/deals?outcome=lost"' in browser.get("/").get_data(as_text=True)
    assert "No deal fits these filters." in browser.get("/deals?q=nobody").get_data(as_text=True)


def test_the_list_is_sorted_by_any_column_and_read_on(
    app: Flask, people: People, client_as: ClientAs
) -> None:
    gather([people.owner], 130, outcome="open", lost_reason=None, closed_on=None)
    browser = client_as(people.owner)
    with counted_selects() as selects:
        html = browser.get("/deals?sort=amount").get_data(as_text=True)
    assert len(selects) <= MOST_SELECTS
    assert 'aria-sort="ascending"' in html
    seen = set(re.findall(r'<th scope="row"><a href="/deals/(\w+)"', html))
    assert len(seen) == 50
    for expected in (50, 30):
        address = re.search(r'<a href="([^"]+)" hx-get', html)
        assert address is not None
        html = browser.get(address[1].replace("&amp;", "&"), fragment=True).get_data(as_text=True)
        rows = re.findall(r'<th scope="row"><a href="/deals/(\w+)"', html)
        assert len(rows) == expected
        seen |= set(rows)
    assert len(seen) == 130
    assert "hx-get" not in html


def test_names_that_would_be_squeezed_beside_the_amount_have_whole_lines(
    client_as: ClientAs, people: People
) -> None:
    short = make_deal(people.owner)
    long = make_deal(
        people.owner, customer=make_customer(people.owner, "华东区域营销服务分公司第二营业部合肥办事处")
    )
    html = client_as(people.owner).get("/").get_data(as_text=True)
    assert f'<article class="card card-long" id="deal-{long.number}"' in html
    assert f'<article class="card" id="deal-{short.number}"' in html
