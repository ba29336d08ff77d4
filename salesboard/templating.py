"""What templates may ask of the application: where a static file is, and which routes the reader may open."""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path
from typing import cast

from flask import Flask, current_app, has_request_context, request
from flask_login import current_user

from salesboard.access import declared_roles


def init_templating(app: Flask) -> None:
    """Makes the functions known to every template and macro."""
    app.jinja_env.globals.update(asset=asset, may_open=may_open)


def asset(path: str) -> str:
    """The address of a file under static/. It names the content, so that browsers may keep it for ever."""
    prefix = request.script_root if has_request_context() else ""
    folder = cast(str, current_app.static_folder)
    return f"{prefix}{current_app.static_url_path}/{path}?v={_fingerprint(Path(folder, path))}"


@cache
def _fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()[:10]


def may_open(endpoint: str) -> bool:
    """Whether the reader may call that route, so that no menu offers what would be refused."""
    roles = declared_roles(current_app.view_functions[endpoint])
    return roles is None or (current_user.is_authenticated and current_user.role in roles)
