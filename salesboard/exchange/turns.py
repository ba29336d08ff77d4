"""Writing much in many short transactions without keeping everybody else from theirs."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager

from salesboard.database import db

Transaction = Callable[[], AbstractContextManager[None]]

PAUSE = 0.11
"""Seconds. SQLite gives its one lock to whoever asks at the right moment, and whoever waits asks ten times a second."""


def taking_turns(transaction: Transaction) -> Transaction:
    """The same transaction, with a pause after each in which those who wait for the database get it.

    Without it a run of transactions, one right after the other, kept people's moves waiting for five seconds.
    """
    if db.engine.dialect.name != "sqlite":
        return transaction

    @contextmanager
    def turn() -> Iterator[None]:
        with transaction():
            yield
        time.sleep(PAUSE)

    return turn
