"""Reading the board: it loads as one scrolls, goes by keyboard, folds, and works on a phone and without script."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.deals.rules import Stage
from tests.crowd import gather
from tests.standing import People, make_customer, make_deal

PageAs = Callable[..., Page]
ContextAs = Callable[..., BrowserContext]
LONG = (
    "长江三角洲智能制造与绿色低碳供应链协同创新发展示范区联合实验室有限责任公司（集团总部）华东第二事业部西区"
)
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def fill_leads(owner: User, count: int) -> None:
    gather(
        [owner],
        count,
        stage=Stage.LEAD,
        outcome="open",
        lost_reason=None,
        closed_on=None,
        contract_amount=None,
        signed_on=None,
    )


def focused_deal(page: Page) -> str:
    return page.locator("*:focus").get_attribute("href") or ""


def test_a_column_loads_as_it_is_scrolled(page_as: PageAs, people: People) -> None:
    fill_leads(people.owner, 65)
    page = page_as(people.owner)
    cards = page.locator("#cards-lead .card")
    expect(page.locator("#head-lead .count")).to_have_text("65")
    expect(cards).to_have_count(20)
    for expected in (40, 60, 65):
        cards.last.scroll_into_view_if_needed()
        expect(cards).to_have_count(expected)
    expect(page.locator(".more-cards")).to_have_count(0)
    numbers = cards.evaluate_all("cards => cards.map(card => card.id)")
    assert len(set(numbers)) == 65


def test_the_page_itself_loads_on_a_phone(page_as: PageAs, people: People) -> None:
    fill_leads(people.owner, 45)
    page = page_as(people.owner, **PHONE)
    cards = page.locator("#cards-lead .card")
    expect(cards).to_have_count(20)
    cards.last.scroll_into_view_if_needed()
    expect(cards).to_have_count(40)


def test_without_script_the_next_cards_are_a_page(page_as: PageAs, people: People) -> None:
    fill_leads(people.owner, 25)
    page = page_as(people.owner, java_script_enabled=False)
    page.get_by_role("link", name="More cards").click()
    expect(page.locator("article.card")).to_have_count(5)
    page.get_by_role("link", name="Back to the board").click()
    expect(page.locator("#cards-lead .card")).to_have_count(20)


def test_arrows_go_from_card_to_card(page_as: PageAs, people: People) -> None:
    customers = {name: make_customer(people.owner, name=name) for name in ("One", "Two", "Three")}
    first = make_deal(people.owner, customer=customers["One"], position=3.0)
    second = make_deal(people.owner, customer=customers["Two"], position=2.0)
    across = make_deal(people.owner, Stage.WON, customer=customers["Three"])
    page = page_as(people.owner, "/?sort=hand")
    for key, deal in (
        ("ArrowDown", first),
        ("ArrowDown", second),
        ("ArrowDown", second),
        ("ArrowUp", first),
        ("ArrowRight", across),
        ("ArrowLeft", first),
    ):
        page.keyboard.press(key)
        assert focused_deal(page) == f"/deals/{deal.number}", key
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_contain_text("One")
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("n")
    expect(page.locator("#note textarea").first).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.locator(f"#deal-{first.number} h3 a").press("Enter")
    expect(page).to_have_url(re.compile(f"/deals/{first.number}$"))


def test_keys_are_letters_while_one_types_or_composes(page_as: PageAs, people: People) -> None:
    deal = make_deal(people.owner)
    page = page_as(people.owner)
    page.keyboard.press("/")
    page.keyboard.type("mn")
    expect(page.get_by_role("searchbox")).to_have_value("mn")
    expect(page.get_by_role("dialog")).to_have_count(0)
    link = page.locator(f"#deal-{deal.number} h3 a")
    link.focus()
    link.dispatch_event("keydown", {"key": "m", "isComposing": True, "bubbles": True})
    expect(page.get_by_role("dialog")).to_have_count(0)
    link.dispatch_event("keydown", {"key": "m", "bubbles": True})
    expect(page.get_by_role("dialog")).to_be_visible()


def test_the_search_stays_on_the_board(page_as: PageAs, people: People) -> None:
    wanted = make_deal(people.owner, customer=make_customer(people.owner, name="纸鹤包装"))
    make_deal(people.owner, customer=make_customer(people.owner, name="月台冷链"))
    page = page_as(people.owner, "/?sort=amount")
    page.keyboard.press("/")
    page.keyboard.type("zhbz")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(r"/\?sort=amount&q=zhbz$"))
    expect(page.locator(".board .card")).to_have_count(1)
    expect(page.locator(f"#deal-{wanted.number}")).to_be_visible()
    page.get_by_role("link", name=re.compile("^Text zhbz")).click()
    expect(page.locator(".board .card")).to_have_count(2)


@pytest.mark.parametrize("script", [True, False])
def test_a_folded_column_stays_folded(page_as: PageAs, people: People, script: bool) -> None:
    make_deal(people.owner)
    page = page_as(people.owner, java_script_enabled=script)
    column = page.locator("#stage-lead")
    with page.expect_response("**/board/columns"):
        column.locator(".fold-btn").click()
    expect(column).to_have_class(re.compile("column-folded"))
    expect(column.locator(".card")).to_be_hidden()
    page.reload()
    expect(column).to_have_class(re.compile("column-folded"))
    with page.expect_response("**/board/columns"):
        column.locator(".fold-btn").click()
    expect(column.locator(".card")).to_be_visible()
    page.reload()
    expect(column).not_to_have_class(re.compile("column-folded"))


def test_owners_are_chosen_by_ticking(page_as: PageAs, people: People) -> None:
    make_deal(people.owner, name="One")
    make_deal(people.teammate, name="Two")
    page = page_as(people.supervisor)
    page.get_by_role("button", name="Owner").click()
    page.get_by_label("Tom Teammate").check()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".board .card")).to_have_count(1)
    expect(page.locator(".board .card")).to_contain_text("Two")


def test_the_last_note_is_shown_and_hidden(page_as: PageAs, people: People) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    page = page_as(people.owner)
    card = page.locator(f"#deal-{deal.number}")
    card.hover()
    card.get_by_role("link", name="Last note").click()
    expect(card.locator(".card-last")).to_contain_text("Came to intent")
    card.get_by_role("link", name="Last note").click()
    expect(card.locator(".card-last")).to_have_count(0)


def test_a_phone_shows_one_stage_at_a_time(page_as: PageAs, people: People) -> None:
    make_deal(people.owner, name="One")
    make_deal(people.owner, Stage.PROPOSAL, name="Two")
    page = page_as(people.owner, java_script_enabled=False, **PHONE)
    expect(page.locator("#stage-lead .card")).to_be_visible()
    expect(page.locator("#stage-proposal .card")).to_be_hidden()
    page.get_by_role("navigation", name="Stages").get_by_role("link", name=re.compile("Proposal")).click()
    expect(page.locator("#stage-proposal .card")).to_be_visible()
    expect(page.locator("#stage-lead .card")).to_be_hidden()
    expect(page.locator("#stage-proposal").get_by_role("link", name="Move to…")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_new_lead_is_written_in_place(page_as: PageAs, people: People) -> None:
    make_deal(people.owner)
    page = page_as(people.owner)
    page.get_by_role("link", name="New lead").click()
    form = page.get_by_role("dialog")
    form.get_by_label(re.compile("^Customer")).fill("纸鹤包装")
    form.get_by_label(re.compile("^What they may buy")).fill("能耗监测")
    form.get_by_role("button", name=re.compile("^Save")).click()
    expect(form.locator(".error")).to_have_count(1)
    form.get_by_label(re.compile("^Where it came from")).fill("Met at the fair")
    form.get_by_role("button", name=re.compile("^Save")).click()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#cards-lead .card").first).to_contain_text("纸鹤包装")
    expect(page.locator("#head-lead .count")).to_have_text("2")


def test_the_list_loads_on_and_sorts(page_as: PageAs, people: People) -> None:
    fill_leads(people.owner, 120)
    page = page_as(people.owner, "/deals")
    rows = page.locator(".list tbody tr:not(.more-rows)")
    expect(rows).to_have_count(50)
    rows.last.scroll_into_view_if_needed()
    expect(rows).to_have_count(100)
    page.get_by_role("link", name="Amount").click()
    expect(page.locator("th[aria-sort=descending]")).to_contain_text("Amount")


def test_nothing_is_wider_than_the_page(page_as: PageAs, people: People) -> None:
    make_deal(people.owner, customer=make_customer(people.owner, name=LONG), name=LONG)
    make_deal(people.owner, customer=make_customer(people.owner, name="W" * 60), name="x" * 60)
    for width in (1440, 1024, 390):
        for path in ("/", "/deals"):
            page = page_as(people.owner, path, viewport={"width": width, "height": 844})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, (path, width)
            expect(page.get_by_text(LONG).first).to_be_visible()


@pytest.mark.parametrize(
    "options",
    [
        {"locale": "zh-CN", "color_scheme": "light"},
        {"locale": "en-GB", "color_scheme": "dark"},
        {"locale": "zh-CN", "color_scheme": "dark", **PHONE},
    ],
    ids=["zh-light", "en-dark", "zh-dark-phone"],
)
def test_axe_finds_nothing(context_as: ContextAs, people: People, options: dict[str, Any]) -> None:
    with writing():
        db.session.get_one(User, people.supervisor.id).locale = None
    gather([people.owner, people.teammate], 90)
    page = context_as(people.supervisor, **options).new_page()
    for path in (
        "/",
        "/?level=key&age=warned&next=late&q=%E7%BA%B8%E9%B9%A4",
        "/deals",
        "/deals?outcome=lost&sort=amount",
        "/deals/new",
    ):
        page.goto(path)
        found = Axe().run(page)
        assert found.violations_count == 0, f"{path}\n{found.generate_report()}"
