"""What the address of the list of customers asks for. Pure: parameters in, filters out, and back.

What makes no sense is left out rather than answered with an error: addresses are typed, shared and outlive people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from salesboard.addresses import asked_id, plain
from salesboard.customers.custom_filters import OwnFilter, own_filters
from salesboard.customers.custom_rules import FieldShape
from salesboard.customers.ranges import (
    ANY_AMOUNT,
    ANY_DAY,
    Amounts,
    Days,
    amounts_asked,
    choice_asked,
    days_asked,
    ranges_told,
)
from salesboard.customers.rules import CustomerStatus, Level

LONGEST_TEXT = 100
MOST_WORDS = 6

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
    worth: Amounts = ANY_AMOUNT
    """Of the deals under way, together."""
    created: Days = ANY_DAY
    first_contact: Days = ANY_DAY
    last_talk: Days = ANY_DAY
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
        days: Any = {field: days_asked(first, name) for name, field in RANGES.items() if name != "open"}
        return cls(
            text=plain(first("q"), LONGEST_TEXT),
            owners=tuple(
                sorted({number for text in parameters.get("owner", ()) if (number := asked_id(text))})
            ),
            team=asked_id(first("team")),
            level=choice_asked(Level, first("level")),
            status=choice_asked(CustomerStatus, first("status")),
            step=choice_asked(NextStep, first("next")),
            worth=amounts_asked(first, "open"),
            talked=choice_asked(TalkedWith, first("talked")),
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
        one |= ranges_told((name, getattr(self, field)) for name, field in RANGES.items())
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
