"""What a file says of one customer, gathered from all its sheets."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from salesboard.customers.rules import name_key
from salesboard.deals.rules import Stage
from salesboard.exchange.existing import KnownCustomer, KnownDeal
from salesboard.exchange.reading import Cell
from salesboard.exchange.records import ContactRecord, CustomerRecord, DealRecord, FollowUpRecord, row_told
from salesboard.exchange.words import Lost

SHORTEST_SHORT_NAME = 2
"""Letters of a key below which a part of a name says nothing."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the file something stands."""

    sheet: str
    row: int
    heads: tuple[str | None, ...] = ()
    cells: tuple[Cell, ...] = ()

    @property
    def text(self) -> str:
        """The row as it stands there."""
        return row_told(self.heads, self.cells)


@dataclass(slots=True)
class ContactPlan:
    """A person to be added, under the customer's name where the file gives only a way to reach one; or, where the `id`
    is that of somebody who is here, what the file says otherwise of them: `changed`."""

    place: Place
    record: ContactRecord
    name: str
    id: int | None = None
    changed: tuple[str, ...] = ()


@dataclass(slots=True)
class DealPlan:
    """A deal of the file: new, or `known` in the database already. `id` is its record's, once there is one."""

    place: Place
    record: DealRecord
    known: KnownDeal | None = None
    is_updated: bool = False
    fills: bool = False
    """An update takes over only what the record leaves empty; so for customers."""
    sightings: list[tuple[date, Stage | Lost, TalkPlan]] = field(default_factory=list)
    """Where talks of the file saw the deal stand."""
    talks: list[TalkPlan] = field(default_factory=list)
    next_talk: TalkPlan | None = None
    """The talk whose next step becomes the deal's."""
    id: int | None = None

    def __post_init__(self) -> None:
        if self.known is not None:
            self.id = self.known.id

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def is_changed(self) -> bool:
        """A deal that is here is given something."""
        return self.known is not None and (self.is_updated or self.next_talk is not None)


@dataclass(slots=True)
class TalkPlan:
    """A talk to be filed, with its moment in UTC and the words it will be kept under."""

    place: Place
    record: FollowUpRecord
    occurred_at: datetime
    occurred_on: date
    content: str
    deal: DealPlan | None = None

    @property
    def plans(self) -> bool:
        """Whether it says what comes next, and by when: on a deal neither stands without the other."""
        return bool(self.record.next_step and self.record.next_due)


@dataclass(slots=True)
class Bundle:
    """A customer, its contacts, deals and talks. `id` is the customer's record's, once there is one."""

    place: Place
    record: CustomerRecord
    known: KnownCustomer | None = None
    is_updated: bool = False
    fills: bool = False
    has_own_row: bool = False
    """A row of the file is about the customer itself, not only about something of it."""
    owner: str | None = None
    contacts: list[ContactPlan] = field(default_factory=list)
    changed_contacts: list[ContactPlan] = field(default_factory=list)
    deals: list[DealPlan] = field(default_factory=list)
    talks: list[TalkPlan] = field(default_factory=list)
    plans_of_known: dict[int, DealPlan] = field(default_factory=dict)
    """Those of `deals` that are here, by their id."""
    contact_names: set[str] = field(default_factory=set)
    contact_ways: set[str] = field(default_factory=set)
    """How its people are reached, be they here or in the file."""
    id: int | None = None

    def __post_init__(self) -> None:
        if self.known is not None:
            self.id = self.known.id
            self.contact_names |= self.known.contacts.keys()
            self.contact_ways |= self.known.contact_ways

    @property
    def is_new(self) -> bool:
        return self.known is None

    @property
    def name(self) -> str:
        return self.record.name or (self.known.name if self.known else "")

    @property
    def earliest_contact(self) -> date | None:
        """The earliest day of those on which the file says there was a talk before another one."""
        told = (talk.record.previous_at for talk in self.talks)
        return min((day for day in told if day is not None), default=None)

    @property
    def only_deal(self) -> DealPlan | None:
        """The deal that a row means when it names none: the customer's only one."""
        return self.deals[0] if len(self.deals) == 1 else None

    @property
    def size(self) -> int:
        """How many records come in or change."""
        deals = sum(deal.is_new or deal.is_updated for deal in self.deals)
        people = len(self.contacts) + len(self.changed_contacts)
        return int(self.is_new or self.is_updated) + people + deals + len(self.talks)

    def is_called(self, name: str | None) -> bool:
        """Whether `name` says nothing against this customer."""
        return name is None or not self.name or sounds_like(name_key(name), name_key(self.name))


def sounds_like(one: str, other: str) -> bool:
    """Whether one key is the other or a part of it, as a short name is: together with the same number that will do."""
    shorter, longer = sorted((one, other), key=len)
    return shorter == longer or (len(shorter) >= SHORTEST_SHORT_NAME and shorter in longer)
