"""Pages that no other browser test looks at, on a phone in the dark: axe finds nothing, size of targets included."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import BrowserContext, Page, expect

from salesboard.deals.rules import Stage
from tests.furnishing import furnish
from tests.standing import People, make_customer, make_deal

PHONE = {"width": 390, "height": 844}
TELL = {"resultTypes": ["violations"], "rules": {"target-size": {"enabled": True}}}
PAGES = (
    "/settings/calendar",
    "/today",
    "/today/week",
    "/team",
    "/customers?col=level&col=owner&col=needs",
    "/customers/columns",
    "/customers/duplicates",
    "/customers/{customer_number}/merge/{other}",
    "/customers/{survivor_number}/merges/{merge_id}",
    "/customers/checks",
    "/customers/{customer_number}/facts/needs",
    "/customers/{customer_number}/rhythm",
    "/documents/{document_id}",
    "/followups/{followup_number}/correction",
    "/deals/{number}/nodes",
    "/tasks/{task_id}",
    "/tasks/{task_id}/day",
    "/views/new/customers?level=key",
    "/exports",
    "/admin/audit",
    "/admin/access",
    "/admin/cadence",
    "/admin/calendar",
    "/admin/work",
    "/admin/people/{person_id}/hand-over",
    "/admin/hand-overs/{hand_over_id}",
    "/deals/nowhere",
)
COVERED = """() => {
  const held = document.activeElement, box = held.getBoundingClientRect();
  const drawn = document.elementFromPoint(box.left + box.width / 2, box.top + Math.min(box.height / 2, 20));
  return drawn && held !== document.body && !held.contains(drawn) && !drawn.contains(held) && box.width > 2
    ? held.outerHTML.slice(0, 80) : null;
}"""


def test_axe_finds_nothing_on_a_phone_in_the_dark(
    people: People, context_as: Callable[..., BrowserContext]
) -> None:
    subjects = furnish(people)
    options = {"viewport": PHONE, "has_touch": True, "color_scheme": "dark", "bypass_csp": True}
    page, faults = context_as(people.admin, **options).new_page(), {}
    for path in PAGES:
        page.goto(path.format_map(subjects))
        found = Axe().run(page, options=TELL).response["violations"]
        faults[path] = [f"{each['id']}: {each['nodes'][0]['html']}" for each in found]
        sideways = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        faults[path] += [f"scrolls {sideways} pixels sideways"] if sideways > 0 else []
    assert {path: each for path, each in faults.items() if each} == {}


def test_n_writes_a_note_on_the_page_of_a_deal_and_of_a_customer(
    people: People, page_as: Callable[..., Page]
) -> None:
    """The cursor stands in the words; after Escape it is back where it was opened from."""
    customer = make_customer(people.owner)
    deal = make_deal(people.owner, Stage.INTENT, customer=customer)
    page = page_as(people.owner)
    for path in (f"/deals/{deal.number}", f"/customers/{customer.number}"):
        page.goto(path)
        page.keyboard.press("n")
        expect(page.locator("#content")).to_be_focused()
        page.keyboard.press("Escape")
        expect(page.locator("[data-press-key=n]")).to_be_focused()


def test_what_has_the_focus_stands_clear_of_the_bars(people: People, page_as: Callable[..., Page]) -> None:
    for n in range(12):
        make_customer(people.owner, f"Works {n}")
    page, covered = page_as(people.owner, "/customers", viewport=PHONE), []
    for _press in range(40):
        page.keyboard.press("Tab")
        covered.append(page.evaluate(COVERED))
    assert [each for each in covered if each] == []
