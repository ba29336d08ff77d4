"""Two customers side by side: each fact as people read it, and which of the two is taken unless another is picked."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField

from salesboard.customers.custom_fields import every_field
from salesboard.customers.custom_rules import FieldShape, Subject
from salesboard.customers.custom_wording import shown as own_shown
from salesboard.customers.merging import COLUMNS, OWN, Pick, facts_of, needs_told
from salesboard.customers.models import Customer
from salesboard.customers.wording import FACT_NAMES, LEVEL_NAMES, STATUS_NAMES
from salesboard.fields import PageForm, Version, choices_of
from salesboard.formats import day, full_money

ORDER = (
    "name",
    "owner_id",
    "level",
    *(name for name in COLUMNS if name not in ("name", "owner_id", "level")),
    "needs",
)
WORDS = frozenset({"needs", "remarks"})
"""Facts that may be taken of both."""


@dataclass(frozen=True)
class Compared:
    """One fact of two customers; `field` is its name in the form, the two values are as people read them."""

    name: str
    label: str
    mine: str
    theirs: str
    best: Pick

    @property
    def field(self) -> str:
        return f"pick_{self.name.replace(':', '_')}"

    @property
    def differs(self) -> bool:
        return self.mine != self.theirs

    @property
    def picks(self) -> list[Pick]:
        """What can be picked."""
        both = [Pick.BOTH] if self.name in WORDS and self.mine and self.theirs else []
        return [Pick.SURVIVOR, Pick.LOSER, *both]

    def value(self, pick: str) -> str:
        """What stands beside a pick; the words of both need no saying again."""
        return {Pick.SURVIVOR: self.mine, Pick.LOSER: self.theirs}.get(Pick(pick), "")


def compare(survivor: Customer, loser: Customer, *, with_status: bool) -> list[Compared]:
    """Every fact of which either has anything, in the order of the customer's page. The status is compared where
    there are no deals that it follows."""
    mine, theirs = facts_of(survivor), facts_of(loser)
    owners = {customer.owner_id: customer.owner.name for customer in (survivor, loser)}
    own = {f"{OWN}{field.id}": field for field in every_field() if field.subject is Subject.CUSTOMER}
    names = [*ORDER, *(["status"] if with_status else []), *own]
    compared = []
    for name in names:
        first, second = (_told(name, facts.get(name), owners, own) for facts in (mine, theirs))
        if first or second:
            best = _best(name, mine.get(name), theirs.get(name))
            compared.append(Compared(name, _label(name, own), first, second, best))
    return compared


class MergeForm(PageForm):
    """Which facts are taken; there is a field of each fact that differs. Two versions, one of each customer."""

    version: Any = Version()
    other_version: Any = Version()

    def picks(self, lines: list[Compared]) -> dict[str, Pick]:
        return {line.name: Pick(self[line.field].data) for line in lines if line.differs}


PICK_NAMES = {
    Pick.SURVIVOR: _l("of the one that is kept"),
    Pick.LOSER: _l("of the other"),
    Pick.BOTH: _l("both, one after the other"),
}


def merge_form(lines: list[Compared], **known: Any) -> MergeForm:
    """The form of these facts; `known` are the versions, where it is shown for the first time."""
    fields = {
        line.field: RadioField(
            line.label,
            choices=choices_of({p.value: PICK_NAMES[p] for p in line.picks}),
            default=line.best.value,
        )
        for line in lines
        if line.differs
    }
    form: type[MergeForm] = type("MergeFormOfTwo", (MergeForm,), fields)
    return form(data=known) if known else form()


def _best(name: str, mine: Any, theirs: Any) -> Pick:
    """What is known of one alone is taken; of two days of first contact the earlier; words of both; else what the kept
    one says."""
    if not mine and theirs:
        return Pick.LOSER
    if name in WORDS and mine and theirs:
        return Pick.BOTH
    return Pick.LOSER if name == "first_contact_date" and theirs and theirs < mine else Pick.SURVIVOR


def _label(name: str, own: Mapping[str, FieldShape]) -> str:
    if name in own:
        return own[name].name
    return str(FACT_NAMES["owner" if name == "owner_id" else name])


def _told(name: str, value: Any, owners: Mapping[int, str], own: Mapping[str, FieldShape]) -> str:
    if value in (None, ""):
        return ""
    if name in own:
        return str(own_shown(own[name], value))
    if name == "owner_id":
        return owners.get(value, _("Somebody"))
    if name == "level":
        return str(LEVEL_NAMES[value])
    if name == "status":
        return str(STATUS_NAMES[value])
    if name == "annual_revenue":
        return str(full_money(Decimal(value)))
    if name == "first_contact_date":
        return str(day(date.fromisoformat(value), "full"))
    return "\n".join(_need_lines(value)) if name == "needs" else str(value)


def _need_lines(kept: Any) -> Iterator[str]:
    yield from (need.text for need in needs_told(kept))
