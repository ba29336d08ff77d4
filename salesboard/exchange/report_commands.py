"""`salesboard report`: an evaluation on the command line."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask_babel import force_locale

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.cli import application
from salesboard.config import LOCALES
from salesboard.errors import Refused
from salesboard.exchange.report_files import ReportForm, json_of, write_report
from salesboard.exchange.report_paper import Paper
from salesboard.exchange.workroom import in_place_of
from salesboard.insight.evaluation import evaluate
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.installation import installation


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
    "--format", "form", type=click.Choice(["json", "xlsx", "csv", "pdf"]), default="json", show_default=True
)
@click.option("--language", type=click.Choice(LOCALES), help="Of all but json.")
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), help="A file to write to.")
def report(period: Period, scope: str, form: str, language: str | None, output: Path | None) -> None:
    """Evaluate PERIOD: 2017, 2017H1, 2017Q2, 2017-05, 2017W20 or 2017-03-01..2017-05-31."""
    if form in ("xlsx", "pdf") and output is None:
        raise click.UsageError(f"{form} needs a file: -o FILE")
    with application(), acting_as_system("the operator asks for an evaluation"):
        asked, now = Scope.parse(scope), clock.now()
        with force_locale(language or installation().locale):
            paper = Paper.of_evaluation(period, asked, evaluate(period, asked, as_of=now), now)
            if output is None and form == "json":
                click.echo(json_of(paper))
            elif output is None:
                write_report(paper, ReportForm(form), sys.stdout.buffer)
            else:
                with in_place_of(output) as (target, folder):
                    write_report(paper, ReportForm(form), target, folder)
