"""What templates may ask of the application besides texts and formats."""

from __future__ import annotations

from flask import Flask, current_app
from flask_login import current_user

from salesboard.access import declared_roles
from salesboard.meter import lit_parts


def init_templating(app: Flask) -> None:
    """Makes the functions known to every template and macro."""
    app.jinja_env.globals.update(lit_parts=lit_parts, may_open=may_open)


def may_open(endpoint: str) -> bool:
    """Whether the reader may call that route, so that no menu offers what would be refused."""
    view = current_app.view_functions.get(endpoint)
    if view is None:
        return False
    roles = declared_roles(view)
    return roles is None or (current_user.is_authenticated and current_user.role in roles)
