"""Evaluation reports as work."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select

from salesboard import clock
from salesboard.accounts.models import Team
from salesboard.database import db
from salesboard.insight.evaluation import evaluate
from salesboard.insight.measures import carried_into
from salesboard.insight.models import Report, ReportState
from salesboard.insight.periods import Period, PeriodKind
from salesboard.insight.queries import has_deals
from salesboard.insight.scopes import Scope
from salesboard.outbox import Claim


def make_report(claim: Claim) -> None:
    """Makes the report and freezes it in the same commit that marks the work done."""
    report = db.session.get(Report, claim.subject_id)
    if report is None or report.state is ReportState.DONE:
        return

    def show_progress(steps_done: int) -> None:
        with claim.writing():
            report.advance(steps_done)

    show_progress(0)
    as_of = clock.now()
    evaluation = evaluate(report.period, report.scope, as_of=as_of, after_step=show_progress)
    carried = carried_into(report, as_of)
    with claim.finishing():
        report.finish(evaluation, as_of=as_of, now=clock.now(), carried=carried)


def give_up_report(report_id: int, error: str) -> None:
    """Tells the report's page that no further try will be made."""
    report = db.session.get(Report, report_id)
    if report is not None:
        report.fail(error)


def request_weekly_reports(claim: Claim) -> None:
    """Asks for the past week's report of each team that had deals by then."""
    monday = datetime.strptime(str(claim.subject_id), "%Y%m%d").date()  # noqa: DTZ007 (a date alone)
    week = Period.around(PeriodKind.WEEK, monday - timedelta(days=7))
    scopes = [Scope((team,)) for team in db.session.scalars(select(Team).order_by(Team.name))]
    busy = [scope for scope in scopes if has_deals(scope, week.ends_on)]
    with claim.finishing():
        for scope in busy:
            Report.schedule(week, scope, now=clock.now())
