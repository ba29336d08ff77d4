"""`salesboard import FILE` and `salesboard import undo NUMBER`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from flask_babel import gettext as _
from sqlalchemy import select

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.accounts.rules import normal_email
from salesboard.cli import application
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.exchange import running
from salesboard.exchange.models import Import, ImportState, OnDuplicate, Owners
from salesboard.exchange.planning import Plan
from salesboard.exchange.rejects import write_rejects


class _FileOrUndo(click.Group):
    """`import undo 7` takes an import back; anything else is a file to bring in, with its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_about_file = args and args[0] not in ("undo", "-h", "--help")
        return super().parse_args(ctx, ["file", *args] if is_about_file else args)


@click.group(name="import", cls=_FileOrUndo, context_settings={"help_option_names": ["-h", "--help"]})
def import_group() -> None:
    """Bring a team's own file in (import FILE), or take a whole import back (import undo NUMBER)."""


@import_group.command(name="file", hidden=True)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--sheet", help="Only this sheet of a workbook.")
@click.option(
    "--kind", default="auto", type=click.Choice(["auto", "customers", "contacts", "deals", "followups"])
)
@click.option(
    "--map", "columns", multiple=True, metavar="COLUMN=FIELD", help="What a column of theirs holds."
)
@click.option(
    "--map-value", "values", multiple=True, metavar="FIELD:THEIRS=OURS", help="What a word of theirs means."
)
@click.option("--default", "defaults", multiple=True, metavar="FIELD=VALUE", help="For empty cells.")
@click.option(
    "--owners", default="match", type=click.Choice(["create", "match"]), help="Owners not known yet."
)
@click.option("--on-duplicate", default="skip", type=click.Choice(["skip", "update", "create"]))
@click.option("--encoding", help="Of a text file, when it is not found by itself.")
@click.option("--as", "email", metavar="EMAIL", help="On behalf of this person.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as JSON.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Write the rows that were not taken to this .xlsx."
)
def bring(
    file: Path,
    *,
    owners: str,
    on_duplicate: str,
    email: str | None,
    dry_run: bool,
    as_json: bool,
    rejects: Path | None,
    **options: Any,
) -> None:
    """Bring FILE in: .xlsx, .xls, .ods, .csv or .tsv."""
    if not file.is_file():
        raise Refused(f"there is no file {file}")
    with application():
        by = _person(email)
        key = running.keep_file(file)
        with writing():
            said = {
                name: list(value) if isinstance(value, tuple) else value for name, value in options.items()
            }
            found = running.begin(
                file.name,
                key,
                options=said,
                on_duplicate=OnDuplicate(on_duplicate),
                owners=Owners(owners),
                by=by,
            )
        with acting_as_system("an operator imports"):
            plan = _run(found, by, dry_run=dry_run)
        if rejects is not None:
            write_rejects(found, rejects)
        click.echo(json.dumps(_result(found, plan), ensure_ascii=False) if as_json else _told(found, plan))


@import_group.command(name="undo")
@click.argument("number", type=int)
def undo(number: int) -> None:
    """Take the whole import NUMBER back."""
    with application(), acting_as_system("an operator undoes an import"):
        found = db.session.get(Import, number)
        if found is None:
            raise Refused(f"there is no import {number}")
        with writing():
            found.ask_for_undo(by=None, now=clock.now(), later=False)
        if found.state is ImportState.UNDOING:
            running.undo(found)
        click.echo(_("Import %(number)s is undone.", number=number))
        for label in found.kept:
            click.echo(_("kept, because it changed since: %(label)s", label=label))


def _run(found: Import, by: User | None, *, dry_run: bool) -> Plan:
    """Tries out and, unless it is a dry run, brings in; a failure in the middle leaves nothing behind."""
    try:
        plan = running.try_out(found)
        if dry_run:
            return plan
        with writing():
            found.confirm(by=by, now=clock.now(), later=False)
        running.bring_in(found, progress=_show_progress)
        return plan
    except BaseException as error:
        running.abandon(found, str(error))
        raise


def _show_progress(done: int, total: int) -> None:
    click.echo(_("%(done)s of %(total)s customers", done=done, total=total), err=True)


def _person(email: str | None) -> User | None:
    if email is None:
        return None
    person = db.session.scalar(select(User).where(User.email == normal_email(email)))
    if person is None:
        raise Refused(f"there is no account {email}")
    return person


def _result(found: Import, plan: Plan) -> dict[str, Any]:
    """The answer of CONTRACT."""
    rejects = [
        {"sheet": verdict.sheet, "row": verdict.row, "reason": verdict.reason.text if verdict.reason else ""}
        for verdict in plan.rejects
    ]
    return {"import": found.id, **plan.counts(), "rejects": rejects, "warnings": found.warnings}


def _told(found: Import, plan: Plan) -> str:
    lines = [_("Import %(number)s", number=found.id)]
    for kind, counts in plan.counts().items():
        said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        lines.append(f"{kind}: {said or 0}")
    lines += [f"{each.sheet} {each.row}: {each.reason.text if each.reason else ''}" for each in plan.rejects]
    return "\n".join([*lines, *found.warnings])
