"""What tests of imports share: a clock that stands, people, an installation."""

from __future__ import annotations

import pytest

from salesboard.exchange import turns
from tests.domain.exchange.bringing import NOON
from tests.standing import People


@pytest.fixture(autouse=True)
def _monday_midday(people: People, freeze) -> None:
    freeze(NOON)


@pytest.fixture(autouse=True)
def _nobody_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Between two steps there is nobody to let in."""
    monkeypatch.setattr(turns, "PAUSE", 0)
