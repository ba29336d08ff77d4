"""The doctor names what is unsafe for production, and only that."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from salesboard.config import Settings
from salesboard.ops import doctor
from salesboard.ops.doctor import Verdict, examine
from tests.conftest import make_settings


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An installation with nothing to object to."""
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 1000)
    data_dir = tmp_path / "data"
    data_dir.mkdir(mode=0o700)
    return replace(
        make_settings(data_dir),
        secret_key="k" * 40,
        base_url="https://sales.example.com",
        smtp_url="smtp://mail.example.com:587",
    )


def texts(settings: Settings, verdict: Verdict) -> list[str]:
    return [line.text for line in examine(settings) if line.verdict is verdict]


def test_a_sound_installation_is_ok_line_by_line(settings: Settings) -> None:
    lines = examine(settings)
    assert {line.verdict for line in lines} == {Verdict.OK}
    assert all(str(line).startswith("ok ") for line in lines)
    assert any("SQLite 3." in line.text for line in lines)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"base_url": None}, "SALESBOARD_BASE_URL"),
        ({"base_url": "http://sales.example.com"}, "SALESBOARD_BASE_URL"),
        ({"host": "0.0.0.0"}, "without a proxy"),
        ({"host": "192.0.2.7"}, "without a proxy"),
        ({"secret_key": "short"}, "secret key"),
        ({"redis_url": "redis://cache.example.com"}, "rediss://"),
        ({"database_url": "postgresql+psycopg://sb@db.example.com/sb"}, "sslmode"),
    ],
)
def test_each_unsafe_setting_is_named(settings: Settings, change: dict[str, object], named: str) -> None:
    (text,) = texts(replace(settings, **change), Verdict.UNSAFE)
    assert named in text


@pytest.mark.parametrize(
    "change",
    [
        {"host": "0.0.0.0", "trusted_proxies": 1},
        {"host": "::1"},
        {"database_url": "postgresql+psycopg:///sb?host=/run/postgresql"},
        {"database_url": "postgresql+psycopg://sb@db.example.com/sb?sslmode=verify-full"},
    ],
)
def test_what_is_safe_is_not_objected_to(settings: Settings, change: dict[str, object]) -> None:
    assert texts(replace(settings, **change), Verdict.UNSAFE) == []


def test_an_old_sqlite_is_unsafe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    from pysqlite3 import dbapi2

    monkeypatch.setattr(dbapi2, "sqlite_version_info", (3, 51, 2))
    monkeypatch.setattr(dbapi2, "sqlite_version", "3.51.2")
    (text,) = texts(settings, Verdict.UNSAFE)
    assert "3.51.2" in text


def test_a_folder_and_a_key_that_others_can_read_are_unsafe(settings: Settings) -> None:
    settings.data_dir.chmod(0o755)
    (settings.data_dir / "secret.key").write_text("x")
    (settings.data_dir / "secret.key").chmod(0o644)
    folder, key = texts(settings, Verdict.UNSAFE)
    assert "chmod 700" in folder
    assert "secret.key" in key


def test_root_and_debugging_are_unsafe(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.os, "geteuid", lambda: 0)
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert len(texts(settings, Verdict.UNSAFE)) == 2


def test_what_is_missing_but_not_dangerous_is_a_note(
    settings: Settings, freeze: Callable[[datetime], None]
) -> None:
    freeze(datetime(2031, 3, 1, tzinfo=UTC))
    missing = replace(settings, smtp_url=None, redis_url="redis://127.0.0.1:1/0")
    redis, mail, calendar = texts(missing, Verdict.NOTE)
    assert "Redis does not answer" in redis
    assert "SALESBOARD_SMTP_URL" in mail
    assert "2031" in calendar
    assert texts(missing, Verdict.UNSAFE) == []
