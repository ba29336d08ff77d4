"""The columns of the list of customers: which there are, and which of them somebody has chosen, in which order."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from salesboard.customers.custom_rules import FieldKind, FieldShape
from salesboard.customers.filters import Parameters
from salesboard.customers.orders import CustomerKey

CHOSEN = "customer_columns"
"""Under this name a person's preferences keep the codes of the columns, in their order."""

BETWEEN = "."
"""Between the codes in an address."""


@dataclass(frozen=True)
class ListColumn:
    """One column beside the name: its code, its head, and the classes of its cells; `key` where one can sort by it.

    `place` says when there is room for it, where nobody has chosen: x0 before x1 before x2l.
    """

    code: str
    words: LazyString | str
    key: CustomerKey | None = None
    css: str = "nowrap"
    place: str = ""
    field: FieldShape | None = None


NAME = ListColumn("name", _l("Customer"), CustomerKey.NAME, "")
"""Always there, always first."""

_OF_RECORD = (
    ListColumn("level", _l("Level"), CustomerKey.LEVEL, "nowrap o2", "x0"),
    ListColumn("status", _l("Status"), CustomerKey.STATUS, "nowrap o1"),
    ListColumn("owner", _l("Owner"), CustomerKey.OWNER, "nowrap o4"),
    ListColumn("region", _l("Region"), CustomerKey.REGION, "own", "x1"),
    ListColumn("contact", _l("Contact"), None, "own", "x1"),
    ListColumn("talk", _l("Last talk"), None, "nowrap stay o5"),
    ListColumn("next", _l("Next step"), None, "full"),
    ListColumn("open", _l("Under way"), None, "n amt o3"),
    ListColumn("signed", _l("Signed"), None, "n"),
    ListColumn("industry", _l("Industry"), CustomerKey.INDUSTRY, "own"),
    ListColumn("source", _l("Source"), CustomerKey.SOURCE, "own"),
    ListColumn("employees", _l("Employees"), CustomerKey.EMPLOYEES, "n"),
    ListColumn("main_business", _l("Main business"), None, "full"),
    ListColumn("needs", _l("Needs and pain points"), None, "full"),
    ListColumn("remarks", _l("Remarks"), None, "full"),
    ListColumn("first_contact", _l("First contact"), CustomerKey.FIRST_CONTACT),
    ListColumn("number", _l("Number"), CustomerKey.NUMBER),
    ListColumn("external_id", _l("External number"), None, "own"),
    ListColumn("created", _l("Created"), CustomerKey.CREATED),
    ListColumn("created_by", _l("Created by")),
    ListColumn("updated", _l("Last changed"), CustomerKey.UPDATED),
    ListColumn("verified", _l("Checked"), CustomerKey.VERIFIED),
    ListColumn("verified_by", _l("Checked by")),
)
USUAL = ("level", "status", "owner", "region", "contact", "talk", "open")


@dataclass(frozen=True)
class Columns:
    """The columns that a list shows beside the name, in their order, and all that there are."""

    shown: tuple[ListColumn, ...]
    every: tuple[ListColumn, ...]
    are_chosen: bool
    """Whether somebody chose them: then all of them are shown, however narrow the screen."""

    @classmethod
    def of(cls, fields: Sequence[FieldShape], codes: Iterable[object] | None = None) -> Columns:
        """Those that `codes` name; without any, the usual ones and the installation's own that stand in lists."""
        every = (*_OF_RECORD, *(_own(field) for field in fields))
        by_code = {column.code: column for column in every}
        chosen = [by_code[code] for code in dict.fromkeys(codes or ()) if code in by_code]
        if chosen:
            return cls(tuple(chosen), every, are_chosen=True)
        listed = [code_of(field) for field in fields if field.is_listed]
        return cls(tuple(by_code[code] for code in (*USUAL, *listed)), every, are_chosen=False)

    @classmethod
    def parse(cls, parameters: Parameters, fields: Sequence[FieldShape], preferred: object) -> Columns:
        """Those of the address, `cols=level.owner`; else those that the person prefers."""
        asked = next(iter(parameters.get("cols", ())), "")
        if asked:
            found = cls.of(fields, asked.split(BETWEEN)[:100])
            if found.are_chosen:
                return found
        return cls.of(fields, preferred if isinstance(preferred, list) else None)

    def __contains__(self, code: str) -> bool:
        return any(column.code == code for column in self.shown)

    def __str__(self) -> str:
        return BETWEEN.join(column.code for column in self.shown)

    @property
    def own(self) -> list[FieldShape]:
        """The installation's own fields among them."""
        return [column.field for column in self.shown if column.field]

    @property
    def in_order(self) -> tuple[ListColumn, ...]:
        """All there are, those that are shown first."""
        return (*self.shown, *(column for column in self.every if column not in self.shown))

    def moved(self, code: str, by: int) -> list[str]:
        """The codes of those shown, this one so many places further on; as they were where there is no such place."""
        codes = [column.code for column in self.shown]
        if code in codes and 0 <= codes.index(code) + by < len(codes):
            place = codes.index(code)
            codes.insert(place + by, codes.pop(place))
        return codes


def code_of(field: FieldShape) -> str:
    return f"x{field.id}"


def _own(field: FieldShape) -> ListColumn:
    css = "own n" if field.kind is FieldKind.NUMBER else "own"
    return ListColumn(code_of(field), field.name, None, css, "x2l", field)
