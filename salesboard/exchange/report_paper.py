"""A report as it is taken out: its frozen numbers and rows, and what people wrote into it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask_babel import gettext as _
from sqlalchemy import select

from salesboard.database import db
from salesboard.insight.conclusions import Conclusion, Part
from salesboard.insight.conclusions_shown import PART_NAMES
from salesboard.insight.evaluation import Evaluation
from salesboard.insight.facts import Fact, RowSet
from salesboard.insight.measures import Standing, measures_of
from salesboard.insight.models import Report, ReportRows
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.insight.wording import ReportNames, names_of
from salesboard.installation import installation


@dataclass(frozen=True)
class Paper:
    """`rows` gives the rows of a set as they were counted; none where the report is older than the set."""

    report: Report
    rows: Callable[[RowSet], list[Fact]]
    written: list[tuple[str, str]] = field(default_factory=list)
    measures: list[Standing] = field(default_factory=list)

    @classmethod
    def of_report(cls, report: Report) -> Paper:
        """Of a report that is done. Three SELECTs, and one for each set of rows that is asked for."""
        kept = set(db.session.scalars(select(ReportRows.row_set).where(ReportRows.report_id == report.id)))
        said = Conclusion.of(report)
        written = [(str(PART_NAMES[part]), said[part].words) for part in Part if part in said]
        today = installation().today
        return cls(
            report,
            lambda row_set: report.rows(row_set) if row_set in kept else [],
            [each for each in written if each[1]],
            [Standing.of(each.task, today) for each in measures_of(report)],
        )

    @classmethod
    def of_evaluation(cls, period: Period, scope: Scope, evaluation: Evaluation, as_of: datetime) -> Paper:
        """Of one that was made just now and is kept nowhere."""
        report = Report(
            period_key=period.key,
            starts_on=period.starts_on,
            ends_on=period.ends_on,
            team=scope.team,
            person=scope.person,
            as_of=as_of,
            result=evaluation.result,
        )
        return cls(report, lambda row_set: evaluation.facts.get(row_set, []))

    @property
    def result(self) -> dict[str, Any]:
        assert self.report.result is not None
        return self.report.result

    @property
    def names(self) -> ReportNames:
        return names_of(self.report)

    @property
    def title(self) -> str:
        return _("Sales evaluation: %(period)s", period=self.names.period)

    @property
    def subtitle(self) -> str:
        return f"{self.names.scope} · {self.names.days}"

    @property
    def frozen(self) -> str:
        """Of when its numbers are, in words."""
        moment = f"{self.as_of:%Y-%m-%d %H:%M}"
        return _("Frozen as of %(moment)s; its numbers never change", moment=moment)

    @property
    def as_of(self) -> datetime:
        """By the installation's clock, as the report's numbers are."""
        assert self.report.as_of is not None
        return self.report.as_of.astimezone(ZoneInfo(installation().timezone)).replace(tzinfo=None)
