"""What the address of the list of customers asks for. Pure: parameters in, filters out, and back.

What makes no sense is left out rather than answered with an error: addresses are typed, shared and outlive people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from salesboard.addresses import asked_id, plain
from salesboard.customers.custom_filters import OwnFilter, own_filters
from salesboard.customers.custom_rules import FieldShape
from salesboard.customers.rules import CustomerStatus, Level

LONGEST_TEXT = 100
MOST_WORDS = 6


@dataclass(frozen=True, kw_only=True)
class CustomerFilters:
    """Which customers are wanted. Each field that is set narrows the choice further."""

    text: str = ""
    owner: int | None = None
    level: Level | None = None
    status: CustomerStatus | None = None
    region: str = ""
    archived: bool = False
    """Those of the history archive, instead of the daily ones."""
    own: tuple[OwnFilter, ...] = ()
    """What is asked of the installation's own fields."""

    @classmethod
    def parse(cls, parameters: Mapping[str, str], fields: Iterable[FieldShape] = ()) -> CustomerFilters:
        """The filters that `parameters` name; anything senseless among them counts for nothing. `fields` are the
        installation's own that may be asked for."""
        owner, level, status = (parameters.get(name, "") for name in ("owner", "level", "status"))
        return cls(
            text=plain(parameters.get("q", ""), LONGEST_TEXT),
            owner=asked_id(owner),
            level=Level(level) if level in list(Level) else None,
            status=CustomerStatus(status) if status in list(CustomerStatus) else None,
            region=plain(parameters.get("region", ""), LONGEST_TEXT),
            archived=parameters.get("archived") == "1",
            own=own_filters(lambda name: parameters.get(name, ""), fields),
        )

    @property
    def parameters(self) -> dict[str, Any]:
        """What `parse` would read these filters from."""
        values = {
            "q": self.text,
            "owner": self.owner,
            "level": self.level,
            "status": self.status,
            "region": self.region,
            "archived": "1" if self.archived else "",
        }
        own = {name: text for asked in self.own for name, text in asked.parameters.items()}
        return {name: str(value) for name, value in values.items() if value} | own

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
