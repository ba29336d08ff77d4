"""A process that must not outlive the one that started it, however that one ends.

The starter keeps the writing end of a pipe; everything below it keeps the reading end, and its end-of-file says that
the starter is gone, even by kill -9. On Linux the kernel is also asked for a signal when the parent dies, which is
quicker. Standard library only: run as a script, this file ties a foreign program to its starter in the same way.
"""

from __future__ import annotations

import ctypes
import os
import select
import signal
import sys
import threading
import time
from contextlib import suppress

VARIABLE = "SALESBOARD_TETHER"
"""The pipe's number, or "parent" where only the parent's life counts (`make run`)."""

GRACE = 3.0
"""Seconds between the request to end and the end by force."""

_PR_SET_PDEATHSIG = 1


class Tether:
    """The starter's end. Pass `fileno()` on to each process and `environment()` with it."""

    def __init__(self) -> None:
        self._reading, self._writing = os.pipe()

    def fileno(self) -> int:
        return self._reading

    def environment(self) -> dict[str, str]:
        return {VARIABLE: str(self._reading)}

    def close(self) -> None:
        """Lets go: whatever still hangs on the tether ends by itself."""
        for end in (self._writing, self._reading):
            os.close(end)


def is_held() -> bool:
    """Was this process started on a tether?"""
    return VARIABLE in os.environ


def hold() -> None:
    """Ends this process soon after its parent or its starter. A fork calls it again: threads stay behind."""
    parent = os.getppid()
    _ask_kernel_for(signal.SIGTERM)

    def watch() -> None:
        _wait_until_alone(parent)
        _end(os.getpid())

    threading.Thread(target=watch, name="tether", daemon=True).start()


def run_tied(command: list[str]) -> None:
    """Becomes `command`, with a small companion process that ends it when the starter is gone."""
    _ask_kernel_for(signal.SIGTERM)
    program = os.getpid()
    if os.fork() == 0:
        _ask_kernel_for(signal.SIGKILL)
        _wait_until_alone(program)
        if os.getppid() == program:
            _end(program)
        os._exit(0)
    os.execv(command[0], command)


def _wait_until_alone(parent: int) -> None:
    pipe = os.environ.get(VARIABLE, "")
    watched = [int(pipe)] if pipe.isdecimal() else []
    while os.getppid() == parent:
        ended, _, _ = select.select(watched, [], [], 1.0)
        if ended:
            return


def _end(process: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(process, signal.SIGTERM)
        time.sleep(GRACE)
        os.kill(process, signal.SIGKILL)


def _ask_kernel_for(request: signal.Signals) -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, int(request))


if __name__ == "__main__":
    run_tied(sys.argv[1:])
