"""Which of the rows behind a number are meant."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from salesboard.insight.facts import Cut, Fact
from salesboard.insight.metrics import BY_CODE
from salesboard.insight.models import Report
from salesboard.insight.wording import CUT_NAMES, PART_NAMES, cut_label, month_name, reason_name, stage_name

PARTS = {"hit": lambda fact: fact.is_hit is True, "lost": lambda fact: fact.is_lost}


@dataclass(frozen=True)
class Chosen:
    """Of one value of a cut, of one stage or expected month, or the part that went one way. The month "" holds what is
    not expected on any day."""

    cut: Cut | None = None
    key: str | None = None
    at: str | None = None
    part: str | None = None
    reason: str | None = None
    month: str | None = None

    def holds(self, fact: Fact) -> bool:
        return (
            (self.cut is None or getattr(fact, self.cut) == self.key)
            and (self.at is None or fact.at_stage == self.at)
            and (self.part is None or PARTS[self.part](fact))
            and (self.reason is None or fact.reason == self.reason)
            and (self.month is None or (fact.month or "") == self.month)
        )

    def words(self, owner_names: Mapping[str, str]) -> list[str]:
        """The choice in words, one for each thing chosen."""
        said = []
        if self.cut is not None:
            said.append(f"{CUT_NAMES[self.cut]}: {cut_label(self.cut, self.key, owner_names)}")
        if self.at is not None:
            said.append(stage_name(self.at))
        if self.part is not None:
            said.append(str(PART_NAMES[self.part]))
        if self.reason is not None:
            said.append(reason_name(self.reason))
        if self.month is not None:
            said.append(month_name(self.month))
        return said


def rows_behind(report: Report, code: str, chosen: Chosen) -> list[Fact]:
    """The frozen rows that the number was made of, as they were counted."""
    metric = BY_CODE[code]
    return chosen_of(metric.among(report.rows(metric.rows)), chosen)


def chosen_of(facts: Iterable[Fact], chosen: Chosen) -> list[Fact]:
    """Those that are meant, in the order of their days."""
    return sorted((fact for fact in facts if chosen.holds(fact)), key=lambda fact: (fact.day, fact.number))
