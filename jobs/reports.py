"""Evaluation reports as work."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select

from jobs.reminders import day_of
from salesboard import clock
from salesboard.accounts.models import Team
from salesboard.database import db
from salesboard.insight.evaluation import evaluate
from salesboard.insight.measures import carried_into
from salesboard.insight.models import Report
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.queries import has_deals
from salesboard.insight.schedules import USUAL, periods_over, schedules
from salesboard.insight.scopes import Scope
from salesboard.outbox import Claim


class CalledOff(Exception):
    """Nobody waits for the report any more."""


def make_report(claim: Claim) -> None:
    """Makes the report and freezes it in the same commit that marks the work done."""
    report = db.session.get(Report, claim.subject_id)
    if report is None or not report.is_under_way:
        return

    def show_progress(steps_done: int) -> None:
        with claim.writing():
            report.advance(steps_done)
        if report.called_off_at is not None:
            raise CalledOff

    as_of = clock.now()
    try:
        show_progress(0)
        evaluation = evaluate(report.period, report.scope, as_of=as_of, after_step=show_progress)
    except CalledOff:
        return
    carried = carried_into(report, as_of)
    with claim.finishing():
        report.finish(evaluation, as_of=as_of, now=clock.now(), carried=carried)


def give_up_report(report_id: int, error: str) -> None:
    """Tells the report's page that no further try will be made."""
    report = db.session.get(Report, report_id)
    if report is not None:
        report.fail(error)


def request_weekly_reports(claim: Claim) -> None:
    """Asks for the past week's report of each team that has weeks made and had deals by then."""
    monday = day_of(claim)
    _request([Period.around(PeriodKind.WEEK, monday - timedelta(days=7))], claim)


def request_period_reports(claim: Claim) -> None:
    """Asks for the reports of the month, quarter, half and year that are just over, of each team that has them made."""
    _request(periods_over(day_of(claim)), claim)


def _request(periods: Sequence[Period], claim: Claim) -> None:
    chosen = schedules()
    scopes = [Scope((team,)) for team in db.session.scalars(select(Team).order_by(Team.name))]
    busy = [
        (period, scope)
        for scope in scopes
        for period in periods
        if scope.team and period.kind in chosen.get(scope.team.id, USUAL) and has_deals(scope, period.ends_on)
    ]
    with claim.finishing():
        for period, scope in busy:
            Report.schedule(period, scope, now=clock.now())
