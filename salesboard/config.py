"""Every setting, typed, from the environment or a `.env` beside pyproject.toml; senseless values are refused."""

from __future__ import annotations

import ipaddress
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from salesboard.errors import SettingRefused
from salesboard.own_files import write_once

ROOT = Path(__file__).resolve().parent.parent
LOCALES = ("zh_Hans", "zh_Hant", "en")
SHORTEST_SECRET = 32


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What the operator may set. `docs/operating.md` lists each with its meaning."""

    data_dir: Path
    host: str = "127.0.0.1"
    port: int = 8000
    database_url: str
    redis_url: str | None = None
    secret_key: str
    base_url: str | None = None
    locale: str = "zh_Hans"
    timezone: str = "Asia/Shanghai"
    currency: str = "CNY"
    smtp_url: str | None = None
    outbound_networks: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    trusted_proxies: int = 0

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] | None = None) -> Settings:
        """Reads `SALESBOARD_*`; raises SettingRefused with one clear line for a value that makes no sense."""
        read = _Reader({**_dotenv(ROOT / ".env"), **(os.environ if environ is None else environ)})
        data_dir = Path(read.text("DATA", str(ROOT / "var"))).expanduser().resolve()
        return cls(
            data_dir=data_dir,
            host=read.text("HOST", "127.0.0.1"),
            port=read.whole("PORT", 8000, 1, 65535),
            database_url=read.database_url(f"sqlite:///{data_dir / 'salesboard.db'}"),
            redis_url=read.url("REDIS_URL", ("redis", "rediss", "unix")),
            secret_key=read.secret("SECRET_KEY") or _own_secret(data_dir),
            base_url=read.url("BASE_URL", ("http", "https")),
            locale=read.choice("LOCALE", "zh_Hans", LOCALES),
            timezone=read.zone("TIMEZONE", "Asia/Shanghai"),
            currency=read.currency("CURRENCY", "CNY"),
            smtp_url=read.url("SMTP_URL", ("smtp", "smtps")),
            outbound_networks=read.networks("OUTBOUND_NETWORKS"),
            trusted_proxies=read.whole("TRUSTED_PROXIES", 0, 0, 8),
        )

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    @property
    def serves_https(self) -> bool:
        return bool(self.base_url and self.base_url.startswith("https:"))

    def flask_config(self) -> dict[str, object]:
        """The part of Flask's own configuration that follows from these settings."""
        return {
            "SETTINGS": self,
            "SECRET_KEY": self.secret_key,
            "SQLALCHEMY_DATABASE_URI": self.database_url,
            "MAX_CONTENT_LENGTH": 2 * 1024 * 1024,
            "MAX_FORM_MEMORY_SIZE": 1024 * 1024,
            "MAX_FORM_PARTS": 300,
            "UPLOAD_LIMIT": 50 * 1024 * 1024,
            "SESSION_COOKIE_NAME": "__Host-salesboard" if self.serves_https else "salesboard",
            "SESSION_COOKIE_HTTPONLY": True,
            "SESSION_COOKIE_SAMESITE": "Lax",
            "SESSION_COOKIE_SECURE": self.serves_https,
            "WTF_CSRF_TIME_LIMIT": None,
            "WTF_CSRF_SSL_STRICT": True,
            "BABEL_DEFAULT_LOCALE": self.locale,
            "BABEL_DEFAULT_TIMEZONE": self.timezone,
            "RATELIMIT_STORAGE_URI": "memory://",
            "RATELIMIT_HEADERS_ENABLED": False,
        }


class _Reader:
    """Typed readers over `SALESBOARD_*` that fail loudly, naming the setting."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values

    def text(self, name: str, default: str) -> str:
        return self._values.get(f"SALESBOARD_{name}", "").strip() or default

    def whole(self, name: str, default: int, least: int, most: int) -> int:
        raw = self.text(name, str(default))
        if not raw.isdecimal() or not least <= int(raw) <= most:
            raise SettingRefused(f"SALESBOARD_{name}={raw!r}: expected a whole number from {least} to {most}")
        return int(raw)

    def choice(self, name: str, default: str, allowed: tuple[str, ...]) -> str:
        raw = self.text(name, default)
        if raw not in allowed:
            raise SettingRefused(f"SALESBOARD_{name}={raw!r}: expected one of {', '.join(allowed)}")
        return raw

    def url(self, name: str, schemes: tuple[str, ...]) -> str | None:
        raw = self.text(name, "")
        if raw and raw.partition("://")[0] not in schemes:
            raise SettingRefused(
                f"SALESBOARD_{name}: expected an address that begins with {'://, '.join(schemes)}://"
            )
        return raw.rstrip("/") if raw and name == "BASE_URL" else raw or None

    def networks(self, name: str) -> tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...]:
        parts = self.text(name, "").replace(",", " ").split()
        try:
            return tuple(ipaddress.ip_network(part) for part in parts)
        except ValueError:
            raise SettingRefused(
                f"SALESBOARD_{name}: expected networks such as 10.1.0.0/16, 192.168.7.4/32"
            ) from None

    def zone(self, name: str, default: str) -> str:
        raw = self.text(name, default)
        try:
            ZoneInfo(raw)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            raise SettingRefused(f"SALESBOARD_{name}={raw!r}: not a time zone, try Asia/Shanghai") from None
        return raw

    def currency(self, name: str, default: str) -> str:
        raw = self.text(name, default).upper()
        if len(raw) != 3 or not raw.isascii() or not raw.isalpha():
            raise SettingRefused(f"SALESBOARD_{name}={raw!r}: expected a three-letter currency such as CNY")
        return raw

    def secret(self, name: str) -> str | None:
        raw = self.text(name, "")
        if raw and len(raw) < SHORTEST_SECRET:
            raise SettingRefused(
                f"SALESBOARD_{name}: too short, at least {SHORTEST_SECRET} characters are needed"
            )
        return raw or None

    def database_url(self, default: str) -> str:
        raw = self.text("DATABASE_URL", default)
        for scheme in ("postgresql://", "postgres://"):
            if raw.startswith(scheme):
                return "postgresql+psycopg://" + raw.removeprefix(scheme)
        if not raw.startswith(("sqlite:///", "postgresql+psycopg://")):
            raise SettingRefused("SALESBOARD_DATABASE_URL: expected sqlite:///… or postgresql://…")
        return raw


def _dotenv(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    pairs = (
        line.split("=", 1)
        for line in path.read_text("utf-8").splitlines()
        if "=" in line and line.strip()[0] != "#"
    )
    return {name.strip().removeprefix("export "): value.strip().strip("'\"") for name, value in pairs}


def _own_secret(data_dir: Path) -> str:
    """The installation's own random key, made once and readable by its user alone."""
    path = data_dir / "secret.key"
    if not path.exists():
        write_once(path, secrets.token_urlsafe(48))
    return path.read_text("ascii")
