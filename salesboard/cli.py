"""The `salesboard` command: each subcommand lives beside the concept it serves and is loaded when it is called."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from salesboard.errors import Refused

if TYPE_CHECKING:
    from flask import Flask

COMMANDS = {
    "serve": "salesboard.ops.commands:serve",
    "web": "salesboard.ops.commands:web",
    "worker": "salesboard.ops.commands:worker",
    "ticker": "salesboard.ops.commands:ticker",
    "db": "salesboard.ops.commands:db",
    "verify": "salesboard.ops.commands:verify",
    "doctor": "salesboard.ops.commands:doctor",
    "keys": "salesboard.ops.commands:keys",
    "demo": "salesboard.ops.commands:demo",
    "user": "salesboard.accounts.commands:user",
    "board": "salesboard.deals.commands:board",
    "import": "salesboard.exchange.commands:import_group",
    "export": "salesboard.exchange.export_commands:export",
    "report": "salesboard.exchange.report_commands:report",
}


class _Commands(click.Group):
    """Names every command at once, imports only the one that is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        module, attribute = COMMANDS[cmd_name].split(":")
        command = getattr(importlib.import_module(module), attribute)
        assert isinstance(command, click.Command)
        return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """salesboard: a small team's sales pipeline on one board."""


def main() -> None:
    """Runs the command: exit 0 on success, 1 on a refusal with one clear line on stderr, 2 on wrong usage."""
    try:
        cli(standalone_mode=False)
    except click.exceptions.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except Refused as error:
        click.echo(f"salesboard: {' '.join(str(error).split())}", err=True)
        sys.exit(1)


@contextmanager
def application() -> Iterator[Flask]:
    """For a command that works on the database: the application, its tables made where there were none yet."""
    from salesboard import create_app
    from salesboard.ops.upgrade import ensure_schema

    app = create_app()
    with app.app_context():
        ensure_schema(app)
        try:
            yield app
        except Refused as refusal:
            # Said while there is a language to say it in.
            raise Refused(str(refusal)) from refusal
