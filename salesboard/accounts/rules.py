"""What makes a password good enough, and how links and names are read. Pure."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import timedelta
from enum import StrEnum
from functools import cache
from importlib import resources

SHORTEST_PASSWORD = 12
LONGEST_PASSWORD = 256
SIGN_IN_LASTS = timedelta(days=14)
SIGN_IN_IDLE = timedelta(days=3)


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


LINK_LASTS = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD_RESET: timedelta(hours=2)}


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


def normal_email(text: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def token_digest(token: str) -> str:
    """What the database keeps of a secret link or session: never the secret itself."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def is_common_password(password: str) -> bool:
    """Whether the password, or its plain repetition, stands in the list of the commonest."""
    plain = password.lower()
    return (
        plain in _commonest()
        or len(set(plain)) < 4
        or any(plain == word * (len(plain) // len(word)) for word in _commonest() if len(word) < len(plain))
    )


@cache
def _commonest() -> frozenset[str]:
    text = resources.files("salesboard.accounts").joinpath("common_passwords.txt").read_text("utf-8")
    return frozenset(
        line.strip().lower() for line in text.splitlines() if line.strip() and not line.startswith("#")
    )
