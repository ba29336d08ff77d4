"""How addresses, links and sign-ins are read: what lasts how long, what is kept of a secret. Pure."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import unicodedata
from base64 import urlsafe_b64encode
from datetime import datetime, timedelta
from enum import StrEnum


class LinkPurpose(StrEnum):
    INVITATION = "invitation"
    PASSWORD_RESET = "password_reset"


LINK_LASTS = {LinkPurpose.INVITATION: timedelta(days=7), LinkPurpose.PASSWORD_RESET: timedelta(hours=2)}


class Theme(StrEnum):
    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


KEPT_LASTS = timedelta(days=30)
"""A sign-in that the person asked to keep, however often it is used."""

UNKEPT_LASTS = timedelta(days=1)
"""Any other one; its cookie goes with the browser, too."""

IDLE_LASTS = timedelta(days=7)
"""A kept sign-in that nobody used for so long is over."""


def sign_in_expiry(began_at: datetime, seen_at: datetime, *, is_kept: bool) -> datetime:
    """When a sign-in runs out unless it is used again."""
    if not is_kept:
        return began_at + UNKEPT_LASTS
    return min(began_at + KEPT_LASTS, seen_at + IDLE_LASTS)


def normal_email(text: str) -> str:
    """The one spelling under which an address is stored and looked up."""
    return unicodedata.normalize("NFKC", text).strip().lower()


def token_digest(token: str) -> str:
    """What the database keeps of a secret link or session: never the secret itself."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def link_token(nonce: str, secret_key: str) -> str:
    """The secret of the link that was made with `nonce`.

    It can be told again by whoever holds the installation's key, so that mail that is sent twice carries one link,
    while neither the database nor the queue ever holds it.
    """
    mac = hmac.digest(secret_key.encode("utf-8"), f"salesboard access link {nonce}".encode(), "sha256")
    return urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")


def address_group(address: str) -> str:
    """Under which name tries from `address` are counted: IPv6 by its /64, for one customer gets a whole one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return "unknown"
    if isinstance(ip, ipaddress.IPv4Address):
        return str(ip)
    if ip.ipv4_mapped is not None:
        return str(ip.ipv4_mapped)
    return str(ipaddress.ip_network((ip, 64), strict=False))
