"""What templates may ask of the application: where a static file is, and which routes the reader may open."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

from flask import Flask, current_app, has_request_context, request
from flask_login import current_user

from salesboard.access import declared_roles
from salesboard.meter import lit_parts


def init_templating(app: Flask) -> None:
    """Makes the functions known to every template and macro."""
    root, folder = app.static_url_path, Path(app.static_folder or "")

    @cache
    def address(path: str) -> str:
        return f"{root}/{path}?v={hashlib.sha256((folder / path).read_bytes()).hexdigest()[:10]}"

    def asset(path: str) -> str:
        """The address of a file under static/. It names the content, so that browsers may keep it for ever."""
        return request.script_root + address(path) if has_request_context() else address(path)

    app.jinja_env.globals.update(asset=asset, lit_parts=lit_parts, may_open=may_open)


def may_open(endpoint: str) -> bool:
    """Whether the reader may call that route, so that no menu offers what would be refused."""
    roles = declared_roles(current_app.view_functions[endpoint])
    return roles is None or (current_user.is_authenticated and current_user.role in roles)
