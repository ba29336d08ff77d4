"""The audit log, and the review of who may see what."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus
from io import BytesIO
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, redirect, request, send_file, url_for
from flask_babel import get_timezone
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import audit, clock
from salesboard.access import Role, allow
from salesboard.accounts import queries as people_queries
from salesboard.addresses import asked_id
from salesboard.database import writing
from salesboard.exchange.export_csv import write_csv
from salesboard.ops.audit_log import (
    AuditFilter,
    events_page,
    events_table,
    exports_since,
    last_reviewed,
    review_is_due,
)
from salesboard.ops.blueprint import administration
from salesboard.ops.leaving import all_belongings
from salesboard.ops.verb_names import SUBJECTS
from salesboard.web import render

EXPORTS_OF = timedelta(days=90)


@administration.get("/admin/audit")
@allow(Role.ADMIN)
def audit_log() -> str:
    """A page of what happened, as the address narrows it; for htmx the lines alone."""
    wanted, before = AuditFilter.parse(request.args), asked_id(request.args.get("before", ""))
    events, after = events_page(wanted, before, _zone())
    more = wanted.parameters | {"before": str(after)}
    return render(
        "ops/audit_log.html",
        "ops/_audit_rows.html",
        events=events,
        more_url=_address(more) if after else None,
        wanted=wanted,
        people=[row.person for row in people_queries.people(clock.now())],
        subjects=SUBJECTS,
    )


@administration.post("/admin/audit.csv")
@allow(Role.ADMIN)
def audit_csv() -> Response:
    """The same as a table. That it was taken is itself recorded."""
    wanted, made = AuditFilter.parse(request.form), BytesIO()
    write_csv(events_table(wanted, _zone()), made)
    made.seek(0)
    with writing():
        audit.record(
            "audit.taken", "audit log", actor_id=current_user.id, at=clock.now(), filter=wanted.parameters
        )
    return send_file(made, "text/csv; charset=utf-8", as_attachment=True, download_name="audit.csv")


@administration.get("/admin/access")
@allow(Role.ADMIN)
def access_review() -> str:
    """Who may see what, who was last here when, who took what out."""
    now, last = clock.now(), last_reviewed()
    return render(
        "ops/access_review.html",
        people=people_queries.people(now),
        belongings=all_belongings(),
        exports=exports_since(now - EXPORTS_OF),
        days=EXPORTS_OF.days,
        last=last,
        is_due=review_is_due(last, _zone()),
    )


@administration.post("/admin/access")
@allow(Role.ADMIN)
def access_reviewed() -> Response:
    """Notes that somebody looked through it today."""
    with writing():
        audit.record("access.reviewed", "access", actor_id=current_user.id, at=clock.now())
    flash(_("Noted: access was reviewed today."))
    return redirect(url_for("administration.access_review"), HTTPStatus.SEE_OTHER)


def _address(parameters: dict[str, Any]) -> str:
    return url_for("administration.audit_log", **parameters)


def _zone() -> ZoneInfo:
    return ZoneInfo(str(get_timezone()))
