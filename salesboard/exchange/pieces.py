"""Cuts a plan into steps: each is one transaction, short enough that people's moves hardly wait."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from salesboard.exchange.bundles import Bundle, ContactPlan, DealPlan, TalkPlan
from salesboard.exchange.traces import Brought

AT_ONCE = 600
"""Rows that one transaction writes, about: a deal is itself, and a stay with its note for each stage it was in; a
customer has needs and a line in the audit log. That many take about 0.2 s."""
WEIGHT_OF_DEAL = WEIGHT_OF_CUSTOMER = 4


@dataclass
class Piece:
    """A part of a bundle; one deal and the talks that saw it move are never parted.

    `is_whole` when nothing of the customer came before or comes later.
    """

    bundle: Bundle
    is_revision: bool = False
    """The customer, who was here before, is to be changed."""
    contacts: list[ContactPlan] = field(default_factory=list)
    changed_contacts: list[ContactPlan] = field(default_factory=list)
    deals: list[DealPlan] = field(default_factory=list)
    changed_deals: list[DealPlan] = field(default_factory=list)
    talks: list[TalkPlan] = field(default_factory=list)
    weight: int = 1
    size: int = 0
    """Records that it brings in or changes, in the sense of `Plan.size`."""
    is_whole: bool = False


def steps_of(bundles: Iterable[Bundle], brought: Brought) -> Iterator[list[Piece]]:
    """What is not in yet, in transactions."""
    step: list[Piece] = []
    weight = 0
    for bundle in bundles:
        for piece in _pieces_of(bundle, brought):
            if step and weight + piece.weight > AT_ONCE:
                yield step
                step, weight = [], 0
            step.append(piece)
            weight += piece.weight
    if step:
        yield step


def _pieces_of(bundle: Bundle, brought: Brought) -> Iterator[Piece]:
    """Contacts with the first piece, then deals, then the talks that are left."""
    _recall(bundle, brought)
    is_new = bundle.id is None
    first = Piece(bundle, size=int(is_new), weight=WEIGHT_OF_CUSTOMER if is_new else 1)
    if bundle.is_updated and brought.id_of("customer", bundle.place) is None:
        first.is_revision, first.size = True, 1
    first.contacts = [each for each in bundle.contacts if brought.id_of("contact", each.place) is None]
    first.changed_contacts = [
        each for each in bundle.changed_contacts if brought.id_of("contact", each.place) is None
    ]
    people = len(first.contacts) + len(first.changed_contacts)
    first.weight += people
    first.size += people
    cut = _Cut(first)
    talks = {id(talk): talk for talk in bundle.talks if brought.id_of("followup", talk.place) is None}
    for deal in bundle.deals:
        if deal.is_changed and brought.id_of("deal", deal.place) is None:
            yield from cut.make_room(1)
            cut.add_change(deal)
        elif deal.id is None:
            seen = [talks.pop(id(talk)) for _day, _stage, talk in deal.sightings if id(talk) in talks]
            yield from cut.make_room(WEIGHT_OF_DEAL + 3 * len(seen))
            cut.add_deal(deal, seen)
    for talk in talks.values():
        yield from cut.make_room(1)
        cut.add_talk(talk)
    last = cut.piece
    last.is_whole = is_new and last is first
    if is_new or last.size or last.changed_deals or last is not first:
        yield last


def _recall(bundle: Bundle, brought: Brought) -> None:
    """Which records of the bundle an earlier run has made."""
    bundle.id = bundle.id or brought.id_of("customer", bundle.place)
    for deal in bundle.deals:
        deal.id = deal.id or brought.id_of("deal", deal.place)


@dataclass
class _Cut:
    """The piece that is being filled."""

    piece: Piece

    def make_room(self, weight: int) -> Iterator[Piece]:
        """Gives the piece away when so much more would be too much for it."""
        if self.piece.size and self.piece.weight + weight > AT_ONCE:
            yield self.piece
            self.piece = Piece(self.piece.bundle)

    def add_change(self, deal: DealPlan) -> None:
        self.piece.changed_deals.append(deal)
        self.piece.weight += 2
        self.piece.size += int(deal.is_updated)

    def add_deal(self, deal: DealPlan, talks: list[TalkPlan]) -> None:
        self.piece.deals.append(deal)
        self.piece.talks.extend(talks)
        self.piece.weight += WEIGHT_OF_DEAL + 3 * len(talks)
        self.piece.size += 1 + len(talks)

    def add_talk(self, talk: TalkPlan) -> None:
        self.piece.talks.append(talk)
        self.piece.weight += 1
        self.piece.size += 1
