"""What the panel of the month's targets shows, on My day and on the team's page."""

from __future__ import annotations

from datetime import date
from typing import Any

from flask import url_for

from salesboard.insight import target_wording
from salesboard.insight.actuals import standings
from salesboard.insight.attainment import working_days_left
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.scopes import Scope
from salesboard.installation import working_calendar


def goals_shown(scope: Scope, today: date) -> dict[str, Any]:
    """Where a person or team stands this month. Two SELECTs for each target that is set, one where none is."""
    month = Period.around(PeriodKind.MONTH, today)
    return {
        "goals": standings(scope, month),
        "goals_left": working_days_left(month, today, working_calendar()),
        "goal_words": target_wording,
        "targets_url": url_for("insight.targets", team=scope.team.id if scope.team else None),
    }
