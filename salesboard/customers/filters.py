"""What the address of the list of customers asks for. Pure: parameters in, filters out, and back.

What makes no sense is left out rather than answered with an error: addresses are typed, shared and outlive people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import Any, TypeVar

from salesboard.addresses import asked_id, plain
from salesboard.customers.custom_filters import OwnFilter, own_filters
from salesboard.customers.custom_rules import FieldShape
from salesboard.customers.rules import CustomerStatus, Level

LONGEST_TEXT = 100
MOST_WORDS = 6
LARGEST_ASKED = Decimal("99999999999.99")
EARLIEST, LATEST = date(1990, 1, 1), date(2100, 12, 31)

Choice = TypeVar("Choice", bound=StrEnum)
Parameters = Mapping[str, Sequence[str]]
"""As in a query string: each name with all its values."""


class NextStep(StrEnum):
    """How it stands with what comes next at a customer: the earliest step planned in any open deal, or none."""

    LATE = "late"
    TODAY = "today"
    MISSING = "none"


class TalkedWith(StrEnum):
    """Whether one ever talked with a customer."""

    NEVER = "never"


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


RANGES = {"open": "worth", "created": "created", "contact": "first_contact", "talk": "last_talk"}
"""What is asked from one value to another: the name in the address, and the field here."""

WORDS = ("industry", "region", "source")
"""What is asked by the words that stand there."""


@dataclass(frozen=True, kw_only=True)
class CustomerFilters:
    """Which customers are wanted. Each field that is set narrows the choice further."""

    text: str = ""
    owners: tuple[int, ...] = ()
    team: int | None = None
    level: Level | None = None
    status: CustomerStatus | None = None
    industry: str = ""
    region: str = ""
    source: str = ""
    step: NextStep | None = None
    worth: Amounts = Amounts()
    """Of the deals under way, together."""
    created: Days = Days()
    first_contact: Days = Days()
    last_talk: Days = Days()
    talked: TalkedWith | None = None
    archived: bool = False
    """Those of the history archive, instead of the daily ones."""
    own: tuple[OwnFilter, ...] = ()
    """What is asked of the installation's own fields."""

    @classmethod
    def parse(cls, parameters: Parameters, fields: Iterable[FieldShape] = ()) -> CustomerFilters:
        """The filters that `parameters` name; anything senseless among them counts for nothing. `fields` are the
        installation's own that may be asked for."""

        def first(name: str) -> str:
            return next(iter(parameters.get(name, ())), "")

        words: Any = {name: plain(first(name), LONGEST_TEXT) for name in WORDS}
        days: Any = {
            field: Days(_day(first(f"{name}.from")), _day(first(f"{name}.to")))
            for name, field in RANGES.items()
            if name != "open"
        }
        return cls(
            text=plain(first("q"), LONGEST_TEXT),
            owners=tuple(
                sorted({number for text in parameters.get("owner", ()) if (number := asked_id(text))})
            ),
            team=asked_id(first("team")),
            level=_choice(Level, first("level")),
            status=_choice(CustomerStatus, first("status")),
            step=_choice(NextStep, first("next")),
            worth=Amounts(_amount(first("open.from")), _amount(first("open.to"))),
            talked=_choice(TalkedWith, first("talked")),
            archived=first("archived") == "1",
            own=own_filters(first, fields),
            **words,
            **days,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What `parse` would read these filters from: each name with its values."""
        one = {
            "q": self.text,
            "team": self.team,
            "level": self.level,
            "status": self.status,
            **{name: getattr(self, name) for name in WORDS},
            "next": self.step,
            "talked": self.talked,
            "archived": "1" if self.archived else "",
        }
        for name, field in RANGES.items():
            asked = getattr(self, field)
            one |= {f"{name}.from": _written(asked.low), f"{name}.to": _written(asked.high)}
        one |= {name: text for asked in self.own for name, text in asked.parameters.items()}
        several = {"owner": [str(owner) for owner in self.owners]} if self.owners else {}
        return several | {name: [str(value)] for name, value in one.items() if value}

    @property
    def words(self) -> tuple[str, ...]:
        """Each of these must be found in a customer, as the search text is written: in small letters."""
        return tuple(self.text.lower().split()[:MOST_WORDS])

    @property
    def is_set(self) -> bool:
        """Whether anything narrows the choice; which of the two lists it is does not."""
        return self != CustomerFilters(archived=self.archived)

    def but(self, **changes: Any) -> CustomerFilters:
        """The same with some fields changed."""
        return replace(self, **changes)

    def toggling(self, owner: int) -> CustomerFilters:
        """With this owner added, or taken out where it was in."""
        return self.but(owners=tuple(sorted(set(self.owners) ^ {owner})))

    def without(self, field: str) -> CustomerFilters:
        """The same, this field not asked for."""
        return self.but(**{field: getattr(CustomerFilters(), field)})


def _choice(kind: type[Choice], text: str) -> Choice | None:
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


def _written(end: date | Decimal | None) -> str:
    if end is None:
        return ""
    return f"{end:f}" if isinstance(end, Decimal) else end.isoformat()
