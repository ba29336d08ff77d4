"""What must not be recorded: identity and bank cards' numbers, refused; home addresses, warned about. Pure.

Definition: PRODUCT.md 3.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from enum import StrEnum

_GAP = r"[\s\u3000-]{0,3}"
_ID_CARD = re.compile(rf"(?<![0-9A-Za-z])[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx](?![0-9A-Za-z])")
_CARD = re.compile(r"(?<![0-9A-Za-z])[3-6](?:[ -]?\d){14,18}(?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_DIGITS = "10X98765432"


_NUMBER = r"[0-9〇零一二三四五六七八九十百A-Za-z]{1,5}"
_DWELLING = re.compile(
    rf"(?:小区|小區|花园|花園|公寓|家园|家園|新村|苑).{{0,12}}?{_NUMBER}\s*(?:栋|棟|幢|号楼|號樓|单元|單元|室|户|戶)"
    rf"|{_NUMBER}\s*(?:栋|棟|幢|号楼|號樓).{{0,6}}?{_NUMBER}\s*(?:单元|單元|室|户|戶)"
    rf"|{_NUMBER}\s*(?:单元|單元).{{0,6}}?{_NUMBER}\s*(?:室|户|戶|号|號)"
    r"|\b(?:street|st|road|rd|avenue|ave|lane|ln)\b\.?.{0,20}?\b(?:apt|apartment|flat|room|rm|unit)\b\.?\s*#?[0-9]"
    r"|\b(?:apt|apartment)\b\.?\s*#?[0-9]",
    re.IGNORECASE,
)


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


def looks_like_home(text: str) -> bool:
    """Whether `text` likely tells where somebody lives. An office may read so too: warn, do not refuse."""
    return _DWELLING.search(unicodedata.normalize("NFKC", text)) is not None


def _is_identity_card(found: re.Match[str]) -> bool:
    digits = re.sub(r"[^0-9Xx]", "", found.group())
    try:
        date(int(digits[6:10]), int(digits[10:12]), int(digits[12:14]))
    except ValueError:
        return False
    total = sum(int(digit) * weight for digit, weight in zip(digits, _WEIGHTS, strict=False))
    return digits[-1].upper() == _CHECK_DIGITS[total % 11]


def _passes_luhn(digits: str) -> bool:
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(digits)))
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0
