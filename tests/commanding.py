"""Commands run in the test's own application."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType

import click
import pytest
from click.testing import CliRunner, Result
from flask import Flask

Run = Callable[..., Result]


def command_in(
    app: Flask, monkeypatch: pytest.MonkeyPatch, module: ModuleType, command: click.Command
) -> Run:
    """Runs the command of `module` in this application; what it refuses is raised, as `salesboard` itself has it."""

    @contextmanager
    def here() -> Iterator[Flask]:
        yield app

    monkeypatch.setattr(module, "application", here)

    def run(*words: object) -> Result:
        done = CliRunner().invoke(command, [str(word) for word in words])
        if isinstance(done.exception, Exception):
            raise done.exception
        return done

    return run
