"""The board on the terminal."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager
from decimal import Decimal
from typing import Any

import click
from flask_babel import force_locale

from salesboard.access import acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.cli import application
from salesboard.deals.filters import Filters
from salesboard.deals.queries import Head, Looking, heads
from salesboard.deals.rules import STAGES
from salesboard.deals.stages import Ages
from salesboard.errors import Refused


@click.command()
@click.option(
    "--as", "email", metavar="EMAIL", help="What this person sees; without it everything is counted."
)
@click.option("--as-of", metavar="DATE", help="The board of a past day: comes with a later version.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def board(email: str | None, as_of: str | None, form: str) -> None:
    """Count the open deals of each stage: how many, their sum, the sum weighted by probability, and how many have
    stayed past the warning (warned, overdue ones among them) or past the limit (overdue)."""
    if as_of is not None:
        raise Refused("--as-of comes with a later version; without it the board of today is printed")
    with application(), force_locale("en"), _seen_by(email):
        columns = heads(Looking.at(Filters(), 0, Ages.now()))
    rows = {stage.value: columns[stage] for stage in STAGES}
    total = sum(rows.values(), Head())
    if form == "json":
        stages = {name: _figures(head) for name, head in rows.items()}
        click.echo(json.dumps({"stages": stages, "total": _figures(total)}, indent=2))
        return
    click.echo(_line("stage", "deals", "sum", "weighted", "warned", "overdue"))
    for name, head in {**rows, "total": total}.items():
        figures = (head.count, f"{head.total:,.2f}", f"{head.weighted:,.2f}", head.warned, head.overdue)
        click.echo(_line(name, *figures))


def _seen_by(email: str | None) -> AbstractContextManager[None]:
    if email is None:
        return acting_as_system("the whole board is printed on the server's own terminal")
    person = User.with_email(email)
    if person is None:
        raise Refused(f"nobody has an account under {email}")
    return acting_as(person.viewer())


def _line(name: str, *figures: object) -> str:
    widths = (7, 20, 20, 8, 8)
    return f"{name:<12}" + "".join(
        f"{figure!s:>{width}}" for figure, width in zip(figures, widths, strict=True)
    )


def _figures(head: Head) -> dict[str, Any]:
    return {
        "count": head.count,
        "sum": _number(head.total),
        "weighted": _number(head.weighted),
        "warned": head.warned,
        "overdue": head.overdue,
    }


def _number(amount: Decimal) -> int | float:
    """For JSON: whole amounts without a fraction, others with their cents."""
    return int(amount) if amount == amount.to_integral_value() else float(amount)
