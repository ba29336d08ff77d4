"""What the address of the list of customers means, and how much of a phone number a list shows."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from salesboard.customers.filters import Amounts, CustomerFilters, Days, NextStep, TalkedWith
from salesboard.customers.rules import CustomerStatus, Level, masked_phone


def test_filters_are_read_back_from_what_they_write() -> None:
    filters = CustomerFilters(
        text="zhbz 纸",
        owners=(3, 7),
        team=2,
        level=Level.KEY,
        status=CustomerStatus.WON,
        region="华东",
        industry="包装",
        source="展会",
        step=NextStep.LATE,
        worth=Amounts(Decimal("0"), Decimal("500000.5")),
        created=Days(date(2026, 1, 5)),
        first_contact=Days(high=date(2026, 3, 1)),
        last_talk=Days(date(2026, 1, 5), date(2026, 2, 1)),
        talked=TalkedWith.NEVER,
    )
    assert CustomerFilters.parse(filters.parameters) == filters
    assert CustomerFilters.parse(CustomerFilters().parameters) == CustomerFilters()


@pytest.mark.parametrize(
    "senseless",
    [
        {"owner": "0"}, {"owner": "-3"}, {"owner": "x"}, {"owner": "²"}, {"owner": "9" * 30},
        {"level": "gold"}, {"status": ""}, {"q": " \x00\n "}, {"region": "\u200b"}, {"other": "x"},
        {"next": "planned"}, {"open.from": "-1"}, {"open.to": "NaN"}, {"open.from": "1e400"},
        {"open.from": "9" * 18}, {"created.from": "yesterday"}, {"talk.to": "0001-01-01"}, {"talk.from": "20260101"},
    ],
)  # fmt: skip
def test_what_makes_no_sense_counts_for_nothing(senseless: dict[str, str]) -> None:
    assert not CustomerFilters.parse({name: [text] for name, text in senseless.items()}).is_set


def test_a_long_text_is_cut_and_its_words_are_few() -> None:
    filters = CustomerFilters.parse({"q": ["A b " * 200]})
    assert len(filters.text) <= 100
    assert filters.words == ("a", "b", "a", "b", "a", "b")


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13800001234", "138****1234"),
        ("0571-87654321", "057****4321"),
        ("8765", "****65"),
        ("1", "****"),
        ("", ""),
    ],
)
def test_a_list_shows_part_of_a_phone_number(phone: str, shown: str) -> None:
    assert masked_phone(phone) == shown
    assert not phone or masked_phone(phone) != phone
