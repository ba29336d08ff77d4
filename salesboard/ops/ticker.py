"""The ticker: once a second, whatever is due by the clock or by the outbox is handed on. Beside it reminders go out."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from contextlib import AbstractContextManager

from flask import Flask
from werkzeug.utils import import_string

from salesboard.config import Settings
from salesboard.ops import tether
from salesboard.ops.waking import ENDING, Waking

TICK = "jobs.schedule.tick"
SENDING = "jobs.deliveries.sending"
"""Named, not imported: jobs/ stands on salesboard/, never the other way round."""

SECONDS_BETWEEN = 1.0
LONGEST_PAUSE = 15.0

logger = logging.getLogger(__name__)


def run_ticker(app_factory: Callable[[], Flask], settings: Settings) -> None:
    """Ticks until SIGTERM or SIGINT. An exception is logged and the next tick comes, after a growing pause."""
    if tether.is_held():
        tether.hold()
    with Waking(*ENDING) as waking:
        app = app_factory()
        sending: Callable[[Flask], AbstractContextManager[None]] = import_string(SENDING)
        with sending(app):
            _tick(app, waking)


def _tick(app: Flask, waking: Waking) -> None:
    tick: Callable[[Flask], object] = import_string(TICK)
    failures = 0
    pause = 0.0
    while not waking.wait(pause) & ENDING:  # a deadline of work done here wakes it too
        began = time.monotonic()
        try:
            tick(app)
            failures = 0
        except Exception:
            failures += 1
            logger.exception("a tick failed; the next one comes all the same")
        pause = min(SECONDS_BETWEEN * 2**failures, LONGEST_PAUSE) - (time.monotonic() - began)
