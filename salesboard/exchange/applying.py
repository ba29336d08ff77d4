"""Carries a plan out, a few customers at a time; each of those steps is committed whole or not at all.

Broken off and begun again, it goes on where it stopped: the plan of the same file lists the same customers in the same
order, and `Import.done` counts those that are in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import STAGES, Stage
from salesboard.exchange.bundles import Bundle
from salesboard.exchange.crew import Crew
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.planning import Plan
from salesboard.exchange.scribe import Scribe
from salesboard.installation import installation

AT_ONCE = 200
"""Records that one transaction brings in, about: short enough that people's moves hardly wait."""

Transaction = Callable[[], AbstractContextManager[None]]


def carry_out(
    found: Import,
    plan: Plan,
    crew: Crew,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Brings in what is not in yet. `transaction` opens each step, `last` the one that says it is done."""
    with acting_as_system(f"import {found.id} writes for all its owners"):
        positions = _positions(plan)
        here = installation()
        for bundles in _steps(plan.bundles[found.done :]):
            with transaction():
                scribe = Scribe(
                    found, crew, now=clock.now(), day=here.today, zone=here.timezone, positions=positions
                )
                scribe.bring_in(bundles)
                found.done += len(bundles)
                found.total = len(plan.bundles)
            progress(found.done, found.total)
        with last():
            if found.state is ImportState.RUNNING:
                found.finish(clock.now())


def _steps(bundles: list[Bundle]) -> Iterator[list[Bundle]]:
    step: list[Bundle] = []
    size = 0
    for bundle in bundles:
        step.append(bundle)
        size += max(bundle.size, 1)
        if size >= AT_ONCE:
            yield step
            step, size = [], 0
    if step:
        yield step


def _positions(plan: Plan) -> dict[Stage, float]:
    """Where the first new card of each column goes: so high that all of the file fit below it, above what is there."""
    new = sum(deal.is_new for bundle in plan.bundles for deal in bundle.deals)
    return {stage: Deal.top_of(stage) + 1024.0 * new for stage in STAGES}
