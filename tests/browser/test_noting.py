"""A talk is noted by keyboard in one go, on a card and on a customer's page; a note is corrected, its words kept."""

from __future__ import annotations

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import Page, expect

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from tests.browser.conftest import Site
from tests.browser.test_moving import card
from tests.standing import People, make_customer, make_deal
from tests.web.test_moving import fresh, last_note

PageAs = Callable[..., Page]


def test_a_call_is_noted_by_keyboard_in_one_go(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    """With a next step planned already, the words and Ctrl+Enter are all."""
    due = clock.today("Asia/Shanghai").replace(year=2099)
    deal = make_deal(people.owner, Stage.INTENT, next_step="Send the offer", next_due=due)
    page = page_as(people.owner)
    page.goto(site.url)
    card(page, deal).locator("h3 a").focus()
    page.keyboard.press("n")
    expect(page.locator("#content")).to_be_focused()
    page.keyboard.type("Called; they want two lines")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    expect(card(page, deal).locator("h3 a")).to_be_focused()
    db.session.rollback()
    note = last_note(deal)
    assert (note.content, note.method, note.is_on_time) == ("Called; they want two lines", Method.PHONE, True)
    assert (fresh(deal).next_step, fresh(deal).stage) == ("Send the offer", Stage.INTENT)


def test_a_call_is_noted_and_corrected_on_the_customers_page(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    customer = make_customer(people.owner)
    make_deal(people.owner, Stage.INTENT, customer=customer)
    page = page_as(people.owner)
    page.goto(f"{site.url}/customers/{customer.number}")
    page.get_by_role("link", name="Write a note").first.click()
    page.get_by_label("About", exact=True).select_option("the customer, no deal")
    page.locator("#content").fill("They want to talk in May")
    page.keyboard.press("Control+Enter")
    noted = page.locator(".timeline li").filter(has_text="They want to talk in May")
    expect(noted).to_be_visible()
    noted.get_by_role("link", name="Correct", exact=True).click()
    expect(page.get_by_label("Why it is corrected")).to_be_focused()
    page.keyboard.type("Heard wrong")
    page.locator("#content").fill("They want to talk in June")
    page.keyboard.press("Control+Enter")
    corrected = page.locator(".timeline li").filter(has_text="They want to talk in June")
    expect(corrected).to_be_visible()
    corrected.get_by_text("Corrected once").click()
    expect(corrected.get_by_text("They want to talk in May")).to_be_visible()
    expect(corrected.get_by_text("Heard wrong")).to_be_visible()


def test_who_took_part_what_they_promised_and_who_goes_on_is_chosen_by_keyboard_and_kept_as_a_draft(
    app: Flask, site: Site, people: People, page_as: PageAs
) -> None:
    deal = make_deal(people.owner, Stage.INTENT)
    with acting_as_system("a test prepares"), writing():
        held = db.session.get_one(Deal, deal.id)
        held.share_with(people.teammate, by=people.owner, now=clock.now())
    page = page_as(people.owner, f"/deals/{deal.number}")
    mate = people.teammate.name

    def open_form() -> None:
        page.get_by_role("link", name="Write a note", exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.locator("#content")).to_be_focused()

    open_form()
    page.keyboard.type("They saw the line")
    page.locator(".people > summary").focus()
    page.keyboard.press("Enter")
    page.get_by_label(mate, exact=True).focus()
    page.keyboard.press("Space")
    expect(page.locator("[data-names-of]")).to_have_text(f"{people.owner.name}; {mate}")
    page.locator(".adder > summary", has_text="Promised").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Promise 1", exact=True).focus()
    page.keyboard.type("Their figures")
    expect(page.get_by_label("Promise 2", exact=True)).to_be_visible()
    expect(page.get_by_label("Promise 3", exact=True)).to_be_hidden()
    page.get_by_label("Promise 1: until when").fill("2099-01-05")
    page.keyboard.press("Escape")
    expect(page.locator("dialog[open]")).to_have_count(0)
    open_form()
    expect(page.get_by_text("Your draft of")).to_be_visible()
    expect(page.locator("[data-names-of]")).to_have_text(f"{people.owner.name}; {mate}")
    expect(page.get_by_label("Promise 1", exact=True)).to_have_value("Their figures")
    page.locator("#next_step").fill("Show them ours")
    page.locator("#next_due").fill("2099-01-06")
    page.locator("#next_hour").fill("14:30")
    page.get_by_label("By whom").select_option(mate)
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    line = page.locator(".timeline li").filter(has_text="They saw the line")
    for words in (f"{people.owner.name}; {mate}", "Their figures, by", f"({mate})"):
        expect(line).to_contain_text(words)
    line.get_by_role("link", name="How it stands: Their figures").focus()
    page.keyboard.press("Enter")
    page.locator("label.choice", has_text="Not kept").click()
    page.keyboard.press("Control+Enter")
    expect(line).to_contain_text(": not kept")
