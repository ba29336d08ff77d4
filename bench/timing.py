"""Medians and percentiles of repeated measurements."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Spread:
    """Milliseconds of one operation, measured many times."""

    median: float
    p95: float
    count: int

    @classmethod
    def of(cls, seconds: list[float]) -> Spread:
        ordered = sorted(seconds)
        return cls(statistics.median(ordered) * 1000, ordered[int(len(ordered) * 0.95)] * 1000, len(ordered))

    def __str__(self) -> str:
        return f"{self.median:.1f} / {self.p95:.1f}"


def repeated(action: Callable[[], object], times: int, warm_up: int = 10) -> Spread:
    """How long `action` takes, after some runs that do not count."""
    for _ in range(warm_up):
        action()
    seconds = []
    for _ in range(times):
        began = time.perf_counter()
        action()
        seconds.append(time.perf_counter() - began)
    return Spread.of(seconds)


def in_turn(*actions: Callable[[], object], times: int, warm_up: int = 10) -> list[Spread]:
    """How long each action takes, one after the other again and again, so that the machine's moods fall on all."""
    seconds: list[list[float]] = [[] for _ in actions]
    for _ in range(warm_up + times):
        for action, taken in zip(actions, seconds, strict=True):
            began = time.perf_counter()
            action()
            taken.append(time.perf_counter() - began)
    return [Spread.of(taken[warm_up:]) for taken in seconds]
