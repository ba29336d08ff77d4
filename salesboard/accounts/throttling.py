"""Guessing is slowed down: per account, and per real address (a forged X-Forwarded-For counts for nothing unless
trusted proxies are set). Only failures count, and they are forgotten after a while.

The counts live in the memory of the one web process.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from math import ceil

from flask import request
from flask_babel import ngettext
from limits import RateLimitItem, parse

from salesboard.accounts.rules import address_group
from salesboard.errors import Refused
from salesboard.extensions import limiter


class TooManyTries(Refused):
    """Somebody has failed too often. `wait` is how long, in seconds, until the next try is heard."""

    def __init__(self, wait: int) -> None:
        self.wait = wait
        super().__init__(
            ngettext(
                "Too many tries. Wait %(num)d minute, then try again.",
                "Too many tries. Wait %(num)d minutes, then try again.",
                -(-wait // 60),
            )
        )

    @property
    def headers(self) -> dict[str, str]:
        return {"Retry-After": str(self.wait)}


class Attempt:
    """One try under way. It counts as failed unless `succeed` is called."""

    def __init__(self, left: int) -> None:
        self.left = left
        """How many more may fail before it takes waiting."""
        self.has_succeeded = False

    def succeed(self) -> None:
        self.has_succeeded = True


@dataclass(frozen=True)
class Throttle:
    """How many tries may fail: for one account, and from one address."""

    name: str
    per_account: RateLimitItem
    per_address: RateLimitItem

    @contextmanager
    def attempt(self, account: str) -> Iterator[Attempt]:
        """One try for `account` from the request's address. Raises TooManyTries, counting nothing more.

        A try is counted before it is made, so that many at once are not heard either, and taken back if it succeeds.
        """
        digest = sha256(account.encode("utf-8", "replace")).hexdigest()
        counts = (
            (self.per_address, f"{self.name}:address:{address_group(request.remote_addr or '')}"),
            (self.per_account, f"{self.name}:account:{digest}"),
        )
        for limit, key in counts:
            if not limiter.limiter.hit(limit, key):
                raise TooManyTries(_until_reset(limit, key))
        attempt = Attempt(
            min(limiter.limiter.get_window_stats(limit, key).remaining for limit, key in counts)
        )
        try:
            yield attempt
        finally:
            if attempt.has_succeeded:
                for limit, key in counts:
                    limiter.limiter.storage.incr(limit.key_for(key), limit.get_expiry(), amount=-1)


def _until_reset(limit: RateLimitItem, key: str) -> int:
    return max(1, ceil(limiter.limiter.get_window_stats(limit, key).reset_time - time.time()))


SIGNING_IN = Throttle("sign-in", parse("10 per 15 minutes"), parse("40 per 15 minutes"))
SETTING_UP = Throttle("set-up", parse("30 per 15 minutes"), parse("10 per 15 minutes"))
ASKING_FOR_A_LINK = Throttle("link", parse("3 per 15 minutes"), parse("15 per 15 minutes"))
_FETCHES = parse("60 per 15 minutes"), parse("600 per 15 minutes")
"""How often one calendar may be read, and how often calendars from one address: a whole office may share it."""


def limit_fetching(token: str) -> None:
    """One more reading of a calendar, whether or not there is one. Raises TooManyTries."""
    per_calendar, per_address = _FETCHES
    counts = (
        (per_address, f"calendar:address:{address_group(request.remote_addr or '')}"),
        (per_calendar, f"calendar:{sha256(token.encode('utf-8', 'replace')).hexdigest()}"),
    )
    for limit, key in counts:
        if not limiter.limiter.hit(limit, key):
            raise TooManyTries(_until_reset(limit, key))
