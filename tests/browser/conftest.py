"""A real Chromium against a real server on a free port, with its own SQLite database that each test finds empty."""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask_migrate import upgrade
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import event
from werkzeug.serving import BaseWSGIServer, make_server

from salesboard import create_app
from salesboard.accounts.models import User
from salesboard.extensions import db, limiter
from tests import browsing
from tests.conftest import empty_tables, flush_nothing, make_settings, share_templates

CHROMIUM_ARGUMENTS = (
    "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
logging.getLogger("werkzeug").setLevel(logging.ERROR)
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


class Site:
    """The server under test."""

    def __init__(self, app: Flask, server: BaseWSGIServer) -> None:
        self.app = app
        self.url = f"http://127.0.0.1:{server.port}"


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """The application as it is served, with CSRF, on a port of its own."""
    app = create_app(make_settings(tmp_path_factory.mktemp("site")), TESTING=True)
    share_templates(app, tmp_path_factory)
    with app.app_context():
        event.listen(db.engine, "connect", flush_nothing)
        upgrade()
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield Site(app, server)
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def app(site: Site) -> Iterator[Flask]:
    """The served application with empty tables, inside its context."""
    with site.app.app_context():
        limiter.reset()
        yield site.app
        db.session.rollback()
        empty_tables()
        db.session.remove()


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def context_as(site: Site, app: Flask, chromium: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """A browser of its own for a person, signed in; options are Playwright's (viewport, has_touch, locale…).

    It asks for no motion, so that nothing is measured or touched half way through an animation.
    """
    opened: list[BrowserContext] = []

    def open_context(person: User | None = None, **options: Any) -> BrowserContext:
        defaults = {"viewport": {"width": 1440, "height": 900}, "locale": "en-GB", "reduced_motion": "reduce"}
        options = {**defaults, **options}
        context = chromium.new_context(base_url=site.url, **options)
        context.set_default_timeout(8000)
        opened.append(context)
        if person is not None:
            sign_in(context, site, person)
        return context

    yield open_context
    for context in opened:
        context.close()


@pytest.fixture
def page_as(context_as: Callable[..., BrowserContext]) -> Iterator[Callable[..., Page]]:
    """A signed-in page. At the end of the test it must not have thrown, nor run into the content security policy."""
    faults: list[str] = []

    def open_page(person: User | None = None, path: str = "/", **options: Any) -> Page:
        page = context_as(person, **options).new_page()
        watch(page, faults)
        page.goto(path)
        return page

    yield open_page
    assert faults == []


def watch(page: Page, faults: list[str]) -> None:
    """Notes what a page throws, and what its policy refuses."""
    page.on("pageerror", lambda error: faults.append(str(error)))
    page.on(
        "console",
        lambda message: "Content Security Policy" in message.text and faults.append(message.text),
    )


def sign_in(context: BrowserContext, site: Site, person: User) -> None:
    """As after the sign-in page, without its argon2."""
    client = browsing.Browser(site.app, person).client
    name = site.app.config["SESSION_COOKIE_NAME"]
    cookie = client.get_cookie(name)
    assert cookie is not None
    context.add_cookies([{"name": name, "value": cookie.value, "url": site.url}])
