"""What the address of a board or list asks for. Pure: parameters in, filters out, and back.

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
from salesboard.customers.filters import WORDS
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
from salesboard.customers.rules import Level
from salesboard.deals.rules import AgeSign, Outcome, Stage, StepState

LONGEST_TEXT = 100
MOST_WORDS = 6


class CardOrder(StrEnum):
    """How the cards of a column are ordered; `next`: late steps, today's, none planned, then the future's."""

    NEXT = "next"
    HAND = "hand"
    AMOUNT = "amount"
    AGE = "age"


Parameters = Mapping[str, Sequence[str]]
"""As in a query string: each name with all its values."""

DAYS = {"close": "expected_close", "created": "created"}
"""What is asked from one day to another: the name in the address, and the field here."""


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which deals are wanted. Each field that is set narrows the choice further."""

    mine: bool = False
    owners: tuple[int, ...] = ()
    team: int | None = None
    level: Level | None = None
    industry: str = ""
    region: str = ""
    source: str = ""
    worth: Amounts = ANY_AMOUNT
    expected_close: Days = ANY_DAY
    created: Days = ANY_DAY
    age: AgeSign | None = None
    """WARNED: past the warning, overdue ones too; OVERDUE: past the limit."""
    step: StepState | None = None
    text: str = ""
    stage: Stage | None = None
    outcome: Outcome = Outcome.OPEN
    own: tuple[OwnFilter, ...] = ()
    """What is asked of the installation's own fields."""

    @classmethod
    def parse(cls, parameters: Parameters, fields: Iterable[FieldShape] = ()) -> Filters:
        """The filters that `parameters` name; anything senseless among them counts for nothing. `fields` are the
        installation's own that may be asked for."""

        def first(name: str) -> str:
            return next(iter(parameters.get(name, ())), "")

        age = choice_asked(AgeSign, first("age"))
        step = choice_asked(StepState, first("next"))
        words: Any = {name: plain(first(name), LONGEST_TEXT) for name in WORDS}
        days: Any = {field: days_asked(first, name) for name, field in DAYS.items()}
        return cls(
            mine=first("mine") == "1",
            owners=tuple(
                sorted({number for text in parameters.get("owner", ()) if (number := asked_id(text))})
            ),
            team=asked_id(first("team")),
            level=choice_asked(Level, first("level")),
            age=None if age is AgeSign.SAFE else age,
            step=None if step is StepState.PLANNED else step,
            text=plain(first("q"), LONGEST_TEXT),
            stage=choice_asked(Stage, first("stage")),
            outcome=choice_asked(Outcome, first("outcome")) or Outcome.OPEN,
            worth=amounts_asked(first, "amount"),
            own=own_filters(first, fields),
            **words,
            **days,
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What `parse` would read these filters from: each name with its values."""
        values: dict[str, Any] = {
            "mine": ["1"] if self.mine else [],
            "owner": [str(owner) for owner in self.owners],
            "team": [str(self.team)] if self.team else [],
            "level": [self.level] if self.level else [],
            "age": [self.age] if self.age else [],
            "next": [self.step] if self.step else [],
            "q": [self.text] if self.text else [],
            "stage": [self.stage] if self.stage else [],
            "outcome": [self.outcome] if self.outcome is not Outcome.OPEN else [],
            **{name: [getattr(self, name)] for name in WORDS if getattr(self, name)},
            **{name: [text] for name, text in self._ranges.items()},
            **{name: [text] for asked in self.own for name, text in asked.parameters.items()},
        }
        return {name: [str(value) for value in given] for name, given in values.items() if given}

    @property
    def _ranges(self) -> dict[str, str]:
        days = ((name, getattr(self, field)) for name, field in DAYS.items())
        return ranges_told([("amount", self.worth), *days])

    @property
    def words(self) -> tuple[str, ...]:
        """Each of these must be found in a deal, as the search text is written: in small letters."""
        return tuple(self.text.lower().split()[:MOST_WORDS])

    @property
    def is_set(self) -> bool:
        return self != Filters()

    def of_board(self) -> Filters:
        """Without what the board shows by its columns."""
        return self.but(stage=None, outcome=Outcome.OPEN)

    def but(self, **changes: Any) -> Filters:
        """The same with some fields changed."""
        return replace(self, **changes)

    def toggling(self, owner: int) -> Filters:
        """With this owner added, or taken out where it was in."""
        return self.but(owners=tuple(sorted(set(self.owners) ^ {owner})))

    def without(self, field: str) -> Filters:
        """The same, this field not asked for."""
        return self.but(**{field: getattr(Filters(), field)})


def parse_order(parameters: Parameters) -> CardOrder:
    """The order of the cards that the address asks for, else `next`."""
    asked = next(iter(parameters.get("sort", ())), "")
    return choice_asked(CardOrder, asked) or CardOrder.NEXT
