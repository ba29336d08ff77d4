"""Workbooks to fill in: handed out on the import's page, and brought back filled in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask_babel import force_locale
from openpyxl import load_workbook

from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import ContactRole, Level
from salesboard.deals.models import Deal
from salesboard.deals.rules import Method, Stage
from salesboard.exchange.blank_sheets import fields_asked
from salesboard.exchange.columns import match_book
from salesboard.exchange.fields import Kind
from salesboard.exchange.options import Options
from salesboard.exchange.reading import open_book
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import FollowUpKind
from tests.browsing import Browser
from tests.domain.exchange.bringing import brought, everything
from tests.standing import People

ClientAs = Callable[..., Browser]
LANGUAGES = ("en", "zh_Hans", "zh_Hant")

ROWS: dict[Kind, dict[str, Any]] = {
    Kind.CUSTOMERS: {
        "customer.name": "Paper Crane Packaging", "customer.employees": 120, "customer.annual_revenue": 486000,
        "customer.level": "level", "contact.contact_name": "Cleo", "contact.phone": "13900000001",
        "contact.contact_role": "role",
    },
    Kind.CONTACTS: {"customer.name": "Paper Crane Packaging", "contact.contact_name": "Carl"},
    Kind.DEALS: {
        "customer.name": "Paper Crane Packaging", "deal.name": "Line one", "deal.stage": "stage",
        "deal.amount": 220000, "deal.probability": 0.2, "deal.entered_date": date(2026, 5, 31),
    },
    Kind.FOLLOWUPS: {
        "customer.name": "Paper Crane Packaging", "deal.name": "Line one", "followup.method": "method",
        "followup.occurred_at": datetime(2026, 5, 31, 14, 30), "followup.content": "=Saw the line",  # noqa: DTZ001
    },
}  # fmt: skip


def fetched(browser: Browser, kind: Kind, language: str, folder: Path) -> Path:
    path = folder / f"{kind}.xlsx"
    path.write_bytes(browser.send(f"/import/templates/{kind}.xlsx?language={language}", "GET").data)
    return path


def fill_in(path: Path, kind: Kind, choices: dict[str, str]) -> None:
    """As a person would: below the heads, from the lists that the cells offer."""
    book = load_workbook(path)
    sheet = book.worksheets[0]
    for index, field in enumerate(fields_asked(kind), start=1):
        value = ROWS[kind].get(field.key)
        cell = sheet.cell(row=2, column=index)
        cell.value = choices.get(str(value), value)
        if isinstance(cell.value, str):
            cell.data_type = "s"
    book.save(path)


def offered(path: Path) -> list[str]:
    """The words of all lists of choices."""
    validations = load_workbook(path).worksheets[0].data_validations.dataValidation
    return [each.formula1.strip('"').split(",")[1] for each in validations if each.type == "list"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_filled_in_sheet_comes_in(
    people: People, client_as: ClientAs, tmp_path: Path, language: str
) -> None:
    browser = client_as(people.owner)
    for kind in Kind:
        path = fetched(browser, kind, language, tmp_path)
        words = iter(offered(path))
        # the second of each list: Normal, Influencer, Intent, Visit
        choices = {name: next(words) for name in ("level", "role") if name in ROWS[kind].values()}
        choices |= {name: next(words) for name in ("stage", "method") if name in ROWS[kind].values()}
        fill_in(path, kind, choices)
        found = brought(path, by=people.owner)
        assert found.counts[kind]["created"] == 1, kind
        assert found.warnings == []

    (customer,), (deal,) = everything(Customer), everything(Deal)
    assert (customer.level, customer.employees, customer.annual_revenue) == (Level.NORMAL, 120, 486000)
    contacts = {contact.name: contact for contact in everything(Contact)}
    assert (contacts["Cleo"].phone, contacts["Cleo"].role) == ("13900000001", ContactRole.INFLUENCER)
    assert "Carl" in contacts
    assert (deal.stage, deal.amount, deal.probability) == (Stage.INTENT, 220000, 20)
    assert deal.entered_on == date(2026, 5, 31)
    (talk,) = [note for note in everything(FollowUp) if note.kind is FollowUpKind.TALK]
    assert (talk.deal_id, talk.method, talk.content) == (deal.id, Method.VISIT, "=Saw the line")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_import_knows_each_head_and_passes_over_the_explanations(
    people: People, client_as: ClientAs, tmp_path: Path, language: str
) -> None:
    browser = client_as(people.owner)
    for kind in Kind:
        matched = match_book(open_book(fetched(browser, kind, language, tmp_path)), Options())
        (sheet,) = matched.sheets
        assert [field for column in sheet.columns for field in column.fields] == fields_asked(kind)
        assert (sheet.kind, sheet.unmatched, matched.unread) == (kind, [], ())


def test_each_column_is_explained(people: People, client_as: ClientAs) -> None:
    answer = client_as(people.owner).send("/import/templates/deals.xlsx?language=en", "GET")
    sheet, notes = load_workbook(BytesIO(answer.data)).worksheets

    explained = {row[0].value: row[1].value for row in notes.iter_rows(min_row=2)}
    assert list(explained) == [cell.value for cell in sheet[1]]
    assert explained["Customer*"].startswith("Must be filled in.")
    assert explained["Stage"] == "One of: Lead, Intent, Proposal, Negotiation, Won, Service, Lost."
    assert explained["Expected amount"] == "An amount in CNY, such as 486000 or 48.6万."


def test_the_page_offers_them_in_each_language(people: People, client_as: ClientAs) -> None:
    browser = client_as(people.owner)
    page = browser.get("/import").text

    for kind in Kind:
        for language in LANGUAGES:
            assert f"/import/templates/{kind}.xlsx?language={language}" in page
    assert browser.send("/import/templates/nonsense.xlsx", "GET").status_code == 404
    with force_locale("zh_Hans"):
        assert browser.send("/import/templates/deals.xlsx?language=xx", "GET").status_code == 200
