"""The web part: one gunicorn worker process with threads."""

from __future__ import annotations

import gc
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.http import wsgi
from gunicorn.workers.base import Worker
from sqlalchemy.orm import configure_mappers

from salesboard.config import Settings
from salesboard.database import db
from salesboard.ops import listening, tether

THREADS = 32


def run_web(app_factory: Callable[[], Flask], settings: Settings) -> None:
    """Serves until SIGTERM or SIGINT; requests under way get three seconds. Exits the process.

    Under the supervisor it first brings the database to this version: the parts that follow rely on it.
    """
    if tether.is_held():
        tether.hold()
    app = app_factory()
    if listening.is_inherited():
        listener = listening.inherited()
        _prepare(app, settings.base_url or listening.local_address(listener))
    else:
        listener = listening.listen(settings)
    _Server(app, listener).run()


def _prepare(app: Flask, address: str) -> None:
    from salesboard.accounts.setup import code_if_needed
    from salesboard.ops.upgrade import bring_up_to_date

    with app.app_context():
        upgraded = bring_up_to_date(app)
        code = code_if_needed(app)
        db.engine.dispose()
    if upgraded and upgraded.copy:
        _say(f"upgraded the database; what was there before is kept in {upgraded.copy}")
    if code:
        _say(f"no account yet: open {address}/setup and enter the one-time code {code}")


class _Server(BaseApplication):
    def __init__(self, app: Flask, listener: socket.socket) -> None:
        self._app = app
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
            "post_worker_init": _settle_down,
            "child_exit": _tell_of_death,
        }
        if Path("/dev/shm").is_dir():
            options["worker_tmp_dir"] = "/dev/shm"  # the worker's sign of life must not wait for a disk
        for name, value in options.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        return self._app


def _tie_to_master(_arbiter: Arbiter, _worker: Worker) -> None:
    tether.hold()


def _settle_down(_worker: Worker) -> None:
    """What stands now stands as long as the worker: the garbage collector need not walk through it at each round."""
    configure_mappers()
    gc.collect()
    gc.freeze()


def _tell_of_death(arbiter: Arbiter, _worker: Worker) -> None:
    if arbiter.LISTENERS:  # emptied when the server is asked to end
        _say("the web part's worker died; starting it again")


def _without_server_name(headers: Callable[[Any], list[str]]) -> Callable[[Any], list[str]]:
    return lambda response: [line for line in headers(response) if not line.startswith("Server:")]


def _say(line: str) -> None:
    print(f"salesboard: {line}", flush=True)
