"""Numbers that must not be recorded: resident identity cards and bank cards. Pure. Definition: PRODUCT.md 3."""

from __future__ import annotations

import re
from datetime import date
from enum import StrEnum

_ID_CARD = re.compile(r"(?<![0-9A-Za-z])([1-9]\d{5})(\d{4})(\d{2})(\d{2})(\d{3})([0-9Xx])(?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6](?:[ -]?\d){14,18}(?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


class PrivateNumber(StrEnum):
    IDENTITY_CARD = "identity_card"
    BANK_CARD = "bank_card"


def private_number_in(text: str) -> PrivateNumber | None:
    """Which kind of private number stands in `text`: only numbers whose own check digit is right count."""
    if any(_is_identity_card(found) for found in _ID_CARD.finditer(text)):
        return PrivateNumber.IDENTITY_CARD
    if any(_passes_luhn(re.sub(r"[ -]", "", found.group())) for found in _CARD.finditer(text)):
        return PrivateNumber.BANK_CARD
    return None


def _is_identity_card(found: re.Match[str]) -> bool:
    try:
        date(int(found[2]), int(found[3]), int(found[4]))
    except ValueError:
        return False
    digits = found.group()
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return digits[-1].upper() == _CHECK_DIGITS[total % 11]


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
