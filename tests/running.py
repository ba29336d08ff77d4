"""salesboard as an operator starts it: real processes, looked at from outside."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import psutil

from tests.waiting import wait_until

ROOT = Path(__file__).resolve().parent.parent


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return int(probe.getsockname()[1])


class Running:
    """One `salesboard COMMAND`, with what it prints and the processes below it."""

    def __init__(
        self,
        data_dir: Path,
        *words: str,
        port: int | None = None,
        under: Iterable[str] = (),
        **environment: str,
    ) -> None:
        self.data_dir = data_dir
        self.port = port or free_port()
        data_dir.mkdir(parents=True, exist_ok=True)
        self._output = data_dir / f"output-{self.port}.txt"
        with self._output.open("wb") as output:
            self.process = psutil.Popen(
                [*under, sys.executable, "-m", "salesboard", *words],
                cwd=ROOT,
                env={
                    **{
                        name: value
                        for name, value in os.environ.items()
                        if not name.startswith("SALESBOARD_")
                    },
                    "SALESBOARD_DATA": str(data_dir),
                    "SALESBOARD_PORT": str(self.port),
                    **environment,
                },
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
            )

    @property
    def printed(self) -> str:
        return self._output.read_text("utf-8", "replace")

    def wait_for_line(self, part: str, within: float = 60.0) -> str:
        """The first printed line that contains `part`; fails at once when the process ends without it."""

        def find() -> str:
            has_ended = not lives(self.process)
            line = next((line for line in self.printed.splitlines() if part in line), "")
            assert line or not has_ended, f"ended without {part!r}:\n{self.printed}"
            return line

        return wait_until(find, within=within, what=f"{part!r}, printed was:\n{self.printed}")

    def wait_for_parts(self, *names: str, within: float = 60.0) -> None:
        def are_there() -> bool:
            assert lives(self.process), self.printed
            return set(names) <= set(self.parts())

        wait_until(are_there, within=within, what=f"{names}, there are {set(self.parts())}")

    def wait_until_ready(self) -> None:
        self.wait_for_line("salesboard is ready")
        self.wait_for_parts("web", "worker", "ticker")

    def parts(self) -> dict[str, psutil.Process]:
        """The parts by name, as the processes directly below."""
        found = {}
        for child in self.process.children():
            words = _words(child)
            if "valkey-server" in words[0] or "redis-server" in words[0]:
                found["redis"] = child
            elif "salesboard" in words:
                found[words[-1]] = child
        return found

    def everything(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def get(self, path: str, timeout: float = 10.0) -> tuple[int, http.client.HTTPMessage]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status, answer.headers
        finally:
            connection.close()

    def end(self) -> None:
        """For the end of a test: whatever happened, nothing is left."""
        if lives(self.process):
            self.process.terminate()
            try:
                self.process.wait(timeout=8)
            except psutil.TimeoutExpired:
                for each in self.everything():
                    each.kill()


def lives(process: psutil.Process) -> bool:
    try:
        return bool(process.is_running()) and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def wait_until_gone(processes: Iterable[psutil.Process], within: float = 30.0) -> None:
    watched = list(processes)
    wait_until(
        lambda: not any(lives(each) for each in watched),
        within=within,
        what=f"the end of {[each for each in watched if lives(each)]}",
    )


def _words(process: psutil.Process) -> list[str]:
    try:
        return process.cmdline() or [""]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return [""]
