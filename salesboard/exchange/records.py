"""What the rows of an understood sheet say: typed records, or the reason why a row is not taken.

Everything here is read from the file alone. Whether a customer exists already, whom an owner's name means and what
is created or updated is decided when the import is planned against the database.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from salesboard.customers.custom_rules import FieldShape
from salesboard.customers.rules import (
    Attitude,
    Channel,
    ContactRole,
    CustomerStatus,
    Level,
    Need,
    Priority,
    needs_in,
)
from salesboard.customers.ways import BETWEEN_PHONES
from salesboard.deals.rules import LostReason, Stage
from salesboard.exchange.channels import NO_CHANNELS, Channels
from salesboard.exchange.fields import OwnValue
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Reason
from salesboard.exchange.values import cell_text, is_private, storable
from salesboard.exchange.words import Lost, LostBecause
from salesboard.followups.rules import Method

Values = Mapping[str, Any]
"""A row's values by field key; all ways to reach its contact together under `CHANNELS`."""
CHANNELS = "contact.channels"
LONGEST_PHONE = 60


@dataclass(frozen=True, kw_only=True, slots=True)
class CustomerRecord:
    """A customer, or only its name or number where the row is about something else.

    `number` is as the file has it, here and in the other records: it may be of another program's making.
    """

    number: str | None = None
    external_id: str | None = None
    name: str | None = None
    industry: str | None = None
    employees: int | None = None
    annual_revenue: Decimal | None = None
    main_business: str | None = None
    region: str | None = None
    source: str | None = None
    first_contact_date: date | None = None
    status: CustomerStatus | None = None
    level: Level | None = None
    owner: str | None = None
    needs: str | None = None
    need_priorities: tuple[Priority, ...] | None = None
    """One for each of the needs that the same row tells."""
    remarks: str | None = None
    created_by: str | None = None
    verified_by: str | None = None
    verified_date: date | None = None
    own: Mapping[FieldShape, str] = field(default_factory=dict)
    """What stands in fields of the installation's own."""
    may_stand_in: bool = False
    """Without a name, a customer that nobody knows may be made under its number elsewhere."""

    @property
    def stand_in(self) -> str | None:
        """What such a customer is called until its name is known."""
        return f"#{self.external_id}" if self.external_id else None

    @classmethod
    def of(cls, values: Values) -> Self:
        facts = _facts(cls, "customer", values)
        if "need_priorities" in facts:
            facts["need_priorities"] = _for_each(facts.get("needs"), facts["need_priorities"])
        return cls(**facts)

    def needs_told(self, known: tuple[Need, ...] = ()) -> tuple[Need, ...]:
        """The needs with their priorities; where the row gives none, those that `known` ones have."""
        needs = needs_in(self.needs, known)
        if self.need_priorities is None:
            return needs
        missing = [Priority.NORMAL] * (len(needs) - len(self.need_priorities))
        told = zip(needs, [*self.need_priorities, *missing], strict=False)
        return tuple(replace(need, priority=priority) for need, priority in told)


@dataclass(frozen=True, kw_only=True, slots=True)
class ContactRecord:
    """A person; without a name where the file gives only a way to reach one."""

    name: str | None = None
    title: str | None = None
    phone: str | None = None
    email: str | None = None
    wechat: str | None = None
    role: ContactRole | None = None
    attitude: Attitude | None = None
    reports_to: str | None = None
    """The name of another of the customer's people."""
    preferred_channel: Channel | None = None
    other_ways: tuple[str, ...] = ()
    """Further numbers and addresses of the same row."""

    @property
    def facts(self) -> dict[str, Any]:
        """What is said of the person, by the names of a contact's columns."""
        told = ("title", "email", "wechat", "role", "attitude", "preferred_channel", "reports_to")
        return {name: getattr(self, name) for name in told} | {"phone": self.phone_line}

    @property
    def phone_line(self) -> str | None:
        """All telephone numbers, as many as there is room for."""
        line = ""
        for phone in self.phones:
            longer = f"{line}{BETWEEN_PHONES}{phone}" if line else phone
            if len(longer) <= LONGEST_PHONE:
                line = longer
        return line or None

    @property
    def phones(self) -> list[str]:
        return [way for way in (self.phone, *self.other_ways) if way and "@" not in way]

    @classmethod
    def of(cls, values: Values) -> Self | None:
        """None when the row says neither who nor how to reach."""
        ways: Channels = values.get(CHANNELS, NO_CHANNELS)
        contact = cls(
            name=values.get("contact.contact_name") or _full_name(values),
            title=values.get("contact.contact_title"),
            phone=next(iter(ways.phones), None),
            email=next(iter(ways.emails), None),
            wechat=ways.wechat,
            role=values.get("contact.contact_role"),
            attitude=values.get("contact.attitude"),
            reports_to=values.get("contact.reports_to"),
            preferred_channel=values.get("contact.preferred_channel"),
            other_ways=ways.phones[1:] + ways.emails[1:],
        )
        return contact if contact.name or ways != NO_CHANNELS else None


@dataclass(frozen=True, kw_only=True, slots=True)
class DealRecord:
    """A deal; without a name where the sheet knows one deal per customer and names none."""

    number: str | None = None
    external_id: str | None = None
    name: str | None = None
    stage: Stage | Lost | None = None
    amount: Decimal | None = None
    budget: Decimal | None = None
    probability: int | None = None
    expected_close: date | None = None
    owner: str | None = None
    created_date: date | None = None
    entered_date: date | None = None
    closed_date: date | None = None
    contract_number: str | None = None
    contract_amount: Decimal | None = None
    payment_terms: str | None = None
    lost_reason: LostBecause | None = None
    competitor: str | None = None
    first_goal: str | None = None
    own: Mapping[FieldShape, str] = field(default_factory=dict)

    @classmethod
    def of(cls, values: Values) -> Self | None:
        """None when the row says nothing of a deal."""
        facts = _facts(cls, "deal", values)
        ended = values.get("deal.outcome")
        if ended is Lost.LOST or (ended is Stage.WON and not _is_signed(facts.get("stage"))):
            facts["stage"] = ended
        if words := values.get("deal.lost_words"):
            because = facts.get("lost_reason")
            facts["lost_reason"] = LostBecause(because.reason if because else LostReason.OTHER, words)
        return cls(**facts) if facts else None

    @property
    def is_closed(self) -> bool:
        return self.stage is Lost.LOST or _is_signed(self.stage)


@dataclass(frozen=True, kw_only=True, slots=True)
class FollowUpRecord:
    """A talk. `occurred_at` is a date where the file gives no time, and naive where it names no zone."""

    number: str | None = None
    external_id: str | None = None
    occurred_at: date | datetime
    previous_at: date | None = None
    author: str | None = None
    method: Method | None = None
    participants: str | None = None
    content: str | None = None
    feedback: str | None = None
    agreed: str | None = None
    materials: str | None = None
    promised: str | None = None
    needs: str | None = None
    objection: str | None = None
    competitor_news: str | None = None
    opportunity_risk: str | None = None
    next_step: str | None = None
    next_due: date | None = None
    next_method: Method | None = None
    stage: Stage | Lost | None = None
    """Where the deal stood after the talk, as far as the row says."""

    @classmethod
    def of(cls, values: Values) -> Self | None:
        """None when the row gives no date. Who looks after the deal is taken to have had the talk."""
        facts = _facts(cls, "followup", values)
        if "occurred_at" not in facts:
            return None
        author = facts.pop("author", None) or values.get("deal.owner")
        return cls(**facts, author=author, stage=values.get("deal.stage"))


def row_told(heads: tuple[str | None, ...], cells: tuple[Cell, ...]) -> str:
    """The row as it stands in the file, for a note: "Head: value; Head: value". It is told only when it is asked for:
    kept for every row, it would take as much memory as the file."""
    said = [
        (head, cell_text(cell))
        for head, cell in zip(heads, cells, strict=False)
        if head is not None and cell is not None and not is_private(cell)
    ]
    return storable("; ".join(f"{head}: {text}" if head else text for head, text in said))


@dataclass(frozen=True, slots=True)
class Problem:
    """A value that was left out of a row that is taken."""

    column: str
    reason: Reason


@dataclass(frozen=True, kw_only=True, slots=True)
class RowRecords:
    """All that one row says."""

    sheet: str
    row: int
    customer: CustomerRecord
    contact: ContactRecord | None = None
    deal: DealRecord | None = None
    followup: FollowUpRecord | None = None
    problems: tuple[Problem, ...] = ()
    cells: tuple[Cell, ...] = ()
    """As they were, to be handed back should the plan not take the row."""
    heads: tuple[str | None, ...] = ()
    """Those of its sheet; None for a column that is not told."""
    homes: tuple[str, ...] = ()
    """The heads of what reads like a home address."""

    @property
    def text(self) -> str:
        return row_told(self.heads, self.cells)


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that is not taken, with the cells as they were, to be handed back."""

    sheet: str
    row: int
    reason: Reason
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Ignored:
    """A row that was never meant as a record: `title`, `head`, `blank` or `totals`."""

    sheet: str
    row: int
    why: str


Outcome = RowRecords | Rejection | Ignored


def _full_name(values: Values) -> str | None:
    """First and last name as one, the Chinese way round and unparted where they are Chinese."""
    first, last = values.get("contact.first_name", ""), values.get("contact.last_name", "")
    if (first + last).isascii():
        return f"{first} {last}".strip() or None
    is_chinese = all("\u4e00" <= letter <= "\u9fff" for letter in first + last)
    return last + first if is_chinese else f"{first} {last}".strip()


def _for_each(needs: str | None, priorities: tuple[Priority, ...]) -> tuple[Priority, ...] | None:
    """One for each need: a single word speaks of all of them; none where the row tells no needs."""
    count = len(needs_in(needs))
    return (priorities * count if len(priorities) == 1 else priorities[:count]) or None


def _is_signed(stage: object) -> bool:
    return isinstance(stage, Stage) and stage.is_signed


def _facts(record: type, kind: str, values: Values) -> dict[str, Any]:
    keys = ((each.name, f"{kind}.{each.name}") for each in fields(record))
    facts = {name: values[key] for name, key in keys if key in values}
    own = {
        value.shape: value.text
        for key, value in values.items()
        if isinstance(value, OwnValue) and key.startswith(f"{kind}.")
    }
    return facts | {"own": own} if own else facts
