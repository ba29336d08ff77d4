"""Identity cards and bank cards are known by their check digits; what merely looks like one is left alone."""

from __future__ import annotations

import pytest

from salesboard.private_numbers import PrivateNumber, private_number_in


@pytest.mark.parametrize(
    "text",
    ["11010519491231002X", "his card: 11010519491231002x.", "身份证11010519491231002X号"],
)
def test_a_resident_identity_number_is_found(text: str) -> None:
    assert private_number_in(text) is PrivateNumber.IDENTITY_CARD


@pytest.mark.parametrize(
    "text", ["4111 1111 1111 1111", "pay to 6222-0212-3456-7890-128 please", "5555555555554444"]
)
def test_a_bank_card_number_is_found(text: str) -> None:
    assert private_number_in(text) is PrivateNumber.BANK_CARD


@pytest.mark.parametrize(
    "text",
    [
        "110105194912310021",  # wrong check digit
        "11010519491331002X",  # no such month
        "4111 1111 1111 1112",  # fails Luhn
        "13800138000",
        "O20261122001 F20261122003",
        "HT-2026-0522-000123",
        "20260522143000123",
        "",
    ],
)
def test_other_numbers_are_left_alone(text: str) -> None:
    assert private_number_in(text) is None
