"""The supervisor's page: who is stuck, where, and what to look at first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask import request, url_for
from flask_login import current_user

from salesboard import clock
from salesboard.access import LEADERS, Role, allow
from salesboard.accounts.models import Team, User
from salesboard.accounts.queries import teams_led_by
from salesboard.deals.filters import Filters
from salesboard.deals.models import Deal
from salesboard.deals.stages import Ages
from salesboard.deals.wording import METHOD_NAMES
from salesboard.followups.promised import promises_due
from salesboard.followups.punctuality import punctuality
from salesboard.insight import team as reads
from salesboard.insight.blueprint import insight
from salesboard.insight.discipline import read_discipline
from salesboard.insight.facts import Cut
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.queries import Reading
from salesboard.insight.scopes import Scope
from salesboard.insight.shown_targets import goals_shown
from salesboard.notify.queries import nudged_today
from salesboard.service.queries import owed_in_all
from salesboard.service.wording import BAND_NAMES
from salesboard.tasks.models import Task
from salesboard.tasks.queries import late_of_team
from salesboard.tasks.wording import task_words
from salesboard.web import found, render

CELLS_AT_MOST = 24
"""Beyond so many deals a person's bar is drawn in three parts rather than one cell for each deal."""


@dataclass(frozen=True)
class Person:
    """One line of the table of people."""

    user: User
    tally: reads.Tally
    notes: reads.Notes
    cells: list[tuple[str, float, float]]
    """Of the bar: which sign, where it begins and how wide it is, in percent."""


@insight.get("/team")
@allow(*LEADERS)
def team() -> str:
    """One's teams together, or one of them by `?team=ID`."""
    teams = teams_led_by(current_user)
    chosen = _chosen(teams)
    scope = Scope((chosen,)) if chosen else Scope()
    ages = Ages.now()
    counted = reads.tallies(scope, ages)
    through = reads.flows(scope, ages.today, ages.zone)
    month = Period.around(PeriodKind.MONTH, ages.today)
    late_count, late = late_of_team(scope.holds(Task.owner_id), ages.today, clock.now())
    return render(
        "insight/team.html",
        late_count=late_count,
        late_tasks=late,
        nudged=nudged_today([task.id for task in late], ages.today),
        promises=promises_due(scope.holds, ages.today - timedelta(days=1)),
        task_words=task_words,
        teams=teams,
        chosen=chosen,
        stages=ages.settings,
        ages=ages,
        total=counted.total,
        strips=reads.strips(scope, ages, counted),
        watched=reads.watched(scope, ages),
        people=_people(scope, counted, ages),
        rates=read_discipline(Reading.here(scope, month)),
        rates_url=_rates_url(scope, month),
        flows=through,
        bottleneck=reads.bottleneck(through),
        punctuality=punctuality(),
        late_notes=reads.late_notes(scope, ages.today, ages.zone),
        method_names=METHOD_NAMES,
        deals_url=_deals_url(chosen),
        **(goals_shown(scope, ages.today) if chosen else {"goals": []}),
        payments=owed_in_all(scope.holds(Deal.owner_id), ages.today),
        band_names=BAND_NAMES,
    )


def _chosen(teams: list[Team]) -> Team | None:
    """The team that the address names, or the only one there is."""
    asked = request.args.get("team")
    if asked is None:
        return teams[0] if len(teams) == 1 and current_user.role is not Role.ADMIN else None
    return found(next((team for team in teams if str(team.id) == asked), None))


def _deals_url(team: Team | None) -> Callable[..., str]:
    """Makes the address of the list with the deals that a figure counts."""
    filters = Filters(team=team.id if team else None)

    def address(**narrower: Any) -> str:
        parameters: dict[str, Any] = {**filters.but(**narrower).parameters}
        return url_for("deals.list_deals", **parameters)

    return address


def _rates_url(scope: Scope, period: Period) -> Callable[..., str]:
    """Makes the address of the rows behind a rate, one person's or everybody's."""

    def address(code: str, owner: str | None = None) -> str:
        narrower: dict[str, Any] = {"by": Cut.OWNER, "key": owner} if owner is not None else {}
        return url_for("insight.present_rows", code=code, period=period.key, scope=scope.key, **narrower)

    return address


def _people(scope: Scope, counted: reads.Tallies, ages: Ages) -> list[Person]:
    """Those with most overdue deals first."""
    notes = reads.notes_of(scope, ages.today, ages.zone)
    tallies = {user: counted.of_owner(user.id) for user in reads.owners(scope, counted)}
    most = max((tally.count for tally in tallies.values()), default=0)
    lines = [
        Person(user, tally, notes.get(user.id, reads.Notes()), _cells(tally, most))
        for user, tally in tallies.items()
    ]
    return sorted(lines, key=lambda line: (-line.tally.overdue, -line.tally.warned, line.user.name))


def _cells(tally: reads.Tally, most: int) -> list[tuple[str, float, float]]:
    """A cell for each deal, to the scale of whoever has most; or a part for each sign where there are too many."""
    parts = (("ok", tally.safe), ("warn", tally.warned - tally.overdue), ("late", tally.overdue))
    if most > CELLS_AT_MOST:
        widths = [(sign, 100 * count / most) for sign, count in parts if count]
    else:
        widths = [(sign, 100 / most) for sign, count in parts for _ in range(count)]
    cells: list[tuple[str, float, float]] = []
    begins = 0.0
    for sign, width in widths:
        gap = min(1.2, width / 4)
        cells.append((sign, round(begins, 2), round(width - gap, 2)))
        begins += width
    return cells
