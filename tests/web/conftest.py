"""What tests of pages share."""

from __future__ import annotations

import pytest

from salesboard.accounts import signing
from tests.standing import PASSWORD


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many guesses without argon2; that it is always run is the subject of a test of its own."""
    monkeypatch.setattr(signing, "password_matches", lambda stored, typed: bool(stored) and typed == PASSWORD)
