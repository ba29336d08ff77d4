"""`salesboard report`: an evaluation on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import click

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.cli import application
from salesboard.errors import Refused
from salesboard.insight.periods import Period


def _period(_context: click.Context, _parameter: click.Parameter, text: str) -> Period:
    try:
        return Period.parse(text)
    except Refused as error:
        raise click.BadParameter(str(error)) from None


@click.command()
@click.argument("period", callback=_period)
@click.option(
    "--scope", default="all", show_default=True, metavar="all|team:T|person:EMAIL", help="Whose numbers."
)
@click.option(
    "--format", "form", type=click.Choice(["json", "xlsx", "csv"]), default="json", show_default=True
)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
def report(period: Period, scope: str, form: str, output: Path | None) -> None:
    """Evaluate PERIOD: 2017, 2017H1, 2017Q2, 2017-05, 2017W20 or 2017-03-01..2017-05-31."""
    if form != "json":
        raise Refused(f"reports as {form} are not there yet: use --format json")
    with application(), acting_as_system("the operator asks for an evaluation"):
        from salesboard.insight.evaluation import evaluate
        from salesboard.insight.scopes import Scope

        result = evaluate(period, Scope.parse(scope), as_of=clock.now()).result
    text = json.dumps(result, ensure_ascii=False, indent=2)
    if output is None:
        click.echo(text)
        return
    try:
        output.write_text(text + "\n", "utf-8")
    except OSError as error:
        raise Refused(f"cannot write {output}: {error.strerror}") from None
