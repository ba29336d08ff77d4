"""`salesboard export`."""

from __future__ import annotations

from contextlib import AbstractContextManager
from pathlib import Path

import click
from flask_babel import force_locale, ngettext
from flask_babel import gettext as _

from salesboard import clock
from salesboard.access import WRITERS, acting_as, acting_as_system
from salesboard.accounts.models import User
from salesboard.cli import application
from salesboard.config import LOCALES
from salesboard.database import writing
from salesboard.errors import Refused
from salesboard.exchange.export_asked import EVERYTHING, OF_IMPORT, OF_SHEET, wish_for
from salesboard.exchange.export_models import Export, Form
from salesboard.exchange.export_sheets import OWN_SHEETS
from salesboard.exchange.exporting import write
from salesboard.exchange.fields import Kind
from salesboard.exchange.workroom import in_place_of
from salesboard.installation import installation


class _What(click.ParamType):
    """A list, `sheet:` with a name, or everything."""

    name = "what"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        is_sheet = value.startswith(OF_SHEET) and value.removeprefix(OF_SHEET) in OWN_SHEETS
        is_import = value.startswith(OF_IMPORT) and value.removeprefix(OF_IMPORT).isdecimal()
        if not (is_sheet or is_import or value in (*Kind, EVERYTHING)):
            names = ", ".join((*Kind, *(OF_SHEET + name for name in OWN_SHEETS), "import:NUMBER", EVERYTHING))
            self.fail(f"{value!r} is none of: {names}", param, ctx)
        return value


@click.command()
@click.argument("what", type=_What(), metavar="WHAT")
@click.option(
    "--format",
    "form",
    type=click.Choice([form.value for form in Form]),
    help="Without it the ending of FILE says it, else xlsx; everything is a zip of CSVs.",
)
@click.option("--as", "email", metavar="EMAIL", help="What this person sees; without it everything.")
@click.option("--language", type=click.Choice(LOCALES), help="Of the heads of lists.")
@click.option(
    "-o", "--output", "file", required=True, type=click.Path(path_type=Path, dir_okay=False), metavar="FILE"
)
def export(what: str, form: str | None, email: str | None, language: str | None, file: Path) -> None:
    """Take records out: WHAT is customers, contacts, deals, followups, sheet:NAME for one of the team's own sheets,
    import:NUMBER for what an import brought in, in the shape of its file, or all for one archive of everything."""
    chosen = _form(what, form, file)
    with application():
        person = _person(email)
        locale = language or (person.locale if person else None) or installation().locale
        with force_locale(locale):
            if what == EVERYTHING and person is not None and not person.viewer().sees_everything:
                raise Refused(_("Only the administrator takes everything out."))
            with _eyes_of(person):
                wish = wish_for(what, chosen, None, locale, (person.timezone if person else None))
                with in_place_of(file) as (target, folder):
                    rows = write(wish, person.id if person else 0, target, folder)
            with acting_as_system("an operator takes records out"), writing():
                Export.take_at_once(wish, rows=rows, by=person, now=clock.now())
            click.echo(
                ngettext("%(num)d row in %(file)s", "%(num)d rows in %(file)s", rows, file=file), err=True
            )


def _form(what: str, form: str | None, file: Path) -> Form:
    if what == EVERYTHING:
        return Form.ZIP
    if form is not None:
        return Form(form)
    return Form.CSV if file.suffix.lower() == ".csv" else Form.XLSX


def _person(email: str | None) -> User | None:
    if email is None:
        return None
    person = User.with_email(email)
    if person is None:
        raise Refused(_("There is no account %(email)s.", email=email))
    if not person.is_active or person.role not in WRITERS:
        raise Refused(_("%(name)s may not take records out.", name=person.name))
    return person


def _eyes_of(person: User | None) -> AbstractContextManager[None]:
    if person is None:
        return acting_as_system("records are taken out on the server's own terminal")
    return acting_as(person.viewer())
