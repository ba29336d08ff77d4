"""What the address of the dashboard asks for: whose numbers, and of which day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from flask import request, url_for

from salesboard.accounts.signing import current_sign_in
from salesboard.insight.dashboard import dashboard
from salesboard.insight.overview import so_far
from salesboard.insight.periods import past_day
from salesboard.insight.scopes import Scope, scopes_of
from salesboard.installation import installation
from salesboard.web import found


def asked_dashboard() -> dict[str, Any]:
    """What the dashboard's template needs, for the people and the day that the address names."""
    scopes, scope, day = scope_and_day()
    return {
        "scopes": scopes,
        "scope": scope,
        "today": installation().today,
        "dash": dashboard(scope, day),
        "rows_url": rows_url(scope, day),
    }


def scope_and_day() -> tuple[list[Scope], Scope, date]:
    """Whose and of which day: else the widest of one's own, today."""
    scopes, wanted = scopes_of(current_sign_in().user), request.args.get("scope")
    scope = found(next((each for each in scopes if wanted in (None, each.key)), None))
    return scopes, scope, past_day(request.args.get("day"), installation().today)


def rows_url(scope: Scope, day: date) -> Callable[..., str]:
    """Makes the address of the rows behind a number, of the month up to the day where nothing else is said."""
    month = so_far(day).key

    def address(code: str, *, period: str = month, until: date = day, **chosen: str) -> str:
        narrower = {"period": period, "scope": scope.key, "until": until, **chosen}
        return url_for("insight.present_rows", code=code, **dict[str, Any](narrower))

    return address
