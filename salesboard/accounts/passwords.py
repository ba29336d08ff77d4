"""What makes a password good enough, and its argon2 hash. Pure but for the time that hashing takes.

Lengths and the refusal of common passwords follow NIST SP 800-63B; there are no rules on kinds of characters.
"""

from __future__ import annotations

import re
import secrets
import unicodedata
from enum import StrEnum
from functools import cache
from importlib import resources
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
DIFFERENT_CHARACTERS = 5
TRAILING = "0123456789.,!?@#$%^&*-_+= "

_hasher = PasswordHasher()
_at_work = BoundedSemaphore(4)
"""Each hash takes 64 MiB: a flood of guesses must not take all the memory there is."""


class PasswordProblem(StrEnum):
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    COMMON = "common"
    PERSONAL = "personal"


def password_problem(password: str, *, email: str, name: str) -> PasswordProblem | None:
    """Why this person should not take this password; None when it is good."""
    password = _normal(password)
    if len(password) < SHORTEST_PASSWORD:
        return PasswordProblem.TOO_SHORT
    if len(password) > LONGEST_PASSWORD:
        return PasswordProblem.TOO_LONG
    if is_common_password(password):
        return PasswordProblem.COMMON
    if _is_personal(password, email=email, name=name):
        return PasswordProblem.PERSONAL
    return None


def is_common_password(password: str) -> bool:
    """Whether guessers try it early: a common word, alone, repeated, or with digits or signs around it."""
    plain = _normal(password).lower()
    core = plain.strip(TRAILING)
    return (
        len(set(plain)) < DIFFERENT_CHARACTERS
        or not core
        or plain in _commonest()
        or core in _commonest()
        or any(_repeats(part, plain) or _repeats(part, core) for part in _commonest())
    )


def hash_password(password: str) -> str:
    """The argon2id hash to keep. Takes tens of milliseconds on purpose: never call it inside a transaction."""
    with _at_work:
        return _hasher.hash(_normal(password).encode("utf-8", "surrogatepass"))


def password_matches(stored: str | None, password: str) -> bool:
    """Whether `password` made the hash `stored`. Where there is none it takes as long, and says no."""
    with _at_work:
        try:
            matches = _hasher.verify(
                stored or _nobodys_hash(), _normal(password).encode("utf-8", "surrogatepass")
            )
        except (VerificationError, InvalidHashError):
            return False
    return matches and stored is not None


def _is_personal(password: str, *, email: str, name: str) -> bool:
    plain = password.lower().strip(TRAILING)
    own = {email, email.partition("@")[0], name, *re.split(r"[\s.@_-]+", f"{email} {name}")}
    return any(
        plain == word or _repeats(word, plain) for word in (w.lower().strip(TRAILING) for w in own) if word
    )


def _repeats(part: str, whole: str) -> bool:
    times, rest = divmod(len(whole), len(part))
    return times > 0 and whole == part * times + part[:rest]


def _normal(password: str) -> str:
    """One spelling for what different keyboards send for the same characters."""
    return unicodedata.normalize("NFKC", password)


@cache
def _nobodys_hash() -> str:
    return _hasher.hash(secrets.token_urlsafe(16))


@cache
def _commonest() -> frozenset[str]:
    text = resources.files("salesboard.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(
        line.strip().lower() for line in text.splitlines() if line.strip() and not line.startswith("#")
    )
