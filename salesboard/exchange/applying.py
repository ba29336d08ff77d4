"""Carries a plan out in steps, each committed whole or not at all.

Broken off and begun again, it leaves out the rows that have left their trace, whatever became of the plan since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.rules import STAGES, Stage
from salesboard.exchange.crew import Crew
from salesboard.exchange.models import Import, ImportState
from salesboard.exchange.occasion import Occasion
from salesboard.exchange.pieces import steps_of
from salesboard.exchange.planning import Plan
from salesboard.exchange.plans import follow_import
from salesboard.exchange.scribe import POSITIONS_APART, Scribe
from salesboard.exchange.traces import Brought
from salesboard.exchange.turns import Transaction, taking_turns
from salesboard.numbering import is_own_number, keep_number, read_number


def carry_out(
    found: Import,
    plan: Plan,
    crew: Crew,
    *,
    transaction: Transaction = writing,
    last: Transaction = writing,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> None:
    """Brings in what is not in yet, as long as nobody stops it. `transaction` opens each step, `last` the one that
    says it is done."""
    with acting_as_system(f"import {found.id} writes for all its owners"):
        with transaction():
            _keep_numbers(plan)
        positions, turn = _positions(plan), taking_turns(transaction)
        for step in steps_of(plan.bundles, Brought.by(found.id)):
            with turn():
                if not _goes_on(found):
                    return
                Scribe(Occasion.of(found, crew, plan.taken, clock.now()), positions).bring_in(step)
                found.done = min(found.done + sum(piece.size for piece in step), found.total)
            progress(found.done, found.total)
        with last():
            if _goes_on(found):
                found.finish(clock.now())
                follow_import(found, clock.now())


def _goes_on(found: Import) -> bool:
    """Holds the import against whoever would stop it, until the transaction ends."""
    db.session.refresh(found, with_for_update=True)
    return found.state is ImportState.RUNNING


def _positions(plan: Plan) -> dict[Stage, float]:
    """Where the first new card of each column goes: so high that all of the file fit below it, above what is there."""
    new = sum(deal.is_new for bundle in plan.bundles for deal in bundle.deals)
    return {stage: Deal.top_of(stage) + POSITIONS_APART * new for stage in STAGES}


def _keep_numbers(plan: Plan) -> None:
    """Lifts each series above the numbers of the file, so that no row is given one that a later row bears."""
    highest: dict[tuple[str, str], tuple[int, str]] = {}
    for number in _own_numbers(plan):
        if read := read_number(number):
            letter, day, running = read
            highest[letter, day] = max(highest.get((letter, day), (0, "")), (running, number))
    for _running, number in highest.values():
        keep_number(number)


def _own_numbers(plan: Plan) -> Iterable[str]:
    for bundle in plan.bundles:
        said = [("C", bundle.record.number)]
        said += [("O", deal.record.number) for deal in bundle.deals]
        said += [("F", talk.record.number) for talk in bundle.talks]
        yield from (number for letter, number in said if number and is_own_number(number, letter))
