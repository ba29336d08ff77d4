"""What of the dashboard is shown only when asked for."""

from __future__ import annotations

from flask import url_for

from salesboard.access import WRITERS, allow
from salesboard.deals.stages import stage_settings
from salesboard.insight import wording
from salesboard.insight.blueprint import insight
from salesboard.insight.dashboard import past_ages
from salesboard.insight.dashboard_asked import rows_url, scope_and_day
from salesboard.web import render


@insight.get("/reports/ages")
@allow(*WRITERS)
def ages() -> str:
    """How the deals stood in each stage on the day, and up to a year before."""
    _scopes, scope, day = scope_and_day()
    return render(
        "insight/ages.html",
        "insight/_ages.html",
        past=past_ages(scope, day),
        back=url_for("insight.reports", scope=scope.key, day=day),
        rows_url=rows_url(scope, day),
        wording=wording,
        stage_names={stage: setting.label for stage, setting in stage_settings().items()},
    )
