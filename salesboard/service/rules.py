"""What is owed and how long it has been owed. Pure. Definitions: PRODUCT.md 3 (Payment) and 5 (collection rate)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum

CENT = Decimal("0.01")


class OverdueBand(StrEnum):
    """How many days ago an instalment fell due that is not received in full."""

    UP_TO_30 = "30"
    UP_TO_60 = "60"
    UP_TO_90 = "90"
    BEYOND = "more"


_LAST_DAYS = {OverdueBand.UP_TO_30: 30, OverdueBand.UP_TO_60: 60, OverdueBand.UP_TO_90: 90}


def days_overdue(due_on: date, today: date) -> int:
    """Days since it was due; 0 on the day itself and before."""
    return max(0, (today - due_on).days)


def band_of(due_on: date, today: date) -> OverdueBand | None:
    """The band of what is still owed; None while it is not overdue."""
    days = days_overdue(due_on, today)
    if not days:
        return None
    return next((band for band, last in _LAST_DAYS.items() if days <= last), OverdueBand.BEYOND)


def due_dates_of(band: OverdueBand, today: date) -> tuple[date | None, date]:
    """The same as dates, so that SQL can sort by it: due on or after the first (None: ever) and up to the second."""
    last = _LAST_DAYS.get(band)
    earlier = [days for days in _LAST_DAYS.values() if last is None or days < last]
    newest = today - timedelta(days=max(earlier, default=0) + 1)
    return (today - timedelta(days=last) if last else None), newest


def still_owed(amount: Decimal, received: Decimal) -> Decimal:
    """What is missing of an instalment; nothing where more came than was asked."""
    return max(Decimal(0), amount - received)


@dataclass(frozen=True)
class Owed:
    """What some instalments come to: planned, received, and what is overdue of them by band."""

    planned: Decimal
    received: Decimal
    overdue: dict[OverdueBand, Decimal]

    @property
    def overdue_in_all(self) -> Decimal:
        return sum(self.overdue.values(), Decimal(0))


def add_up(instalments: Iterable[tuple[date, Decimal, Decimal]], today: date) -> Owed:
    """Adds up instalments, each its due date, its amount and what was received of it."""
    planned = received = Decimal(0)
    overdue = dict.fromkeys(OverdueBand, Decimal(0))
    for due_on, amount, came in instalments:
        planned, received = planned + amount, received + came
        band, owed = band_of(due_on, today), still_owed(amount, came)
        if band is not None and owed:
            overdue[band] += owed
    return Owed(planned, received, overdue)


def shared_out(total: Decimal, percents: Sequence[Decimal]) -> list[Decimal]:
    """The parts of `total`, to the cent; where the percents make a whole the last part takes what rounding left."""
    parts = [(total * percent / 100).quantize(CENT, ROUND_HALF_UP) for percent in percents]
    if parts and sum(percents) == 100:
        parts[-1] = total - sum(parts[:-1], Decimal(0))
    return parts
