"""Strings that break programs, on the pages that show them: the same text in the same places as plain words have, and
not an element more."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from salesboard.customers.custom_rules import Subject
from salesboard.customers.models import Customer
from salesboard.exchange.export_xlsx import write_xlsx
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import OnDuplicate
from tests.browsing import Browser, Page
from tests.domain.exchange.bringing import brought, everything
from tests.domain.exchange.test_naughty_texts import sheet
from tests.naughty import come_alive, packed, structure_of
from tests.own_fields import add_field
from tests.rules.exchange.test_writing_tables import texts
from tests.standing import People

AT_ONE = 8
"""Contacts, deals and talks of one customer: a page shows so many at once."""
ROOM = 115
LISTS = ("/customers?cols=industry.region.source.remarks", "/deals", "/")


def in_one_line(text: str) -> str:
    return " ".join(text.split())


def packs() -> list[str]:
    """All strings, several in one text, and plain words to make the last customer's full. Each has a number: some are
    the same deal's name, only written in other signs."""
    told = packed([in_one_line(text) for text in texts() if len(text) <= ROOM - 4], ROOM - 4)
    return [f"{pack} {number:03d}" for number, pack in enumerate(told)] + plain(-len(told) % AT_ONE)


def plain(count: int) -> list[str]:
    """As long as the others, so that what is cut is cut in both."""
    return [f"plain text {number:03d} {'and more ' * 12}"[:ROOM].strip() for number in range(count)]


def bring(told: list[str], folder: Path, people: People, mark: str) -> list[Customer]:
    """A customer for every few texts, with a contact, a deal and a talk for each of them."""
    before = {customer.id for customer in everything(Customer)}

    def of(_text: str, number: int) -> str:
        first = number // AT_ONE * AT_ONE
        return f"{told[first]} {mark}{first:03d}"

    tables = [sheet(kind, told, of) for kind in Kind if kind is not Kind.CUSTOMERS]
    tables.append(sheet(Kind.CUSTOMERS, told[::AT_ONE], lambda text, number: of(text, number * AT_ONE)))
    write_xlsx(tables, folder / "naughty.xlsx", folder)
    brought(folder / "naughty.xlsx", by=people.owner, on_duplicate=OnDuplicate.CREATE)
    return [customer for customer in everything(Customer) if customer.id not in before]


def words_of(html: str) -> str:
    return in_one_line(Page(html).text_of[0])


def test_each_stands_where_plain_words_would_and_is_words_too(
    people: People, client_as: Callable[..., Browser], tmp_path: Path
) -> None:
    for subject in Subject:
        add_field(subject, f"Own {subject}", is_listed=True)
    browser, faults = client_as(people.owner), []
    (usual,) = bring(plain(AT_ONE), tmp_path, people, "a")
    page = browser.get(f"/customers/{usual.number}").text
    as_usual, places = list(structure_of(page)), [words_of(page).count(words) for words in plain(AT_ONE)]
    assert min(places) > 12

    told = packs()
    customers = bring(told, tmp_path, people, "b")
    assert len(customers) == len(told) / AT_ONE
    for customer in customers:
        page = browser.get(f"/customers/{customer.number}").text
        first = int(customer.name[-3:])
        words = words_of(page)
        if list(structure_of(page)) != as_usual:
            faults.append(f"{customer.name}: other elements")
        for pack, usually in zip(told[first : first + AT_ONE], places, strict=True):
            if words.count(pack) < usually:
                faults.append(f"{pack!r} stands {words.count(pack)} times, not {usually}")
    for address in LISTS:
        faults += [f"{address}: {what}" for what in come_alive(browser.get(address).text)]
    assert faults == []
