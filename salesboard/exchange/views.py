"""Bringing a file in through the page: dropped, tried out, confirmed, and taken back."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from io import BytesIO
from typing import TypeVar

from flask import Blueprint, redirect, request, send_file, url_for
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, WRITERS, Role, allow, current_viewer
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.errors import Invalid
from salesboard.exchange import matching_words, wording
from salesboard.exchange.fields import Kind
from salesboard.exchange.forms import OptionsForm, TrialForm, UploadForm
from salesboard.exchange.limits import LIMITS
from salesboard.exchange.models import Fate, Import, ImportRow, ImportState
from salesboard.exchange.own_fields import own_fields_known
from salesboard.exchange.queries import (
    ROWS_A_PAGE,
    heirs_of,
    import_shown,
    imports_page,
    made_besides,
    rows_by_fate,
    rows_page,
)
from salesboard.exchange.reasons import FileRefused, Reason
from salesboard.exchange.receiving import check_reading, is_text, receive
from salesboard.exchange.rejects import write_rejects
from salesboard.exchange.shapes import remember, shapes_by_id
from salesboard.web import asked_page, found, is_fragment_request, render, takes_files, whole_page_again

exchange = Blueprint("exchange", __name__)
Form = TypeVar("Form", bound=OptionsForm)
MOST_CONTROLS = 2000
"""A sheet may have a thousand columns, each with what it holds."""
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
Answer = str | Response | tuple[str, int]


@exchange.url_value_preprocessor
def let_controls_in(endpoint: str | None, _values: dict[str, object] | None) -> None:
    """The page of a trial run has more controls than any other."""
    if endpoint in ("exchange.try_otherwise", "exchange.confirm"):
        request.max_form_parts = MOST_CONTROLS


@exchange.get("/import")
@allow(*WRITERS)
def imports() -> Answer:
    """The place to drop a file, and what was brought in before."""
    return _list_page(_form(UploadForm))


@exchange.post("/import")
@allow(*WRITERS)
@takes_files
def upload() -> Answer:
    """Takes a file; what is wrong with it is said beside the field, else a worker tries it out."""
    form = _form(UploadForm)
    if not form.validate():
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    chosen = form.chosen()
    try:
        key = receive(form.file.data.stream, form.file_name, chosen["options"])
    except FileRefused as refusal:
        form.file.errors = [str(refusal)]
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    with writing():
        begun = Import.begin(form.file_name, key, by=_person(), now=clock.now(), **chosen)
        begun.ask_for_plan(clock.now())
    return _to(begun.id)


@exchange.get("/import/<int(max=2147483647):import_id>")
@allow(*WRITERS)
def show(import_id: int) -> Answer:
    """One import: how far it is, which the page asks every second; its trial run; or what became of it."""
    shown = found(import_shown(import_id))
    if is_fragment_request() and not shown.is_under_way:
        return whole_page_again()
    if shown.is_under_way:
        return render("exchange/waiting.html", "exchange/_progress.html", shown=shown, wording=wording)
    return _import_page(shown)


@exchange.get("/import/<int(max=2147483647):import_id>/rows")
@allow(*WRITERS)
def rows(import_id: int) -> Answer:
    """The rows of a trial run, as a part of its page."""
    shown = found(import_shown(import_id))
    return _import_page(shown) if shown.state is ImportState.PLANNED else _to(import_id)


@exchange.post("/import/<int(max=2147483647):import_id>/trial")
@allow(*WRITERS)
def try_otherwise(import_id: int) -> Answer:
    """Another trial run of the same file, with other options."""
    shown = found(import_shown(import_id))
    form = _form(TrialForm)
    if not _is_right(form, shown):
        return _import_page(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            form.wizard.add_fields(_person(), clock.now())
            found(Import.locked(import_id)).try_otherwise(by=_person(), now=clock.now(), **form.chosen())
    except Invalid:
        return _import_page(found(import_shown(import_id)), form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _to(import_id)


@exchange.post("/import/<int(max=2147483647):import_id>/confirm")
@allow(*WRITERS)
def confirm(import_id: int) -> Answer:
    """Has a worker bring in what the trial run showed; who says something else with it sees first what that does."""
    shown = found(import_shown(import_id))
    if shown.state is ImportState.PLANNED:
        form = _form(TrialForm)
        if not _is_right(form, shown) or form.changes(shown):
            return try_otherwise(import_id)
    with writing():
        confirmed = found(Import.locked(import_id))
        confirmed.confirm(by=_person(), now=clock.now())
        if request.form.get("remember"):
            remember(confirmed, _person(), clock.now())
    return _to(import_id)


@exchange.post("/import/<int(max=2147483647):import_id>/shapes/<int(max=2147483647):shape_id>/removal")
@allow(*WRITERS)
def forget_shape(import_id: int, shape_id: int) -> Response:
    """Forgets how tables of a shape were matched, and tries this one out without it."""
    shown = found(import_shown(import_id))
    shape = found(
        shapes_by_id(sheet["remembered"] for sheet in shown.sheets if sheet["columns"]).get(shape_id)
    )
    with writing():
        shape.forget(_person(), clock.now())
        found(Import.locked(import_id)).ask_for_plan(clock.now())
    return _to(import_id)


@exchange.post("/import/<int(max=2147483647):import_id>/undo")
@allow(*WRITERS)
def undo(import_id: int) -> Response:
    """Has a worker take the whole import back; one that is coming in stops."""
    with writing():
        found(Import.locked(import_id)).ask_for_undo(by=_person(), now=clock.now())
    return _to(import_id)


@exchange.get("/import/<int(max=2147483647):import_id>/rejects.xlsx")
@allow(*WRITERS)
def rejects(import_id: int) -> Response:
    """The rows that were not taken, each with its reason."""
    shown, sheet = found(import_shown(import_id)), BytesIO()
    write_rejects(shown, sheet)
    sheet.seek(0)
    return send_file(sheet, XLSX, as_attachment=True, download_name=f"import-{shown.id}-not-taken.xlsx")


def _list_page(form: UploadForm) -> str:
    page = asked_page()
    listed, has_more = imports_page(page)
    return render(
        "exchange/imports.html",
        form=form,
        imports=listed,
        page_number=page + 1,
        has_more=has_more,
        megabytes=LIMITS.file_bytes // 2**20,
        most_bytes=LIMITS.file_bytes,
        wording=wording,
    )


def _is_right(form: TrialForm, shown: Import) -> bool:
    """Whether everything sent can be done: by the form, by the page's other controls, and by the file."""
    is_valid = form.validate()
    with own_fields_known():
        form.read_page(shown, request.form, may_add_fields=_may_add_fields())
    if not is_valid or form.wizard.errors:
        return False
    try:
        check_reading(shown, form.chosen()["options"])
    except FileRefused as refusal:
        form.encoding.errors = [str(refusal)]
        return False
    return True


def _import_page(shown: Import, form: TrialForm | None = None) -> str:
    is_trial, sheet = shown.state is ImportState.PLANNED, _sheet(shown)
    of_sheet = shown.sheets[sheet]["name"] if is_trial and shown.sheets else None
    by_fate, page = rows_by_fate(shown, of_sheet), asked_page()
    fate = _fate(by_fate)
    if form is None:
        form = _form(TrialForm)
        form.filled_from(shown)
    rows = rows_page(shown, fate, page, of_sheet)
    with own_fields_known():
        return _rendered(form, shown, by_fate, fate, page, rows, sheet)


def _rendered(
    form: TrialForm,
    shown: Import,
    by_fate: dict[Fate, int],
    fate: Fate | None,
    page: int,
    rows: Sequence[ImportRow],
    sheet: int,
) -> str:
    is_trial = shown.state is ImportState.PLANNED
    return render(
        "exchange/trial.html" if is_trial else "exchange/import.html",
        "exchange/_preview.html" if is_trial and request.endpoint == "exchange.rows" else None,
        besides=made_besides(shown, rows) if is_trial else {},
        shapes=shapes_by_id(each["remembered"] for each in shown.sheets if each["columns"])
        if is_trial
        else {},
        heirs=form.heirs,
        may_add_fields=_may_add_fields(),
        is_text=is_text(shown.file_name),
        matching=matching_words,
        sent=request.form,
        shown=shown,
        form=form,
        by_fate=by_fate,
        fate=fate,
        rows=rows,
        page_number=page + 1,
        last_page=(by_fate[fate] if fate else sum(by_fate.values())) > (page + 1) * ROWS_A_PAGE,
        sheet=sheet,
        warnings=[Reason.unpacked(warning).text for warning in shown.warnings],
        totals=_totals(shown),
        kinds=tuple(Kind),
        fates=tuple(Fate),
        wording=wording,
    )


def _totals(shown: Import) -> dict[str, int]:
    """What becomes of all kinds together."""
    names = ("created", "updated", "skipped", "rejected")
    return {name: sum(counts[name] for counts in shown.counts.values()) for name in names}


def _fate(by_fate: dict[Fate, int]) -> Fate | None:
    """Which rows are asked for; to begin with those that are not taken, where there are any."""
    asked = request.args.get("fate", "")
    if asked in set(Fate):
        return Fate(asked)
    return Fate.REJECT if not asked and by_fate[Fate.REJECT] else None


def _sheet(shown: Import) -> int:
    """Which sheet is asked for, counted from 0; a senseless one, or one that is not read, is the first."""
    asked = request.form.get("at") or request.args.get("sheet", "")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 0
    return number if number < len(shown.sheets) and shown.sheets[number]["columns"] else 0


def _may_add_fields() -> bool:
    return _person().role is Role.ADMIN


def _person() -> User:
    return current_sign_in().user


def _form(form: type[Form]) -> Form:
    """The form with the people to whom the reader may give records; a rep's are the rep's own."""
    viewer, person = current_viewer(), _person()
    assert viewer is not None
    is_leaders = person.role in LEADERS
    return form(heirs_of(person, viewer) if is_leaders else [person], is_leaders=is_leaders)


def _to(import_id: int) -> Response:
    return redirect(url_for("exchange.show", import_id=import_id), HTTPStatus.SEE_OTHER)
