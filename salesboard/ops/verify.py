"""Checks the database itself, and that its rows keep every promise that the verbs make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from sqlalchemy import func, select, text

from salesboard.access import acting_as_system
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.followups.digest_check import chain_end, passes_through
from salesboard.followups.models import FollowUp
from salesboard.ops.invariants import INVARIANTS
from salesboard.ops.keys import broken_seals

MOST_EXAMPLES = 5


@dataclass(frozen=True)
class Finding:
    """A promise that is not kept: by how many rows, and the numbers of the first few."""

    name: str
    promise: str
    count: int
    examples: tuple[str, ...]

    def __str__(self) -> str:
        named = ", ".join(self.examples) + (" …" if self.count > len(self.examples) else "")
        return f"{self.name}: {self.count} break the rule that {self.promise}: {named}"


class Noted(NamedTuple):
    """Where the chain of digests once ended."""

    position: int
    digest: str


@dataclass(frozen=True)
class Inspection:
    """What was looked at, and what was found wrong. `chain` is the end of the follow-ups' chain of digests."""

    findings: list[Finding]
    checks: int
    deals: int
    followups: int
    chain: str


def inspect_database(noted: Noted | None = None) -> Inspection:
    """Looks at everything, in a number of queries that does not grow with the data. Changes nothing.

    `noted` is an end of the chain that was noted down earlier: the chain must still pass through it.
    """
    with acting_as_system("verify looks at every row"):
        checks = [
            ("database", "the database is whole", _faults_of_database()),
            *((each.name, each.promise, each.broken()) for each in INVARIANTS),
            ("keys", "every sealed value opens where it lies", broken_seals()),
        ]
        if noted is not None:
            checks.append(("noted", "the chain holds what was noted down of it", _faults_of(noted)))
        findings = [found for check in checks if (found := _finding(*check)) is not None]
        deals = db.session.scalar(select(func.count(Deal.id))) or 0
        followups = db.session.scalar(select(func.count(FollowUp.id))) or 0
        chain = "{}:{}".format(*chain_end())
    return Inspection(findings, len(checks), deals, followups, chain)


def _faults_of(noted: Noted) -> Iterator[str]:
    if not passes_through(*noted):
        yield f"link {noted.position}"


def _finding(name: str, promise: str, broken: Iterable[str]) -> Finding | None:
    offenders = iter(broken)
    examples = tuple(islice(offenders, MOST_EXAMPLES))
    count = len(examples) + sum(1 for _ in offenders)
    return Finding(name, promise, count, examples) if count else None


def _faults_of_database() -> Iterator[str]:
    """What the database says about itself: pages, indexes, constraints, foreign keys."""
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        yield from (row[0] for row in connection.execute(text("PRAGMA integrity_check")) if row[0] != "ok")
        for row in connection.execute(text("PRAGMA foreign_key_check")):
            yield f"{row[0]} row {row[1]} points to a missing row of {row[2]}"
        return
    loose = "SELECT conrelid::regclass || ' ' || conname FROM pg_constraint WHERE NOT convalidated"
    yield from connection.scalars(text(loose))
