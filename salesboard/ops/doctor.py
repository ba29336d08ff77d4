"""Looks at settings, versions and folders with production in mind, one line each."""

from __future__ import annotations

import os
import stat
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from salesboard import clock
from salesboard.config import ROOT, SHORTEST_SECRET, Settings
from salesboard.ops import private_redis

OLDEST_PYTHON = (3, 11)
FIRST_SOUND_SQLITE = (3, 51, 3)
"""Before it, a checkpoint and a writer that meet could corrupt a database in WAL mode."""


class Verdict(StrEnum):
    """`note` is worth knowing and no danger."""

    OK = "ok"
    NOTE = "note"
    UNSAFE = "unsafe"


@dataclass(frozen=True)
class Line:
    verdict: Verdict
    text: str

    def __str__(self) -> str:
        return f"{self.verdict:<6}  {self.text}"


def examine(settings: Settings) -> list[Line]:
    """Everything the doctor looks at, in the order of printing. Changes nothing."""
    return [
        _python(),
        _database(settings),
        _data_folder(settings),
        *_secrets(settings),
        _address(settings),
        _listening(settings),
        _redis(settings),
        _mail(settings),
        _calendar(settings),
        *_process(),
    ]


def _judged(is_safe: bool, safe: str, unsafe: str) -> Line:
    return Line(Verdict.OK, safe) if is_safe else Line(Verdict.UNSAFE, unsafe)


def _python() -> Line:
    version = ".".join(map(str, sys.version_info[:3]))
    return _judged(
        sys.version_info[:2] >= OLDEST_PYTHON,
        f"Python {version}",
        f"Python {version}: {OLDEST_PYTHON[0]}.{OLDEST_PYTHON[1]} or later is needed",
    )


def _database(settings: Settings) -> Line:
    if settings.is_sqlite:
        from pysqlite3 import dbapi2

        version = dbapi2.sqlite_version
        return _judged(
            dbapi2.sqlite_version_info >= FIRST_SOUND_SQLITE,
            f"SQLite {version}",
            f"SQLite {version} can corrupt a database in WAL mode: 3.51.3 or later is needed, install pysqlite3 0.6.1",
        )
    server = urlsplit(settings.database_url)
    is_encrypted = "sslmode=verify-full" in server.query or "sslmode=require" in server.query
    return _judged(
        is_encrypted or _is_this_machine(server.hostname),
        f"PostgreSQL on {server.hostname or 'a local socket'}",
        f"PostgreSQL on {server.hostname} without TLS: add ?sslmode=verify-full to SALESBOARD_DATABASE_URL",
    )


def _data_folder(settings: Settings) -> Line:
    folder = settings.data_dir
    return _judged(
        _is_private(folder),
        f"only its owner can open {folder}",
        f"others can open {folder}, with the database and the secret key in it: chmod 700 {folder}",
    )


def _secrets(settings: Settings) -> Iterator[Line]:
    yield _judged(
        len(settings.secret_key) >= SHORTEST_SECRET,
        "the secret key is long enough",
        f"the secret key is shorter than {SHORTEST_SECRET} characters: set SALESBOARD_SECRET_KEY anew",
    )
    for path in (settings.data_dir / "secret.key", ROOT / ".env"):
        if not _is_private(path):
            yield Line(Verdict.UNSAFE, f"others can read {path}: chmod 600 {path}")


def _address(settings: Settings) -> Line:
    return _judged(
        settings.serves_https,
        f"people come by {settings.base_url}",
        "SALESBOARD_BASE_URL is not an https:// address: cookies and passwords can be read on the way",
    )


def _listening(settings: Settings) -> Line:
    where = f"{settings.host}:{settings.port}"
    if _is_this_machine(settings.host):
        return Line(Verdict.OK, f"listens on {where}, for this machine alone")
    return _judged(
        settings.trusted_proxies > 0,
        f"listens on {where}, behind {settings.trusted_proxies} proxies; keep others away by a firewall",
        f"listens on {where} without a proxy: set SALESBOARD_HOST=127.0.0.1, or SALESBOARD_TRUSTED_PROXIES behind one",
    )


def _redis(settings: Settings) -> Line:
    if settings.redis_url is None:
        return Line(Verdict.OK, "a private Redis, on a socket of its own")
    server = urlsplit(settings.redis_url)
    if server.scheme == "redis" and not _is_this_machine(server.hostname):
        return Line(
            Verdict.UNSAFE, f"Redis on {server.hostname} without TLS: use rediss:// in SALESBOARD_REDIS_URL"
        )
    if not private_redis.answers(settings):
        return Line(Verdict.NOTE, "Redis does not answer; work waits for the ticker's sweep until it does")
    return Line(Verdict.OK, f"Redis answers on {server.hostname or server.path}")


def _mail(settings: Settings) -> Line:
    if settings.smtp_url is None:
        return Line(
            Verdict.NOTE,
            "SALESBOARD_SMTP_URL is not set: links are shown to the admin, reminders stay in the bell",
        )
    server = urlsplit(settings.smtp_url)
    return Line(Verdict.OK, f"mail goes through {server.hostname}")


def _calendar(settings: Settings) -> Line:
    year, last = clock.today(settings.timezone).year, clock.last_official_year()
    if year <= last:
        return Line(Verdict.OK, f"holidays and make-up days are known until the end of {last}")
    return Line(
        Verdict.NOTE,
        f"holidays and make-up days of {year} are not built in (they end with {last}): enter them as admin",
    )


def _process() -> Iterator[Line]:
    if os.geteuid() == 0:
        yield Line(Verdict.UNSAFE, "runs as root: give it a user of its own")
    if os.environ.get("FLASK_DEBUG", "0") not in ("", "0"):
        yield Line(Verdict.UNSAFE, "FLASK_DEBUG is set in the environment: take it away")


def _is_this_machine(host: str | None) -> bool:
    if not host or host == "localhost":
        return True
    with suppress(ValueError):
        return ip_address(host).is_loopback
    return False


def _is_private(path: Path) -> bool:
    return not path.exists() or not path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO)
