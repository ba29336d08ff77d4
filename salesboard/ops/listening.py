"""The socket people knock at. The supervisor binds it, so that a web part that starts again refuses no connection."""

from __future__ import annotations

import errno
import http.client
import os
import socket

from salesboard.config import Settings
from salesboard.errors import SettingRefused

VARIABLE = "SALESBOARD_LISTENER"
"""Names the socket that a process inherits."""

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


def is_inherited() -> bool:
    return VARIABLE in os.environ


def inherited() -> socket.socket:
    return socket.socket(fileno=int(os.environ[VARIABLE]))


def local_address(listener: socket.socket) -> str:
    """Where a browser on this machine finds it."""
    host, port = _local_end(listener)
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"


def is_answering(listener: socket.socket, settings: Settings) -> bool:
    """Does a web part behind the socket say that it lives, within half a second?"""
    connection = http.client.HTTPConnection(*_local_end(listener), timeout=0.5)
    named = {"Host": settings.base_url.partition("://")[2]} if settings.base_url else {}
    try:
        connection.request("GET", "/healthz", headers=named)
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def _local_end(listener: socket.socket) -> tuple[str, int]:
    host, port = listener.getsockname()[:2]
    return {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port
