"""What a file says of one customer, gathered from all its sheets: the unit in which an import comes in."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from salesboard.customers.rules import Level
from salesboard.deals.rules import Stage
from salesboard.exchange.existing import KnownCustomer, KnownDeal
from salesboard.exchange.reading import Cell
from salesboard.exchange.records import ContactRecord, CustomerRecord, DealRecord, FollowUpRecord
from salesboard.exchange.words import Lost


@dataclass(frozen=True)
class Place:
    """Where in the file something stands."""

    sheet: str
    row: int
    text: str = ""
    """The row as it stands there."""
    cells: tuple[Cell, ...] | None = None


@dataclass
class DealPlan:
    """A deal of the file: new, or `known` in the database already."""

    place: Place
    record: DealRecord
    known: KnownDeal | None = None
    is_updated: bool = False
    sightings: list[tuple[date, Stage | Lost, TalkPlan]] = field(default_factory=list)
    """Where talks of the same sheet saw the deal stand."""

    @property
    def is_new(self) -> bool:
        return self.known is None


@dataclass
class TalkPlan:
    """A talk to be filed, with its moment in UTC and the words it will be kept under."""

    place: Place
    record: FollowUpRecord
    occurred_at: datetime
    occurred_on: date
    content: str
    deal: DealPlan | None = None


@dataclass
class Bundle:
    """A customer, its contacts, deals and talks. Comes in whole or not at all."""

    place: Place
    record: CustomerRecord
    known: KnownCustomer | None = None
    is_updated: bool = False
    has_own_row: bool = False
    """A row of the file is about the customer itself, not only about something of it."""
    owner: str | None = None
    contacts: list[ContactRecord] = field(default_factory=list)
    deals: list[DealPlan] = field(default_factory=list)
    talks: list[TalkPlan] = field(default_factory=list)

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def name(self) -> str:
        return self.record.name or (self.known.name if self.known else "")

    @property
    def level(self) -> Level:
        return self.record.level or Level.NORMAL

    @property
    def only_deal(self) -> DealPlan | None:
        """The deal that a talk belongs to when its row names none: the customer's only one."""
        return self.deals[0] if len(self.deals) == 1 else None

    @property
    def size(self) -> int:
        """How many records come in."""
        new = sum(deal.is_new or deal.is_updated for deal in self.deals)
        return int(self.is_new or self.is_updated) + len(self.contacts) + new + len(self.talks)
