"""salesboard: a small team's sales pipeline on one board, self-hosted on one server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from salesboard.config import ROOT, Settings

if TYPE_CHECKING:
    from flask import Flask


def create_app(settings: Settings | None = None, **overrides: object) -> Flask:
    """The application: configuration, extensions, blueprints. Nothing else happens at import.

    `overrides` are Flask settings for tests.
    """
    # Imported here: a second of work, which `salesboard serve` and `--help` have no use for.
    from flask import Flask
    from werkzeug.middleware.proxy_fix import ProxyFix

    from salesboard import formats
    from salesboard.blueprints import register_blueprints
    from salesboard.crypto import init_keys
    from salesboard.database import engine_options, prepare_engine
    from salesboard.extensions import babel, csrf, db, limiter, login_manager, migrate
    from salesboard.ops.handover import init_handover
    from salesboard.service.keeping import init_service
    from salesboard.static_files import init_static_files
    from salesboard.tasks.keeping import init_tasks
    from salesboard.templating import init_templating
    from salesboard.web import choose_locale, choose_timezone, init_web

    settings = settings or Settings.from_environment()
    app = Flask(__name__, template_folder=str(ROOT / "templates"), static_folder=str(ROOT / "static"))
    app.config.update(settings.flask_config(), SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings))
    app.config.update(overrides)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    if settings.is_sqlite:
        settings.data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    if settings.trusted_proxies:
        count = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=0)  # type: ignore[method-assign]

    init_keys(app, settings.data_dir / "keys")
    db.init_app(app)
    migrate.init_app(app, db, directory=str(Path(__file__).parent / "migrations"))
    with app.app_context():
        prepare_engine(db.engine)
    login_manager.init_app(app)
    csrf.init_app(app)
    limiter.init_app(app)
    babel.init_app(
        app,
        default_translation_directories=str(Path(__file__).parent / "translations"),
        locale_selector=choose_locale,
        timezone_selector=choose_timezone,
    )
    formats.init_formats(app)
    init_templating(app)
    init_static_files(app)
    register_blueprints(app)
    init_web(app)
    init_handover(app)
    init_tasks()
    init_service()
    return app
