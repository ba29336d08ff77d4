"""`salesboard import FILE` and `salesboard import undo NUMBER`."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from time import monotonic
from typing import Any

import click
from flask_babel import gettext as _

from salesboard import clock
from salesboard.access import acting_as_system
from salesboard.accounts.models import User
from salesboard.cli import application
from salesboard.database import writing
from salesboard.errors import Refused
from salesboard.exchange import running, uploads
from salesboard.exchange.models import Import, ImportState, OnDuplicate, Owners
from salesboard.exchange.planning import Plan
from salesboard.exchange.reasons import FileRefused, Reason
from salesboard.exchange.rejects import write_rejects


class _FileOrUndo(click.Group):
    """`import undo 7` takes an import back; anything else is a file to bring in, with its options."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        is_about_file = args and args[0] not in ("undo", "-h", "--help")
        return super().parse_args(ctx, ["file", *args] if is_about_file else args)

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write_usage(ctx.command_path, "FILE [OPTIONS]")
        formatter.write_usage(ctx.command_path, "undo NUMBER", prefix=" " * len("Usage: "))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Those of bringing a file in; the undo has none."""
        self.commands["file"].format_options(ctx, formatter)


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
@click.option("--on-duplicate", default="skip", type=click.Choice(["skip", "fill", "update", "create"]))
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
    with application():
        if not file.is_file():
            raise Refused(_("There is no file %(file)s.", file=file))
        by = _person(email)
        with file.open("rb") as content:
            key = uploads.keep(content)
        try:
            with writing():
                found = Import.begin(
                    uploads.label_of(file.name),
                    key,
                    options={
                        name: list(said) if isinstance(said, tuple) else said
                        for name, said in options.items()
                    },
                    on_duplicate=OnDuplicate(on_duplicate),
                    owners=Owners(owners),
                    by=by,
                    now=clock.now(),
                )
            with acting_as_system("an operator imports"):
                plan = _run(found, by, dry_run=dry_run)
                if rejects is not None:
                    write_rejects(found, rejects)
        finally:
            uploads.remove(key)
        click.echo(json.dumps(_result(found, plan), ensure_ascii=False) if as_json else _told(found, plan))


@import_group.command(name="undo")
@click.argument("number", type=click.IntRange(1, 2**31 - 1))
def undo(number: int) -> None:
    """Take the whole import NUMBER back."""
    with application(), acting_as_system("an operator undoes an import"):
        with writing():
            found = Import.locked(number)
            if found is None:
                raise Refused(_("There is no import %(number)s.", number=number))
            found.ask_for_undo(by=None, now=clock.now(), later=False)
        if found.state is ImportState.UNDOING:
            running.undo(found, progress=_Counter(_("taken back")))
        click.echo(_("Import %(number)s is undone.", number=number))
        for kept in found.kept:
            label = f"{kept['number']} {kept['name']}".strip()
            click.echo(_("kept, because it changed since: %(label)s", label=label))


def _run(found: Import, by: User | None, *, dry_run: bool) -> Plan:
    """Tries out and, unless it is a dry run, brings in; a failure in the middle leaves nothing behind."""
    try:
        trial = running.try_out(found, progress=_Counter(_("rows read")))
        if dry_run:
            _end(found, Reason("only_tried"), by)
            return trial.plan
        with writing():
            found.confirm(by=by, now=clock.now(), later=False)
        running.bring_in(found, trial, progress=_Counter(_("records in")))
    except FileRefused as refusal:
        _end(found, refusal.reason, by)
        raise
    except BaseException:
        _end(found, Reason("stopped"), by)
        raise
    return trial.plan


def _end(found: Import, reason: Reason, by: User | None) -> None:
    """Says why it is over, and takes back what had come in."""
    with writing():
        if found.state is ImportState.RUNNING:
            found.take_back(reason, by=by, now=clock.now(), later=False)
        else:
            found.refuse(reason, clock.now())
    if found.state is ImportState.UNDOING:
        running.undo(found, progress=_Counter(_("taken back")))


class _Counter:
    """Shows on stderr how far it is: on a terminal in one line that moves, else a line now and then."""

    LINES_APART = 2.0
    """Seconds."""

    def __init__(self, words: str) -> None:
        self._words = words
        self._shown_at = 0.0

    def __call__(self, done: int, total: int) -> None:
        is_last = bool(total) and done >= total
        is_due = monotonic() - self._shown_at >= self.LINES_APART
        if not (is_last or is_due or sys.stderr.isatty()):
            return
        self._shown_at = monotonic()
        told = f"{done} / {total} {self._words}" if total else f"{done} {self._words}"
        if sys.stderr.isatty():
            click.echo(f"\r{told}" + ("\n" if is_last else ""), nl=False, err=True)
        else:
            click.echo(told, err=True)


def _person(email: str | None) -> User | None:
    """On whose behalf. Raises Refused for an account that is not there, or may not bring records in."""
    if email is None:
        return None
    person = User.with_email(email)
    if person is None:
        raise Refused(_("There is no account %(email)s.", email=email))
    if not person.is_active or not person.viewer().may_write:
        raise Refused(_("%(name)s may not bring records in.", name=person.name))
    return person


def _result(found: Import, plan: Plan) -> dict[str, Any]:
    """The answer of CONTRACT."""
    rejects = [
        {"sheet": verdict.sheet, "row": verdict.row, "reason": verdict.reason.text if verdict.reason else ""}
        for verdict in plan.rejects
    ]
    warnings = [warning.text for warning in plan.warnings]
    return {"import": found.id, **plan.counts(), "rejects": rejects, "warnings": warnings}


def _told(found: Import, plan: Plan) -> str:
    lines = [_("Import %(number)s", number=found.id)]
    for kind, counts in plan.counts().items():
        said = ", ".join(f"{name} {count}" for name, count in counts.items() if count)
        lines.append(f"{kind}: {said or 0}")
    lines += [f"{each.sheet} {each.row}: {each.reason.text if each.reason else ''}" for each in plan.rejects]
    return "\n".join([*lines, *(warning.text for warning in plan.warnings)])
