"""A card is moved with its note: by mouse, touch, keyboard and without script; whatever goes wrong, no word is lost."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from sqlalchemy import func, select, update

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import SignIn
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.placements import Placement
from salesboard.deals.rules import Stage
from salesboard.followups.models import FollowUp
from tests.browser.conftest import Site, sign_in
from tests.standing import People, make_deal

PageAs = Callable[..., Page]
ContextAs = Callable[..., BrowserContext]
WORDS = "They want line two first, within a month."


@pytest.fixture
def deal(app: Flask, people: People) -> Deal:
    return make_deal(people.owner, Stage.INTENT, name="Line one")


def stage_of(deal: Deal) -> Stage:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return (
            db.session.scalars(
                select(Deal).where(Deal.id == deal.id).execution_options(populate_existing=True)
            )
            .one()
            .stage
        )


def moves_of(deal: Deal) -> int:
    with acting_as_system("a test looks"):
        db.session.rollback()
        return (
            db.session.scalar(
                select(func.count(Placement.id)).where(
                    Placement.deal_id == deal.id, Placement.undone_at.is_(None)
                )
            )
            or 0
        )


def card(page: Page, deal: Deal) -> Locator:
    return page.locator(f"#deal-{deal.number}")


def drag(page: Page, deal: Deal, to: str) -> None:
    """By mouse, in steps, as a hand does."""
    start, end = card(page, deal).bounding_box(), page.locator(to).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + start["width"] / 2, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + start["width"] / 2 + 6, start["y"] + 18)
    page.mouse.move(start["x"] + start["width"] / 2 + 30, start["y"] + 30, steps=4)
    page.mouse.move(end["x"] + end["width"] / 2, end["y"] + 60, steps=12)
    page.mouse.move(end["x"] + end["width"] / 2 + 2, end["y"] + 66, steps=3)
    page.mouse.up()


def write_note(page: Page, words: str = WORDS, next_step: str = "Send the offer") -> None:
    note = page.locator("#note")
    choose(note, "Visit")
    note.get_by_label(re.compile("^What you talked")).fill(words)
    note.get_by_label(re.compile("^What comes next")).fill(next_step)
    note.locator("[name=next_due]").fill(clock.today("Asia/Shanghai").isoformat())


def choose(form: Locator, answer: str) -> None:
    form.locator("label.choice", has_text=answer).click()


def save(page: Page) -> None:
    page.locator("button[form=note]").click()


def open_note(page: Page, deal: Deal, target: str = "Proposal") -> None:
    card(page, deal).locator("h3 a").focus()
    page.keyboard.press("m")
    page.locator("dialog").get_by_role("link", name=target).click()
    expect(page.locator("#note")).to_be_visible()


def test_a_drop_asks_for_the_note_and_only_the_note_moves_the_card(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    drag(page, deal, "#stage-proposal")
    expect(page.locator("dialog.dialog-rising")).to_contain_text("Proposal")
    expect(page.locator("#cards-intent .card")).to_have_count(1)
    save(page)
    expect(page.locator("#note .error").first).to_be_visible()
    expect(page.locator("dialog.dialog-rising")).to_have_count(0)
    assert stage_of(deal) is Stage.INTENT
    write_note(page)
    save(page)
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    expect(page.locator("#cards-intent .card")).to_have_count(0)
    expect(page.locator("#head-intent .count")).to_have_text("0")
    expect(page.locator("#head-proposal .count")).to_have_text("1")
    assert stage_of(deal) is Stage.PROPOSAL
    card(page, deal).locator("h3 a").press("Enter")
    expect(page.locator(".timeline > li").first).to_contain_text(WORDS)


def test_escape_puts_the_card_back(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner)
    drag(page, deal, "#stage-negotiation")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(card(page, deal)).to_have_class(re.compile("card-ghost"))
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page.locator("#cards-intent .card:not(.card-ghost)")).to_have_count(1)
    expect(page.locator(".drop-slot, .column-target")).to_have_count(0)
    assert moves_of(deal) == 2


def test_a_drop_on_the_lost_rail_asks_why(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner)
    drag(page, deal, "#stage-lost")
    dialog = page.get_by_role("dialog")
    choose(dialog, "Competitor")
    choose(dialog, "Phone")
    dialog.get_by_label(re.compile("^What you talked")).fill("They signed with somebody else.")
    save(page)
    expect(page.locator("#head-lost .count")).to_have_text("1")
    expect(card(page, deal)).to_have_count(0)


def test_the_keyboard_alone_moves_a_card(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner)
    card(page, deal).locator("h3 a").focus()
    page.keyboard.press("m")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("link", name="Proposal")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#note [name=method]").first).to_be_focused()
    page.keyboard.press("Space")
    page.locator("#content").focus()
    page.keyboard.type(WORDS)
    page.locator("#next_step").focus()
    page.keyboard.type("Send the offer")
    page.get_by_role("button", name="Tomorrow").press("Enter")
    page.keyboard.press("Control+Enter")
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    expect(card(page, deal).locator("h3 a")).to_be_focused()
    assert stage_of(deal) is Stage.PROPOSAL


@pytest.mark.parametrize(
    ("width", "goal"),
    [(1180, "#cards-proposal"), (390, ".stage-switch a[href='#stage-proposal']")],
    ids=["onto a column", "onto the bar of stages"],
)
def test_a_finger_that_rests_on_a_card_drags_it(
    page_as: PageAs, people: People, deal: Deal, width: int, goal: str
) -> None:
    page = page_as(people.owner, "/#stage-intent", has_touch=True, viewport={"width": width, "height": 820})
    start, end = card(page, deal).bounding_box(), page.locator(goal).bounding_box()
    assert start
    assert end
    x, y = start["x"] + 40, start["y"] + 30
    to_x, to_y = end["x"] + min(end["width"] / 2, 80), end["y"] + min(end["height"] / 2, 90)
    fingers = page.context.new_cdp_session(page)

    def touch(kind: str, *points: tuple[float, float]) -> None:
        touched = [{"x": left, "y": top} for left, top in points]
        fingers.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touched})

    touch("touchStart", (x, y))
    expect(card(page, deal)).to_have_class(re.compile("sortable-chosen"))
    for step in range(1, 13):
        touch("touchMove", (x + (to_x - x) * step / 12, y + (to_y - y) * step / 12))
    touch("touchEnd")
    expect(page.get_by_role("dialog")).to_contain_text("Proposal")
    write_note(page)
    save(page)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert stage_of(deal) is Stage.PROPOSAL


def test_without_script_the_same_form_is_a_page(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner, f"/deals/{deal.number}/placement", java_script_enabled=False)
    page.get_by_role("link", name="Proposal").click()
    save(page)
    expect(page.locator("#note .error").first).to_be_visible()
    write_note(page)
    save(page)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    expect(page.locator("#notices")).to_contain_text("Moved to Proposal")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cards-intent .card")).to_have_count(1)
    assert stage_of(deal) is Stage.INTENT


def test_undo_brings_the_card_back_and_keeps_the_note_on_record(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    save(page)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("#cards-intent .card")).to_have_count(1)
    expect(page.get_by_role("button", name="Undo")).to_have_count(0)
    assert stage_of(deal) is Stage.INTENT
    page.goto(f"/deals/{deal.number}")
    expect(page.locator(".timeline-undone")).to_contain_text(WORDS)


def test_a_double_click_moves_once(page_as: PageAs, people: People, deal: Deal) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    page.locator("button[form=note]").dblclick()
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_who_comes_second_is_told_and_keeps_the_note(page_as: PageAs, people: People, deal: Deal) -> None:
    first, second = page_as(people.owner), page_as(people.supervisor)
    open_note(first, deal, "Proposal")
    open_note(second, deal, "Negotiation")
    write_note(second, "They skipped the proposal.")
    save(second)
    expect(second.get_by_role("dialog")).to_have_count(0)
    write_note(first)
    save(first)
    dialog = first.get_by_role("dialog")
    expect(dialog).to_contain_text("Sue Supervisor moved it to Negotiation")
    expect(dialog).to_contain_text("They skipped the proposal.")
    expect(dialog.get_by_label("What you talked about")).to_have_value(WORDS)
    dialog.get_by_text("Move it to Proposal all the same").click()
    save(first)
    expect(first.get_by_role("dialog")).to_have_count(0)
    assert stage_of(deal) is Stage.PROPOSAL
    assert moves_of(deal) == 4


def test_a_draft_survives_the_closed_tab_and_goes_with_the_sign_out(
    context_as: ContextAs, people: People, deal: Deal
) -> None:
    context = context_as(people.owner)
    page = context.new_page()
    page.goto("/")
    open_note(page, deal)
    page.locator("#content").fill(WORDS)
    expect(page.locator("[data-draft-status]")).to_contain_text("Draft saved")
    page.close()
    page = context.new_page()
    page.goto("/")
    open_note(page, deal)
    expect(page.locator("#content")).to_have_value(WORDS)
    expect(page.locator("[data-draft-notice]")).to_contain_text("is back")
    page.get_by_role("button", name="Discard it").click()
    expect(page.locator("#content")).to_have_value("")
    page.locator("#content").fill(WORDS)
    page.keyboard.press("Escape")
    page.locator(".user-btn").click()
    page.get_by_role("button", name="Sign out").click()
    page.wait_for_url("**/sign-in")
    assert page.evaluate("Object.keys(localStorage).filter((name) => name.startsWith('draft:'))") == []


def test_a_draft_of_the_forms_own_page_goes_once_it_is_saved(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner, f"/deals/{deal.number}/placement?to=proposal")
    write_note(page)
    drafts = "Object.keys(localStorage).filter((name) => name.startsWith('draft:'))"
    assert page.evaluate(drafts) == [f"draft:{people.owner.id}:{deal.number}:proposal"]
    save(page)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    expect(page.locator("[data-saved]")).to_be_visible()
    assert page.evaluate(drafts) == []


def test_a_lost_connection_keeps_the_words_and_sends_them_when_it_is_back(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    page.context.set_offline(True)
    save(page)
    expect(page.locator("[data-unsent=offline]")).to_be_visible()
    expect(page.locator("#content")).to_have_value(WORDS)
    assert stage_of(deal) is Stage.INTENT
    page.context.set_offline(False)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_an_expired_sign_in_keeps_the_words_until_one_is_back(
    site: Site, page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    with writing():
        db.session.execute(update(SignIn).values(ended_at=clock.now()))
    save(page)
    expect(page.locator("[data-unsent=signed-out]")).to_be_visible()
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("[data-unsent=signed-out]")).to_be_visible()
    sign_in(page.context, site, people.owner)
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_a_server_that_cannot_write_keeps_the_words_and_gets_them_again(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    away = (
        "<!doctype html><main><h1>Away</h1><div class='notice'><p><b>The disk is full.</b></p></div></main>"
    )
    page.route("**/placement", lambda route: route.fulfill(status=507, body=away, content_type="text/html"))
    save(page)
    expect(page.locator("[data-unsent=failed]")).to_contain_text("The disk is full.")
    expect(page.locator("#content")).to_have_value(WORDS)
    page.unroute("**/placement")
    page.get_by_role("button", name="Try now").click()
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_a_sign_in_made_anew_elsewhere_is_taken_over_without_a_word(
    site: Site, page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    page.context.clear_cookies()
    sign_in(page.context, site, people.owner)
    save(page)
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_words_are_not_sent_in_somebody_elses_name(
    site: Site, page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    open_note(page, deal)
    write_note(page)
    page.context.clear_cookies()
    sign_in(page.context, site, people.supervisor)
    save(page)
    expect(page.locator("[data-unsent=somebody-else]")).to_be_visible()
    expect(page.locator("#content")).to_have_value(WORDS)
    assert moves_of(deal) == 2


def test_an_expired_sign_in_without_script_hands_the_words_back_after_it(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner, f"/deals/{deal.number}/placement?to=proposal", java_script_enabled=False)
    write_note(page)
    with writing():
        db.session.execute(update(SignIn).values(ended_at=clock.now()))
    save(page)
    page.get_by_label("E-mail").fill("olive@example.com")
    page.get_by_label("Password").fill("correct horse battery")
    page.locator("main").get_by_role("button", name="Sign in").click()
    expect(page.locator("main")).to_contain_text(WORDS)
    page.get_by_role("button", name="Send again").click()
    expect(page.locator("#cards-proposal .card")).to_have_count(1)
    assert moves_of(deal) == 3


def test_a_hand_sorted_column_keeps_the_order_one_gives_it(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    other = make_deal(people.owner, Stage.INTENT, name="Line two", customer=None)
    page = page_as(people.owner, "/?sort=hand")
    order = page.locator("#cards-intent .card:not(.card-origin)")
    expect(order.first).to_have_id(f"deal-{other.number}")
    start, end = card(page, other).bounding_box(), card(page, deal).bounding_box()
    assert start
    assert end
    page.mouse.move(start["x"] + 60, start["y"] + 14)
    page.mouse.down()
    page.mouse.move(start["x"] + 60, start["y"] + 40, steps=4)
    page.mouse.move(end["x"] + 60, end["y"] + end["height"] - 6, steps=12)
    with page.expect_response("**/position"):
        page.mouse.up()
    expect(order.first).to_have_id(f"deal-{deal.number}")
    page.reload()
    expect(order.first).to_have_id(f"deal-{deal.number}")
    assert moves_of(other) == 2


def test_a_refused_load_of_the_form_leaves_the_card_where_it_was(
    page_as: PageAs, people: People, deal: Deal
) -> None:
    page = page_as(people.owner)
    with acting_as_system("a test hands the deal over"), writing():
        held = Deal.locked(deal.number)
        assert held is not None
        held.hand_over(people.outsider, by=people.admin, now=clock.now())
    drag(page, deal, "#stage-proposal")
    expect(page.locator("#notices .notice-late")).to_be_visible()
    expect(page.locator("#cards-intent .card:not(.card-ghost)")).to_have_count(1)
    with acting_as_system("a test looks"):
        assert db.session.scalar(select(func.count(FollowUp.id))) == 2
