"""While the database is away every page says so, in the house's look, and gives the words back."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from salesboard.extensions import db
from tests.browsing import Browser
from tests.standing import People


@pytest.fixture
def no_database(app: Flask) -> Iterator[None]:
    def refuse(*_args: Any) -> None:
        raise OperationalError("connect", {}, Exception("the database is away"))

    engine = db.engine
    db.session.remove()
    engine.dispose()
    event.listen(engine, "do_connect", refuse)
    yield
    event.remove(engine, "do_connect", refuse)


def test_a_page_says_that_the_database_is_away(app: Flask, no_database: None) -> None:
    response = Browser(app).get("/sign-in", 503)
    assert response.headers["Retry-After"] == "5"
    assert "salesboard" in response.text


def test_who_was_signed_in_is_told_the_same(
    app: Flask, people: People, request: pytest.FixtureRequest
) -> None:
    browser = Browser(app, people.owner)
    request.getfixturevalue("no_database")
    browser.get("/", 503)


def test_the_words_come_back_but_no_secret(app: Flask, no_database: None) -> None:
    sent = {"email": "someone@example.cn", "password": "a secret that nobody sees"}
    page = Browser(app).post("/sign-in", sent, 503).text
    assert "someone@example.cn" in page
    assert "a secret that nobody sees" not in page
