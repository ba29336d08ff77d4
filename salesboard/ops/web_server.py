"""The web part: one gunicorn worker process with threads, on a socket that may be bound by the supervisor."""

from __future__ import annotations

import errno
import os
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker

from salesboard.config import Settings
from salesboard.errors import SettingRefused
from salesboard.ops import tether

LISTENER = "SALESBOARD_LISTENER"
"""Names the socket the supervisor has bound, so that a restart of this part refuses no connection."""

THREADS = 32
BACKLOG = 512


def listen(settings: Settings) -> socket.socket:
    """Binds the configured address; raises SettingRefused with one clear line where that cannot be."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    where = f"{settings.host}:{settings.port}"
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=BACKLOG)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingRefused(
                f"{where} is in use already: end what listens there, or choose another SALESBOARD_PORT"
            ) from None
        raise SettingRefused(f"cannot listen on {where}: {error.strerror}") from None


def run_web(app_factory: Callable[[], Flask], settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests under way get three seconds. Exits the process."""
    if tether.is_held():
        tether.hold()
    inherited = os.environ.get(LISTENER)
    listener = socket.socket(fileno=int(inherited)) if inherited else listen(settings)
    _Server(app_factory, listener).run()


class _Server(BaseApplication):
    def __init__(self, app_factory: Callable[[], Flask], listener: socket.socket) -> None:
        self._app_factory = app_factory
        self._listener = listener
        wsgi.Response.default_headers = _without_server_name(wsgi.Response.default_headers)
        super().__init__()

    def load_config(self) -> None:
        options: dict[str, Any] = {
            "bind": f"fd://{self._listener.detach()}",
            "worker_class": "gthread",
            "workers": 1,
            "threads": THREADS,
            "worker_connections": 2000,
            "timeout": 60,
            "graceful_timeout": 3,
            "keepalive": 15,
            "control_socket_disable": True,
            "loglevel": "warning",
            # X-Forwarded-* is the application's affair, and only with SALESBOARD_TRUSTED_PROXIES.
            "forwarded_allow_ips": "",
            "post_fork": _tie_to_master,
            "child_exit": _tell_of_death,
        }
        if Path("/dev/shm").is_dir():
            options["worker_tmp_dir"] = "/dev/shm"  # the worker's sign of life must not wait for a disk
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app_factory()


def _tie_to_master(_arbiter: Arbiter, _worker: Worker) -> None:
    tether.hold()


def _tell_of_death(arbiter: Arbiter, _worker: Worker) -> None:
    if arbiter.LISTENERS:  # emptied when the server is asked to end
        print("salesboard: the web part's worker died; starting it again", flush=True)


def _without_server_name(headers: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    return lambda response: [line for line in headers(response) if not line.startswith("Server:")]
