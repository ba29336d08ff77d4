"""Targets: the grid, the year spread over its months, and who stands where."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response
from wtforms.validators import ValidationError

from salesboard import clock
from salesboard.access import LEADERS, WRITERS, allow
from salesboard.accounts.queries import teams_led_by
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.errors import Conflict
from salesboard.insight import target_wording
from salesboard.insight.actuals import Standing, actual_by_person, actual_of, standing
from salesboard.insight.attainment import (
    TARGET_KINDS,
    TargetMetric,
    check_team,
    periods_of,
    spread,
    target_of,
)
from salesboard.insight.blueprint import insight
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.plan_shown import plan_shown
from salesboard.insight.scopes import Scope
from salesboard.insight.target_asked import (
    FIRST_YEAR,
    LAST_YEAR,
    ROWS_A_PAGE,
    Asked,
    asked_targets,
    people_of,
)
from salesboard.insight.target_forms import Grid, PasteForm, SharesForm, filled_with
from salesboard.insight.targets import Change, Known, Target, known_targets, scope_key
from salesboard.installation import installation, working_calendar
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]


@insight.route("/targets", methods=["GET", "POST"])
@allow(*WRITERS)
def targets() -> Answered:
    """The grid of one metric; who leads may change it. What was pasted is filled in first and saved after a look."""
    asked = asked_targets()
    scopes = asked.scopes()
    known = known_targets(asked.metric, asked.year, scopes)
    grid = Grid(asked.metric, scopes, asked.periods, known)
    if request.method == "GET":
        return _page(asked, grid, known)
    found(asked.team)
    paste = PasteForm()
    if request.form.get("go") == "fill" or request.form.get("pasted", "").strip():
        return _fill(asked, scopes, known, paste)
    grid = Grid(asked.metric, scopes, asked.periods, known, MultiDict(request.form))
    if not grid.validate():
        return _page(asked, grid, known), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        changes = grid.changes()
        with writing():
            done = Target.set(asked.metric, changes, by=current_sign_in().user, now=clock.now())
    except ValidationError as error:
        return _page(asked, grid, known, problem=str(error)), HTTPStatus.UNPROCESSABLE_ENTITY
    except Conflict as conflict:
        return _after_conflict(asked, scopes, conflict), HTTPStatus.CONFLICT
    _say_how_many(done)
    return redirect(url_for("insight.targets", **asked.parameters), HTTPStatus.SEE_OTHER)


@insight.post("/targets/months")
@allow(*LEADERS)
def spread_year() -> Answered:
    """Spreads what was set for the year over its months, by share, for each row of the page."""
    asked, form = asked_targets(), SharesForm()
    scopes = asked.scopes()
    known = known_targets(asked.metric, asked.year, scopes)
    if not form.validate():
        grid = Grid(asked.metric, scopes, asked.periods, known)
        return _page(asked, grid, known, shares=form), HTTPStatus.UNPROCESSABLE_ENTITY
    changes, left = _spread(asked, scopes, known, form)
    with writing():
        done = Target.set(asked.metric, changes, by=current_sign_in().user, now=clock.now())
    _say_how_many(done)
    if left:
        flash(
            _("Left as they are, for their months are set already: %(names)s", names=_(", ").join(left)),
            "plain",
        )
    months = {**asked.parameters, "by": PeriodKind.MONTH.value}
    return redirect(url_for("insight.targets", **months), HTTPStatus.SEE_OTHER)


def _say_how_many(done: int) -> None:
    told = ngettext("%(num)d target is set.", "%(num)d targets are set.", done)
    flash(told if done else _("Nothing changed."))


def _fill(asked: Asked, scopes: list[Scope], known: Known, paste: PasteForm) -> Answered:
    """The grid with what was pasted, not saved yet."""
    as_sent = MultiDict(request.form)
    if not paste.validate():
        grid = Grid(asked.metric, scopes, asked.periods, known, as_sent)
        return _page(asked, grid, known, paste=paste), HTTPStatus.UNPROCESSABLE_ENTITY
    sent, count, unknown = filled_with(as_sent, paste.pasted.data or "", scopes, asked.periods)
    grid = Grid(asked.metric, scopes, asked.periods, known, sent)
    is_valid = grid.validate()
    if unknown:
        lines = _(", ").join(row[0][:40] or _("a line without a name") for row in unknown[:5])
        paste.pasted.errors = [_("Nobody here is called so: %(names)s", names=lines)]
        paste.pasted.data = "\n".join("\t".join(row) for row in unknown)
    elif not count:
        paste.pasted.errors = [_("No row begins with the name of somebody here.")]
    else:
        paste = PasteForm(None)
    page = _page(asked, grid, known, paste=paste, filled=count)
    return page if is_valid and not paste.pasted.errors else (page, HTTPStatus.UNPROCESSABLE_ENTITY)


def _spread(
    asked: Asked, scopes: list[Scope], known: Known, form: SharesForm
) -> tuple[list[Change], list[str]]:
    """The months of every row that has a year's target; of the others, and of rows left alone, the names."""
    changes: list[Change] = []
    left: list[str] = []
    months, year = periods_of(PeriodKind.MONTH, asked.year), Period.of(PeriodKind.YEAR, asked.year)
    step = Decimal("0.0001") if asked.metric.is_rate else Decimal(1)
    for scope in scopes:
        own = known.get(scope_key(scope), {})
        total = own.get(year.key)
        if total is None:
            continue
        if not form.replace.data and any(month.key in own for month in months):
            left.append(scope.label)
            continue
        parts = [total] * 12 if asked.metric.is_rate else spread(total, form.shares.data, step)
        changes += [
            Change(scope, month, own.get(month.key), part) for month, part in zip(months, parts, strict=True)
        ]
    return changes, left


def _after_conflict(asked: Asked, scopes: list[Scope], conflict: Conflict) -> str:
    """The grid with what was typed, on what stands there now: saving again keeps one's own."""
    known = known_targets(asked.metric, asked.year, scopes)
    sent = MultiDict(request.form)
    fresh = Grid(asked.metric, scopes, asked.periods, known)
    for row in fresh:
        sent[row.form.was.name] = row.form.was.data
    return _page(asked, Grid(asked.metric, scopes, asked.periods, known, sent), known, conflict=conflict)


def _page(asked: Asked, grid: Grid, known: Known, **more: Any) -> str:
    may_set = asked.team is not None
    everybody = people_of(asked.team) if asked.team else []
    rows = grid.rows
    checks = []
    if asked.team is not None and len(everybody) <= ROWS_A_PAGE:
        columns = zip(*(row.effective for row in rows), strict=True)
        checks = [check_team(team, people, asked.metric) for team, *people in columns]
    return render(
        "insight/targets.html",
        asked=asked,
        grid=grid,
        checks=checks,
        standings=_standings(asked, [row.scope for row in rows], known),
        may_set=may_set,
        teams=teams_led_by(current_user),
        kinds=TARGET_KINDS,
        metrics=TargetMetric,
        wording=target_wording,
        first_year=FIRST_YEAR,
        last_year=LAST_YEAR,
        page_count=-(-len(everybody) // ROWS_A_PAGE) or 1,
        today=installation().today,
        **plan_shown(asked),
        **{
            "paste": PasteForm(None),
            "shares": SharesForm(None),
            "filled": 0,
            "problem": "",
            "conflict": None,
            **more,
        },
    )


def _standings(asked: Asked, scopes: list[Scope], known: Known) -> list[tuple[Scope, Standing]]:
    """Who of the page stands where in the present period, of those who have a target."""
    period, today, calendar = asked.now, installation().today, working_calendar()
    aimed = [
        (scope, target)
        for scope in scopes
        if (target := target_of(period, known.get(scope_key(scope), {}), asked.metric)) is not None
    ]
    if not aimed or period.starts_on > today:
        return []
    people = [scope.person for scope, _target in aimed if scope.person is not None]
    whole = Scope((asked.team,)) if asked.team else Scope(person=current_user)
    reached = actual_by_person(asked.metric, whole, period, people) if people else {}
    return [
        (
            scope,
            standing(
                asked.metric,
                period,
                target,
                reached[scope.person.id] if scope.person else actual_of(asked.metric, scope, period),
                today,
                calendar,
            ),
        )
        for scope, target in aimed
    ]
