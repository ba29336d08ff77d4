"""The age meter's geometry: three segments, of which as many are lit as the stay has come into. Pure."""

from __future__ import annotations

from functools import lru_cache

SAFE, WARNED, OVERDUE = (0, 44), (46, 32), (80, 20)
"""Where each segment begins and how wide it is, in percent of the meter."""

THINNEST = 4
"""A lit part is never too thin to be seen."""


@lru_cache(maxsize=4096)
def lit_parts(days: int, warn_days: int, limit_days: int) -> tuple[tuple[int, float], ...]:
    """The lit parts of a stay of `days` working days, as (start, width) in percent; a limit of 0 is off.

    The first segment fills up to the warning, the second up to the limit, the third while the limit passes once more.
    """
    warn = warn_days or limit_days
    if days <= 0 or not warn:
        return ()
    parts = [_part(SAFE, days, warn)]
    if warn_days and days >= warn_days:
        parts.append(_part(WARNED, days - warn_days, (limit_days or 2 * warn_days) - warn_days))
    if limit_days and days > limit_days:
        if not warn_days:
            parts.append(_part(WARNED, 1, 1))
        parts.append(_part(OVERDUE, days - limit_days, limit_days))
    return tuple(parts)


def _part(segment: tuple[int, int], done: int, full: int) -> tuple[int, float]:
    start, width = segment
    return start, round(min(width, max(THINNEST, width * done / full)), 1) if full > 0 else width
