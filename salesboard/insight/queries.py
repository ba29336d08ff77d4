"""Reads the facts that numbers are made of: one SELECT for each set of rows, whatever the scope."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from types import MappingProxyType

from sqlalchemy import select

from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.insight import care_facts, customer_facts, deal_facts
from salesboard.insight.asked import Asked
from salesboard.insight.facts import Fact, Facts, RowSet
from salesboard.insight.scopes import Scope

READERS: MappingProxyType[RowSet, Callable[[Asked], list[Fact]]] = MappingProxyType(
    {
        RowSet.CLOSED: deal_facts.closed,
        RowSet.CREATED: deal_facts.created,
        RowSet.ENTERED: deal_facts.entered,
        RowSet.STAYS: deal_facts.stays,
        RowSet.NOTES: care_facts.notes,
        RowSet.OBJECTIONS: care_facts.objections,
        RowSet.TASKS: care_facts.tasks,
        RowSet.RHYTHM: care_facts.rhythm,
        RowSet.JUDGED: deal_facts.judged,
        RowSet.NEWCOMERS: customer_facts.newcomers,
        RowSet.KEPT: customer_facts.kept,
        RowSet.WARNED: deal_facts.warned,
        RowSet.AHEAD: deal_facts.ahead,
    }
)
OF_THIS_MOMENT = frozenset({RowSet.WARNED, RowSet.AHEAD})
"""What can only be said of now."""


class Reading(Asked):
    """Reads what is asked for."""

    def over_the_period(self) -> Facts:
        """What happened in the period."""
        return {name: self.rows(name) for name in READERS if name not in OF_THIS_MOMENT}

    def as_things_stand(self) -> Facts:
        """The same, and what can only be said of this moment."""
        return {name: self.rows(name) for name in READERS}

    def rows(self, row_set: RowSet) -> list[Fact]:
        return READERS[row_set](self)


def has_deals(scope: Scope, until: date) -> bool:
    """Whether the scope had any deal by then; without one there is nothing to evaluate."""
    held = select(Deal.id).where(scope.holds(Deal.owner_id), Deal.created_on <= until).limit(1)
    return db.session.scalar(held) is not None
