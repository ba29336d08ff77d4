"""Walks the chain of digests and names every record that does not fit, the first one first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select

from salesboard.database import db
from salesboard.followups.corrections import Correction
from salesboard.followups.digest_chain import (
    ChainHead,
    ChainLink,
    LinkKind,
    corrected,
    objected,
    taken_back,
    written,
)
from salesboard.followups.digests import SAID, chained
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection, ObjectionStep
from salesboard.followups.rules import ObjectionState

AT_ONCE = 1000


def chain_end() -> tuple[int, str]:
    """How long the chain is and the digest it ends in, to be noted down elsewhere; (0, "") where there is none."""
    head = db.session.execute(select(ChainHead.length, ChainHead.digest)).one_or_none()
    return (head.length, head.digest) if head else (0, "")


def passes_through(position: int, digest: str) -> bool:
    """Whether the link that once was the last one still has the digest that was noted down then."""
    if position == 0:
        return digest == ""
    return digest == db.session.scalar(select(ChainLink.digest).where(ChainLink.position == position))


def records_out_of_chain() -> Iterator[str]:
    """What does not fit, in the order of the chain; then what stands outside it. Seven SELECTs."""
    removed, records = _removed(), Records()
    before, position, last = "", 0, "the beginning"
    for link in db.session.execute(_links().execution_options(yield_per=AT_ONCE)):
        if link.position != position + 1:
            yield f"{_links_missing(link.position - position - 1)} between {last} and {link.number}"
        elif link.digest != chained(before, link.position, link.happened, link.number, link.said):
            yield f"{link.number} (link {link.position} does not follow the one before)"
        if link.position > removed.get(link.number, 0) and (fault := records.fault_of(link)):
            yield f"{link.number} ({fault})"
        before, position, last = link.digest, link.position, link.number
    length, digest = chain_end()
    if length > position:
        yield f"{_links_missing(length - position)} after {last}"
    elif (length, digest) != (position, before):
        yield f"{last} (the chain's head knows another end)"
    yield from (f"{number} (corrected outside the chain)" for number in records.corrected_outside())
    yield from (f"{number} (an objection stands otherwise)" for number in records.settled_outside())
    yield from _unchained()


def _links_missing(count: int) -> str:
    return f"{count} links missing" if count > 1 else "a link missing"


class Records:
    """The records that the links stand for, as they were at each link."""

    def __init__(self) -> None:
        self._corrections: dict[str, dict[int, Correction]] = defaultdict(dict)
        corrections = select(FollowUp.number, Correction).join(
            Correction, Correction.followup_id == FollowUp.id
        )
        for row in db.session.execute(corrections):
            self._corrections[row.number][row.Correction.version] = row.Correction
        self._objections: dict[str, list[Objection]] = defaultdict(list)
        self._steps: dict[str, list[tuple[int, ObjectionStep]]] = defaultdict(list)
        objections = select(FollowUp.number, Objection).join(Objection, Objection.followup_id == FollowUp.id)
        for raised in db.session.execute(objections.order_by(Objection.followup_id, Objection.position)):
            self._objections[raised.number].append(raised.Objection)
        steps = select(FollowUp.number, Objection.position, ObjectionStep).join(
            Objection, Objection.followup_id == FollowUp.id
        )
        steps = steps.join(ObjectionStep, ObjectionStep.objection_id == Objection.id)
        for step in db.session.execute(steps.order_by(ObjectionStep.id)):
            self._steps[step.number].append((step.position, step.ObjectionStep))
        self._told: Counter[tuple[LinkKind, str]] = Counter()
        """How many corrections and steps of objections the chain has told of each record so far."""

    def fault_of(self, link: Any) -> str | None:
        """What is wrong with the record that a link stands for."""
        if link.happened is LinkKind.REMOVED:
            return None
        if link.id is None:
            return "gone"
        if link.happened is LinkKind.TAKEN_BACK:
            told = taken_back(link.number, link.taken_back_at)
            return None if told.said == link.said else "no longer taken back as it was"
        self._told[link.happened, link.number] += 1
        if link.happened is LinkKind.OBJECTION:
            return self._fault_of_step(link)
        corrections, version = self._corrections.get(link.number, {}), 1
        if link.happened is LinkKind.CORRECTED:
            version += self._told[link.happened, link.number]
        objections = self._objections.get(link.number, ())
        said = {**link._mapping, "objections": [[each.text, each.told] for each in objections]}
        if version in corrections:
            said |= corrections[version].before
        if version == 1:
            return None if written(link.number, said).said == link.said else "not as it was recorded"
        by = corrections.get(version - 1)
        is_right = by is not None and corrected(link.number, said, by.facts).said == link.said
        return None if is_right else "not as it was corrected"

    def _fault_of_step(self, link: Any) -> str | None:
        steps, place = self._steps.get(link.number, []), self._told[link.happened, link.number] - 1
        if place < len(steps):
            position, step = steps[place]
            if objected(link.number, position, step.facts).said == link.said:
                return None
        return "what became of an objection is not as it was recorded"

    def settled_outside(self) -> list[str]:
        """Those of whose objections somebody said more than the chain tells, or that stand otherwise."""
        otherwise = set()
        for number, objections in self._objections.items():
            last = {position: step.state for position, step in self._steps.get(number, ())}
            states = {each.position: each.state for each in objections}
            told = {each.position: each.told or ObjectionState.RAISED for each in objections}
            if states != {**told, **last}:
                otherwise.add(number)
        more = (n for n, steps in self._steps.items() if len(steps) != self._told[LinkKind.OBJECTION, n])
        return sorted(otherwise.union(more))

    def corrected_outside(self) -> list[str]:
        """Those with more corrections than the chain tells of, or with a version of which nobody told."""
        kept = select(FollowUp.number, FollowUp.version).where(
            or_(FollowUp.version != 1, FollowUp.id.in_(select(Correction.followup_id)))
        )
        versions = {row.number: row.version for row in db.session.execute(kept)}
        return sorted(
            number
            for number, version in versions.items()
            if not version - 1
            == len(self._corrections.get(number, ()))
            == self._told[LinkKind.CORRECTED, number]
        )


def _removed() -> dict[str, int]:
    """By number the place at which a record was last removed: what the chain said of it before is over."""
    place = func.max(ChainLink.position).label("place")
    removals = select(ChainLink.number, place).where(ChainLink.kind == LinkKind.REMOVED)
    return {row.number: row.place for row in db.session.execute(removals.group_by(ChainLink.number))}


def _links() -> Any:
    return (
        select(
            ChainLink.position,
            ChainLink.kind.label("happened"),
            ChainLink.number,
            ChainLink.said,
            ChainLink.digest,
            FollowUp.id,
            FollowUp.taken_back_at,
            *(getattr(FollowUp, name) for name in SAID),
        )
        .outerjoin(FollowUp, FollowUp.number == ChainLink.number)
        .order_by(ChainLink.position)
    )


def _unchained() -> Iterator[str]:
    """Records of which the chain does not say that they were written, or taken back."""
    is_taken_back = FollowUp.taken_back_at.is_not(None)
    outside = select(FollowUp.number).where(
        or_(
            FollowUp.number.not_in(_still_said(LinkKind.WRITTEN)),
            is_taken_back & FollowUp.number.not_in(_still_said(LinkKind.TAKEN_BACK)),
        )
    )
    for number in db.session.scalars(outside.order_by(FollowUp.id)):
        yield f"{number} (not in the chain)"


def _still_said(kind: LinkKind) -> Any:
    """The numbers of which the chain says this, with no removal after it."""
    over = (
        select(ChainLink.number, func.max(ChainLink.position).label("position"))
        .where(ChainLink.kind == LinkKind.REMOVED)
        .group_by(ChainLink.number)
        .subquery()
    )
    is_so = or_(over.c.position.is_(None), over.c.position < ChainLink.position)
    return (
        select(ChainLink.number)
        .outerjoin(over, over.c.number == ChainLink.number)
        .where(ChainLink.kind == kind, is_so)
    )
