"""Which targets an address asks for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask import request
from flask_login import current_user

from salesboard.access import WRITERS
from salesboard.accounts.models import Team
from salesboard.accounts.queries import teams_led_by
from salesboard.insight.attainment import PARTS_OF_A_YEAR, TargetMetric, periods_of
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.scopes import Scope
from salesboard.installation import installation
from salesboard.web import found

FIRST_YEAR, LAST_YEAR = 2000, 2100
ROWS_A_PAGE = 20
"""People of a team in one form: a form has only so many fields."""


@dataclass(frozen=True)
class Asked:
    """Which grid the address asks for. Without a team it is the reader's own."""

    metric: TargetMetric
    year: int
    kind: PeriodKind
    team: Team | None
    page: int

    @property
    def parameters(self) -> dict[str, Any]:
        return {
            "metric": self.metric.value,
            "year": self.year,
            "by": self.kind.value,
            "team": self.team.id if self.team else None,
            "page": self.page + 1 if self.page else None,
        }

    @property
    def periods(self) -> list[Period]:
        return periods_of(self.kind, self.year)

    @property
    def now(self) -> Period:
        """The period of the year that one is in, or its last or first."""
        today = installation().today
        periods = self.periods
        return next((each for each in periods if each.ends_on >= today), periods[-1])

    def month(self, part: int) -> Period:
        return Period.of(PeriodKind.MONTH, self.year, part)

    @property
    def whose(self) -> Scope:
        """The team, or the reader."""
        return Scope((self.team,)) if self.team else Scope(person=current_user)

    def scopes(self) -> list[Scope]:
        """The rows: the team and a page of its people; a rep's own alone."""
        if self.team is None:
            return [Scope(person=current_user)]
        people = people_of(self.team)[self.page * ROWS_A_PAGE : (self.page + 1) * ROWS_A_PAGE]
        return [Scope((self.team,)), *(Scope(person=person) for person in people)]


def asked_targets() -> Asked:
    """What the address, or a form on it, asks for; what makes no sense is left out."""
    told = request.values
    today, teams = installation().today, teams_led_by(current_user)
    metric = told.get("metric", "")
    year = told.get("year", "")
    kind = told.get("by", "")
    page = told.get("page", "1")
    team = None
    if teams:
        wanted = told.get("team")
        team = found(next((each for each in teams if str(each.id) == wanted), None)) if wanted else teams[0]
    is_year = year.isascii() and year.isdecimal() and len(year) == 4 and FIRST_YEAR <= int(year) <= LAST_YEAR
    return Asked(
        TargetMetric(metric) if metric in set(TargetMetric) else TargetMetric.SIGNED_AMOUNT,
        int(year) if is_year else today.year,
        PeriodKind(kind) if kind in PARTS_OF_A_YEAR else PeriodKind.MONTH,
        team,
        int(page) - 1 if page.isascii() and page.isdecimal() and 0 < len(page) < 4 and int(page) else 0,
    )


def people_of(team: Team) -> list[Any]:
    able = [person for person in team.members if person.role in WRITERS and person.is_active]
    return sorted(able, key=lambda person: (person.name, person.id))
