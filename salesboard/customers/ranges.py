"""What an address asks from one value to another, or by one of some values. Pure; what makes no sense counts for
nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TypeVar

from salesboard.addresses import plain

LARGEST_ASKED = Decimal("99999999999.99")
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

Choice = TypeVar("Choice", bound=StrEnum)
First = Callable[[str], str]
"""The first value of a parameter, empty for none."""


@dataclass(frozen=True)
class Days:
    """From one day to another, both included; None leaves an end open."""

    low: date | None = None
    high: date | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


@dataclass(frozen=True)
class Amounts:
    """From one amount to another, both included; None leaves an end open."""

    low: Decimal | None = None
    high: Decimal | None = None

    def __bool__(self) -> bool:
        return self.low is not None or self.high is not None


ANY_DAY, ANY_AMOUNT = Days(), Amounts()


def days_asked(first: First, name: str) -> Days:
    """From `close.from=2026-05-01&close.to=2026-05-31`."""
    return Days(_day(first(f"{name}.from")), _day(first(f"{name}.to")))


def amounts_asked(first: First, name: str) -> Amounts:
    """From `amount.from=5000`, also with commas."""
    return Amounts(_amount(first(f"{name}.from")), _amount(first(f"{name}.to")))


def ranges_told(named: Iterable[tuple[str, Days | Amounts]]) -> dict[str, str]:
    """What they would be read from."""
    return {
        f"{name}.{end}": value.isoformat() if isinstance(value, date) else f"{value:f}"
        for name, asked in named
        for end, value in (("from", asked.low), ("to", asked.high))
        if value is not None
    }


def choice_asked(kind: type[Choice], text: str) -> Choice | None:
    return kind(text) if text in list(kind) else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text) if len(text) == len("2026-05-31") else None
    except ValueError:
        return None
    return day if day and EARLIEST <= day <= LATEST else None


def _amount(text: str) -> Decimal | None:
    try:
        amount = Decimal(plain(text, 20).replace(",", "")) if text else None
    except InvalidOperation:
        return None
    return amount if amount is not None and amount.is_finite() and 0 <= amount <= LARGEST_ASKED else None
