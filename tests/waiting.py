"""The one place where tests wait: for a condition, never for a time."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

Answer = TypeVar("Answer")


def wait_until(
    condition: Callable[[], Answer], *, within: float = 60.0, what: str | Callable[[], str] = ""
) -> Answer:
    """The first true answer of `condition`; fails, saying `what`, when none came within so many seconds.

    Where `what` is called for, it tells how things stood at the end.
    """
    deadline = time.monotonic() + within
    while not (answer := condition()):
        if time.monotonic() > deadline:
            told = what() if callable(what) else what
            raise AssertionError(f"waited {within} s in vain for {told or condition}")
        time.sleep(0.02)
    return answer
