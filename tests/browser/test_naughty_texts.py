"""Strings that break programs, in a real browser: nothing runs, nothing is refused by the page's policy, and no page is
pushed out of its shape by endless words, stacked marks or texts from right to left."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from salesboard.customers.custom_rules import Subject
from salesboard.exchange import turns
from tests.naughty import MARKUP, STRANGE, packed
from tests.own_fields import add_field
from tests.standing import People
from tests.web.test_naughty_pages import AT_ONE, bring, in_one_line, plain

PageAs = Callable[..., Page]
SHAPELESS = (
    "W" * 110,
    "長" * 110,
    "Z" + "\u0351\u036b\u0343\u0321\u034e\u0334\u0336\u0315" * 13,
    "\u202e" + "from the right " * 7,
    "الكل في المجمو عة " * 6,
    "http://a.example/" + "x/" * 45,
    "ﷺ" * 60,
    "a\u00a0" * 55,
)
WATCHING = """
window.ran = [];
for (const name of ["alert", "confirm", "prompt", "zq"]) window[name] = (said) => window.ran.push(`${name} ${said}`);
document.addEventListener("securitypolicyviolation", (event) => window.ran.push(`refused: ${event.sample}`));
"""


def watched(page: Page, path: str) -> list[str]:
    """What ran on the page, and whether it is wider than its window."""
    page.goto(path)
    page.wait_for_load_state("networkidle")
    wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [*page.evaluate("window.ran"), *(f"{wide} px too wide" for _ in range(wide > 1))]


@pytest.mark.parametrize("width", [390, 1440])
def test_nothing_runs_and_every_page_keeps_its_shape(
    people: People, page_as: PageAs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setattr(turns, "PAUSE", 0)
    for subject in Subject:
        add_field(subject, f"Own {subject}", is_listed=True)
    told = [*SHAPELESS, *packed(map(in_one_line, [*MARKUP, *STRANGE]), 110)]
    told = [f"{text} {number:03d}" for number, text in enumerate(told)] + plain(-len(told) % AT_ONE)
    customers = bring(told, tmp_path, people, "b")
    page = page_as(people.owner, "/customers", viewport={"width": width, "height": 900})
    page.add_init_script(WATCHING)
    paths: list[Any] = [
        "/",
        "/customers",
        "/customers?cols=industry.main_business.source.needs.remarks",
        "/deals",
        *(f"/customers/{each.number}" for each in customers),
    ]
    assert {path: seen for path in paths if (seen := watched(page, path))} == {}
