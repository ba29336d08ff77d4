"""Amounts in few signs, as the team says them: 48.6万 in Chinese, 486K in English. Pure."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache

UNITS: dict[str, tuple[tuple[int, str, int], ...]] = {
    "zh_Hans": ((10**4, "万", 1), (10**8, "亿", 2)),
    "zh_Hant": ((10**4, "萬", 1), (10**8, "億", 2)),
    "en": ((10**3, "K", 1), (10**6, "M", 2)),
}
"""By language, smallest first: how much, its sign, how many decimals are worth showing."""


@lru_cache(maxsize=4096)
def short_amount(amount: Decimal, language: str) -> tuple[str, str]:
    """Digits and unit: ("48.6", "万"). An amount too small for any unit is told without cents."""
    digits, unit = amount.quantize(Decimal(1), ROUND_HALF_UP), ""
    shown = digits
    for size, sign, places in UNITS.get(language, UNITS["en"]):
        if abs(shown) < size:
            break
        digits, unit = (amount / size).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP), sign
        shown = digits * size
    return _plain(digits), unit


def _plain(number: Decimal) -> str:
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
