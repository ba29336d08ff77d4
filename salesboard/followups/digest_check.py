"""Walks the chain of digests and names every record that does not fit, the first one first."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from typing import Any

from sqlalchemy import func, or_, select

from salesboard.database import db
from salesboard.followups.beside import FollowUpPaper, FollowUpPerson
from salesboard.followups.corrections import Correction
from salesboard.followups.digest_chain import (
    ChainHead,
    ChainLink,
    LinkKind,
    corrected,
    followed,
    taken_back,
    written,
)
from salesboard.followups.digests import SAID, chained
from salesboard.followups.loose_ends import LooseEnd, Step
from salesboard.followups.models import FollowUp
from salesboard.followups.objections import Objection, ObjectionStep
from salesboard.followups.promises import Promise, PromiseStep
from salesboard.followups.rules import ObjectionState, PromiseState

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
    """What does not fit, in the order of the chain; then what stands outside it. Eleven SELECTs."""
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
    for ends in records.loose_ends.values():
        yield from (f"{number} ({ends.name} stands otherwise)" for number in ends.standing_otherwise())
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
        self._people: dict[str, list[FollowUpPerson]] = _by_number(FollowUpPerson)
        self._papers: dict[str, list[FollowUpPaper]] = _by_number(FollowUpPaper)
        self.loose_ends = {LinkKind.OBJECTION: Objections(), LinkKind.PROMISE: Promises()}
        self._corrected: Counter[str] = Counter()
        """How many corrections the chain has told of each record so far."""

    def fault_of(self, link: Any) -> str | None:
        """What is wrong with the record that a link stands for."""
        if link.happened is LinkKind.REMOVED:
            return None
        if link.id is None:
            return "gone"
        if link.happened is LinkKind.TAKEN_BACK:
            told = taken_back(link.number, link.taken_back_at)
            return None if told.said == link.said else "no longer taken back as it was"
        if link.happened in self.loose_ends:
            return self.loose_ends[link.happened].fault_of(link)
        corrections, version = self._corrections.get(link.number, {}), 1
        if link.happened is LinkKind.CORRECTED:
            self._corrected[link.number] += 1
            version += self._corrected[link.number]
        said = {**link._mapping, **self._beside(link.number)}
        for later in sorted((each for each in corrections if each >= version), reverse=True):
            said |= corrections[later].before
        if version == 1:
            return None if written(link.number, said).said == link.said else "not as it was recorded"
        by = corrections.get(version - 1)
        is_right = by is not None and corrected(link.number, said, by.facts).said == link.said
        return None if is_right else "not as it was corrected"

    def _beside(self, number: str) -> dict[str, list[list[object]]]:
        """What is said of a record in rows of its own, as it stands now."""
        return {
            "objections": self.loose_ends[LinkKind.OBJECTION].as_written(number),
            "promises": self.loose_ends[LinkKind.PROMISE].as_written(number),
            "people": [each.kept for each in self._people.get(number, ())],
            "papers": [each.kept for each in self._papers.get(number, ())],
        }

    def corrected_outside(self) -> list[str]:
        """Those with more corrections than the chain tells of, or with a version of which nobody told."""
        kept = select(FollowUp.number, FollowUp.version).where(
            or_(FollowUp.version != 1, FollowUp.id.in_(select(Correction.followup_id)))
        )
        versions = {row.number: row.version for row in db.session.execute(kept)}
        return sorted(
            number
            for number, version in versions.items()
            if not version - 1 == len(self._corrections.get(number, ())) == self._corrected[number]
        )


class LooseEnds:
    """All objections, or all promises, by the number of their record, and what became of each."""

    name: str
    model: type[LooseEnd]
    step: type[Step]
    key: str
    """The column of `step` that names its row of `model`."""

    def __init__(self) -> None:
        self._rows: dict[str, list[Any]] = _by_number(self.model)
        steps = select(FollowUp.number, self.model.position, self.step)
        steps = steps.join_from(FollowUp, self.model, self.model.followup_id == FollowUp.id)
        steps = steps.join(self.step, getattr(self.step, self.key) == self.model.id).order_by(self.step.id)
        self._steps: dict[str, list[tuple[int, Any]]] = defaultdict(list)
        for number, position, step in db.session.execute(steps):
            self._steps[number].append((position, step))
        self._told: Counter[str] = Counter()

    def as_written(self, number: str) -> list[list[object]]:
        """As its record's digest covers them."""
        names = self.model.AS_WRITTEN
        return [[getattr(each, name) for name in names] for each in self._rows.get(number, ())]

    def fault_of(self, link: Any) -> str | None:
        """What is wrong with the step that a link stands for."""
        steps, place = self._steps.get(link.number, []), self._told[link.number]
        self._told[link.number] += 1
        if place < len(steps):
            position, step = steps[place]
            if followed(self.model.LINK, link.number, position, step.facts).said == link.said:
                return None
        return f"what became of {self.name} is not as it was recorded"

    def standing_otherwise(self) -> list[str]:
        """The records of which more was said than the chain tells, or whose rows stand otherwise than was said last."""
        otherwise = set()
        for number, rows in self._rows.items():
            last = {position: self._stand_after(step) for position, step in self._steps.get(number, ())}
            told = {each.position: self._stand_when_written(each) for each in rows}
            if {each.position: self._stand(each) for each in rows} != {**told, **last}:
                otherwise.add(number)
        more = (number for number, steps in self._steps.items() if len(steps) != self._told[number])
        return sorted(otherwise.union(more))

    def _stand(self, row: Any) -> object:
        raise NotImplementedError

    def _stand_when_written(self, row: Any) -> object:
        raise NotImplementedError

    def _stand_after(self, step: Any) -> object:
        return self._stand(step)


class Objections(LooseEnds):
    name, model, step, key = "an objection", Objection, ObjectionStep, "objection_id"

    def _stand(self, row: Any) -> object:
        return row.state

    def _stand_when_written(self, row: Any) -> object:
        return row.told or ObjectionState.RAISED


class Promises(LooseEnds):
    name, model, step, key = "a promise", Promise, PromiseStep, "promise_id"

    def _stand(self, row: Any) -> object:
        return row.state, row.due_on

    def _stand_when_written(self, row: Any) -> object:
        return PromiseState.OPEN, row.told_due


def _by_number(model: Any) -> dict[str, list[Any]]:
    """The rows of all records, by the record's number, in their order there."""
    rows = select(FollowUp.number, model).join(model, model.followup_id == FollowUp.id)
    found: dict[str, list[Any]] = defaultdict(list)
    for number, row in db.session.execute(rows.order_by(model.followup_id, model.position)):
        found[number].append(row)
    return found


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
