"""Numbers given by the system and never reused: a letter, the date, a running number, such as O20261122001."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from salesboard.database import Base, built_once, db, insert_into

_PATTERN = re.compile(r"([A-Z])(\d{8})(\d{3,9})", re.ASCII)
_LONGEST_KEPT = 6
"""Figures of a running number that is taken over from outside: a stray one must not use the series up."""


class NumberSeries(Base):
    """The last running number given to a letter on a day."""

    __tablename__ = "number_series"

    letter: Mapped[str] = mapped_column(String(1), primary_key=True)
    day: Mapped[str] = mapped_column(String(8), primary_key=True)
    last: Mapped[int]


def next_number(letter: str, day: date) -> str:
    """The next free number of the series, taken in the transaction under way."""
    return take_numbers(letter, day, 1)[0]


def take_numbers(letter: str, day: date, count: int) -> list[str]:
    """`count` consecutive free numbers of the series."""
    last = _raise_series(letter, f"{day:%Y%m%d}", by=count)
    return [f"{letter}{day:%Y%m%d}{n:03d}" for n in range(last - count + 1, last + 1)]


def read_number(number: str) -> tuple[str, str, int] | None:
    """Its letter, its day as written and its running number; None for a number of somebody else's making."""
    found = _PATTERN.fullmatch(number)
    return (found[1], found[2], int(found[3])) if found else None


def is_own_number(text: str, letter: str) -> bool:
    """Whether `text` has the form of a number of this series, so that an import may keep it."""
    found = _PATTERN.fullmatch(text)
    return found is not None and found[1] == letter and len(found[3]) <= _LONGEST_KEPT


def keep_number(number: str) -> None:
    """Notes a number that came from outside, so that the series never gives it again."""
    found = _PATTERN.fullmatch(number)
    if found:
        letter, day, running = found.groups()
        series = db.session.get(NumberSeries, (letter, day), populate_existing=True)
        behind = int(running) - (series.last if series else 0)
        if behind > 0:
            _raise_series(letter, day, by=behind)


def _raise_series(letter: str, day: str, *, by: int) -> int:
    raising = _raising(db.session.get_bind().dialect.name)
    asked = {"letter": letter, "day": day, "last": by}
    return int(db.session.connection().execute(raising, asked).scalar_one())


@built_once
def _raising(_dialect: str) -> Any:
    """Built once for each kind of database, for every note takes a number."""
    series = insert_into(NumberSeries)
    raised = {"last": NumberSeries.last + series.excluded.last}
    known = ["letter", "day"]
    return series.on_conflict_do_update(index_elements=known, set_=raised).returning(NumberSeries.last)
