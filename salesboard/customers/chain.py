"""The decision chain (决策链): who decides over whom at a customer, and what is missing. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from salesboard.customers.rules import Attitude, ContactRole, goes_round

WIDEST_DRAWN = 3
"""So many people stand beside each other; a wider chain is told as a list."""


@dataclass(frozen=True, kw_only=True)
class Link:
    """A contact as a part of the chain; `met_on` is the day of the last talk that names them."""

    id: int
    name: str
    title: str | None = None
    role: ContactRole | None = None
    attitude: Attitude = Attitude.UNKNOWN
    boss_id: int | None = None
    met_on: date | None = None


class GapKind(StrEnum):
    """What is missing in a chain."""

    NO_DECISION_MAKER = "no_decision_maker"
    NO_FINANCE = "no_finance"
    UNMET = "unmet"


@dataclass(frozen=True)
class Gap:
    """Something missing; `link` is the decision maker who was not met, `days` how long ago the last talk is."""

    kind: GapKind
    link: Link | None = None
    days: int | None = None


@dataclass
class Node:
    """A place in the drawing: a person with those below, or what is missing there.

    `is_assumed`: nobody said so, but whoever reports to no one stands below the one who decides.
    """

    link: Link | None = None
    gap: Gap | None = None
    is_assumed: bool = False
    below: list[Node] = field(default_factory=list)

    @property
    def width(self) -> int:
        """How many people stand beside each other at its widest."""
        return max(1, sum(node.width for node in self.below))


@dataclass(frozen=True)
class Chain:
    """The whole chain: its tops, its gaps in the order of their weight."""

    tops: Sequence[Node]
    gaps: Sequence[Gap]

    @property
    def gap_of(self) -> dict[int, Gap]:
        """By contact the gap that is about them."""
        return {gap.link.id: gap for gap in self.gaps if gap.link}

    @property
    def is_drawn(self) -> bool:
        """Whether it is small enough to be drawn side by side."""
        return sum(node.width for node in self.tops) <= WIDEST_DRAWN


def chain_of(links: Iterable[Link], *, today: date, unmet_days: int) -> Chain:
    """Orders people by whom they report to; who is in a circle or reports to nobody known stands on top.

    Everybody without a superior stands below the decision maker, where there is exactly one without a superior.
    Without anybody there is nothing to be missing yet.
    """
    people = list(links)
    gaps = gaps_in(people, today=today, unmet_days=unmet_days) if people else []
    nodes = {link.id: Node(link) for link in people}
    bosses = {link.id: link.boss_id for link in people}
    roots: list[Node] = []
    for link in people:
        boss = (
            None
            if link.boss_id is None or goes_round(link.id, link.boss_id, bosses)
            else nodes.get(link.boss_id)
        )
        (boss.below if boss else roots).append(nodes[link.id])
    tops = _below_the_one_who_decides(roots)
    for gap in gaps:
        if gap.kind is GapKind.NO_DECISION_MAKER:
            tops = [Node(gap=gap, below=tops)]
            for node in tops[0].below:
                node.is_assumed = True
        elif gap.kind is GapKind.NO_FINANCE:
            (tops[0].below if len(tops) == 1 else tops).append(Node(gap=gap, is_assumed=True))
    return Chain(tops, gaps)


def gaps_in(links: Sequence[Link], *, today: date, unmet_days: int) -> list[Gap]:
    """No decision maker known; nobody of buying or finance; a decision maker with whom nobody talked for
    `unmet_days` calendar days, or ever."""
    gaps: list[Gap] = []
    deciding = [link for link in links if link.role is ContactRole.DECISION_MAKER]
    if not deciding:
        gaps.append(Gap(GapKind.NO_DECISION_MAKER))
    if not any(link.role is ContactRole.BUYER for link in links):
        gaps.append(Gap(GapKind.NO_FINANCE))
    for link in deciding:
        days = (today - link.met_on).days if link.met_on else None
        if days is None or days >= unmet_days:
            gaps.append(Gap(GapKind.UNMET, link, days))
    return gaps


def is_named(name: str, participants: str) -> bool:
    """Whether a list of participants names this person: the whole name, not a part of a longer one."""
    found = re.escape(name.strip())
    is_latin = name.strip()[:1].isascii()
    return bool(name.strip()) and bool(
        re.search(rf"(?<!\w){found}(?!\w)" if is_latin else found, participants, re.IGNORECASE)
    )


def _below_the_one_who_decides(roots: list[Node]) -> list[Node]:
    deciding = [node for node in roots if node.link and node.link.role is ContactRole.DECISION_MAKER]
    if len(deciding) != 1:
        return roots
    top = deciding[0]
    for node in roots:
        if node is not top:
            node.is_assumed = True
            top.below.append(node)
    return [top]
