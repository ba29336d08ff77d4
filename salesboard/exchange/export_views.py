"""Taking records out through the page: small ones at once, long ones made by a worker and fetched within a day."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus
from tempfile import TemporaryFile

from flask import Blueprint, redirect, send_file, url_for
from flask_babel import get_locale, get_timezone
from werkzeug.wrappers import Response

from salesboard import clock, files
from salesboard.access import WRITERS, Viewer, allow, current_viewer
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.exchange import wording
from salesboard.exchange.export_asked import EVERYTHING, MIME_TYPES, count_asked, without_way
from salesboard.exchange.export_forms import ExportForm
from salesboard.exchange.export_models import Asked, Export
from salesboard.exchange.export_queries import export_shown, exports_page
from salesboard.exchange.exporting import AT_ONCE, write
from salesboard.exchange.workroom import workroom
from salesboard.web import asked_page, found, is_fragment_request, render, whole_page_again

exports = Blueprint("exports", __name__)
Answer = str | Response | tuple[str, int]


@exports.get("/exports")
@allow(*WRITERS)
def index() -> Answer:
    """What can be taken out, and what was."""
    return _list_page(_form())


@exports.post("/exports")
@allow(*WRITERS)
def ask() -> Answer:
    """The file, where it is quickly made; else a worker makes it."""
    form, person = _form(), current_sign_in().user
    wish = form.wish(str(get_locale()), str(get_timezone())) if form.validate() else None
    if wish is None:
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    total = count_asked(wish, person.id)
    if wish.what != EVERYTHING and total <= AT_ONCE:
        return _at_once(wish)
    with writing():
        export = Export.ask(wish, total=total, by=current_sign_in().user, now=clock.now())
    return redirect(url_for("exports.show", export_id=export.id), HTTPStatus.SEE_OTHER)


@exports.get("/exports/<int(max=2147483647):export_id>")
@allow(*WRITERS)
def show(export_id: int) -> Answer:
    """One export: how far it is, which the page asks every second; the way to its file; or why there is none."""
    shown = found(export_shown(export_id))
    if is_fragment_request() and not shown.is_under_way:
        return whole_page_again()
    ready = shown.lies_ready(clock.now()) and shown.may_go_to(_viewer())
    return render(
        "exchange/export.html", "exchange/_export_progress.html", shown=shown, ready=ready, wording=wording
    )


@exports.get("/exports/<int(max=2147483647):export_id>/file")
@allow(*WRITERS)
def file(export_id: int) -> Response:
    """The file, for a day, as long as it holds nothing that the person may not see any more."""
    shown = found(export_shown(export_id))
    found(shown if shown.lies_ready(clock.now()) and shown.may_go_to(_viewer()) else None)
    try:
        content = files.opened(shown.file_key)
    except LookupError:
        content = found(None)
    with writing():
        shown.fetch(by=current_sign_in().user, now=clock.now())
    name = shown.file_name
    return send_file(content, MIME_TYPES[shown.form.ending], as_attachment=True, download_name=name)


def _at_once(wish: Asked) -> Response:
    """Written now, and noted like any other export."""
    person = current_sign_in().user
    with workroom() as folder:
        made = TemporaryFile(dir=folder)  # noqa: SIM115 - the answer closes it once it is sent
        rows = write(wish, person.id, made, folder)
    made.seek(0)
    with writing():
        kept = replace(wish, query=without_way(wish.query))
        Export.take_at_once(kept, rows=rows, by=current_sign_in().user, now=clock.now())
    name = wish.file_name
    return send_file(made, MIME_TYPES[wish.form.ending], as_attachment=True, download_name=name)


def _list_page(form: ExportForm) -> str:
    page = asked_page()
    listed, has_more = exports_page(page)
    return render(
        "exchange/exports.html",
        form=form,
        exports=listed,
        page_number=page + 1,
        has_more=has_more,
        now=clock.now(),
        wording=wording,
    )


def _form() -> ExportForm:
    return ExportForm(takes_everything=_viewer().sees_everything)


def _viewer() -> Viewer:
    viewer = current_viewer()
    assert viewer is not None
    return viewer
