"""Which blueprints there are. The one place, beside `create_app`, that imports views."""

from __future__ import annotations

from flask import Flask


def register_blueprints(app: Flask) -> None:
    from salesboard.accounts.views import accounts
    from salesboard.ops.views import health

    for blueprint in (accounts, health):
        app.register_blueprint(blueprint)
