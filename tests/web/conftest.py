"""What tests of pages share."""

from __future__ import annotations

import dataclasses

import pytest
from flask import Flask

from salesboard.accounts import signing
from salesboard.database import db
from tests.sending import Sender
from tests.standing import PASSWORD


@pytest.fixture(scope="session")
def known_senders() -> dict[str, Sender]:
    """By database the forms that were found there once."""
    return {}


@pytest.fixture
def sender(app: Flask, with_mail: None, known_senders: dict[str, Sender]) -> Sender:
    """Every form of a well-furnished board, and the people who may send them. Takes the place of `people`."""
    name = db.engine.dialect.name
    if name in known_senders:
        known_senders[name].resume()
    else:
        known_senders[name] = Sender(app)
    return known_senders[name]


@pytest.fixture
def with_mail(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """As where a mail server is set."""
    settings = dataclasses.replace(
        app.config["SETTINGS"], smtp_url="smtp://127.0.0.1:2525", base_url="https://sales.example.com/team"
    )
    monkeypatch.setitem(app.config, "SETTINGS", settings)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many guesses without argon2; that it is always run is the subject of a test of its own."""
    monkeypatch.setattr(signing, "password_matches", lambda stored, typed: bool(stored) and typed == PASSWORD)
