"""Which blueprints there are. The one place, beside `create_app`, that imports views."""

from __future__ import annotations

from flask import Flask


def register_blueprints(app: Flask) -> None:
    # importing the views attaches their routes to the concept's blueprint
    from salesboard.accounts import admin_views, settings_views, setup_views, views  # noqa: F401
    from salesboard.accounts.blueprint import accounts
    from salesboard.deals import stage_views  # noqa: F401
    from salesboard.deals.blueprint import deals
    from salesboard.ops.admin_views import administration
    from salesboard.ops.views import health

    for blueprint in (accounts, deals, administration, health):
        app.register_blueprint(blueprint)
