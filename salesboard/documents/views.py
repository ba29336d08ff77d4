"""Documents of customers and deals: filed, looked at, given newer versions, deleted."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, send_file, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock, files
from salesboard.access import WRITERS, allow, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.queries import customer_shown
from salesboard.database import writing
from salesboard.deals.of_customers import deals_of
from salesboard.deals.replies import sheet_page
from salesboard.documents.blueprint import documents
from salesboard.documents.forms import EditionForm, FilingForm, RemovalForm, RevisionForm
from salesboard.documents.models import Document, Kept
from salesboard.documents.queries import document_shown, file_shown
from salesboard.documents.rules import (
    ENDINGS,
    KINDS,
    LARGEST_FILE,
    DocumentKind,
    download_name,
    suggested_name,
)
from salesboard.documents.wording import KIND_NAMES
from salesboard.errors import Conflict
from salesboard.installation import installation
from salesboard.web import found, lead_to, render, takes_files

Answered = str | Response | tuple[str, int]
SHOWN_TYPES = {kind.media_type for kind in KINDS if kind.shows}
CLOSED = "default-src 'none'; img-src 'self' data:; frame-ancestors 'none'; form-action 'none'"
"""What a file may do that is shown in the browser's own window: nothing but be looked at."""
_ID = "int(max=2147483647)"


@documents.route("/customers/<number>/documents/new", methods=["GET", "POST"])
@allow(*WRITERS)
@takes_files
def file_document(number: str) -> Answered:
    """The form of a new document of this customer or one of its deals, and the document."""
    customer = found(customer_shown(number))
    form = FilingForm(deals_of(customer))
    if request.method == "GET":
        form.deal.data, form.day.data = request.args.get("deal", ""), installation().today
        return _sheet("documents/file.html", form, customer=customer)
    if not form.validate():
        return _sheet("documents/file.html", form, customer=customer), HTTPStatus.UNPROCESSABLE_ENTITY
    facts = _facts(form, customer.name)

    def file(kept: list[Kept]) -> Document:
        deal, person = form.chosen_deal, current_sign_in().user
        return Document.file(customer, deal, kept=kept, by=person, now=clock.now(), **facts)

    filed = _with_files(form, file)
    return _to(filed, _("Filed as %(name)s.", name=filed.name))


@documents.get(f"/documents/<{_ID}:document_id>")
@signed_in
def document(document_id: int) -> str:
    """One document with all its versions."""
    return _document_page(found(document_shown(document_id)))


@documents.route(f"/documents/<{_ID}:document_id>/edit", methods=["GET", "POST"])
@allow(*WRITERS)
def revise(document_id: int) -> Answered:
    """What is known about a document, changed unless somebody else changed it meanwhile."""
    shown = found(document_shown(document_id))
    form = RevisionForm(obj=shown)
    if request.method == "GET":
        return _sheet("documents/edit.html", form, document=shown)
    if not form.validate():
        return _sheet("documents/edit.html", form, document=shown), HTTPStatus.UNPROCESSABLE_ENTITY
    facts, person = _facts(form, shown.customer.name), current_sign_in().user
    try:
        with writing():
            held = found(Document.locked(document_id))
            held.revise(by=person, now=clock.now(), expected_version=form.version.data, **facts)
    except Conflict as conflict:
        return _meanwhile("documents/edit.html", form, document_id, conflict)
    return _to(held, _("Changed."))


@documents.route(f"/documents/<{_ID}:document_id>/editions/new", methods=["GET", "POST"])
@allow(*WRITERS)
@takes_files
def add_edition(document_id: int) -> Answered:
    """The form of a newer version, and the version. The earlier ones stay."""
    shown = found(document_shown(document_id))
    form = EditionForm(data={"version": shown.version})
    if request.method == "GET":
        return _sheet("documents/edition.html", form, document=shown)
    if not form.validate():
        return _sheet("documents/edition.html", form, document=shown), HTTPStatus.UNPROCESSABLE_ENTITY

    def add(kept: list[Kept]) -> Document:
        held, person = found(Document.locked(document_id)), current_sign_in().user
        held.add_edition(kept, by=person, now=clock.now(), expected_version=form.version.data)
        return held

    try:
        held = _with_files(form, add)
    except Conflict as conflict:
        return _meanwhile("documents/edition.html", form, document_id, conflict)
    return _to(held, _("Version %(edition)d is there.", edition=held.edition))


@documents.post(f"/documents/<{_ID}:document_id>/removal")
@allow(*WRITERS)
def remove(document_id: int) -> Answered:
    """Deletes a document with its files. That it was there stays on record."""
    shown = found(document_shown(document_id))
    form = RemovalForm()
    if not form.validate():
        return _document_page(shown), HTTPStatus.UNPROCESSABLE_ENTITY
    with writing():
        held, person = found(Document.locked(document_id)), current_sign_in().user
        keys = held.remove(by=person, now=clock.now(), expected_version=form.version.data)
        customer = held.customer.number
    for key in keys:
        files.remove(key)
    flash(_("%(name)s is deleted.", name=held.name))
    return redirect(url_for("customers.customer", number=customer), HTTPStatus.SEE_OTHER)


@documents.get(f"/documents/<{_ID}:document_id>/files/<{_ID}:file_id>")
@signed_in
def fetch(document_id: int, file_id: int) -> Response:
    """A file, to be kept; with `?look` a picture or PDF, to be looked at."""
    file = found(file_shown(document_id, file_id))
    is_looked_at = "look" in request.args and file.media_type in SHOWN_TYPES
    name = download_name(file.document.name, file.edition, file.label)
    content = found(_content(file.file_key))
    media_type = file.media_type if is_looked_at else "application/octet-stream"
    answer = send_file(content, media_type, as_attachment=not is_looked_at, download_name=name)
    answer.headers["Content-Security-Policy"] = CLOSED if is_looked_at else f"{CLOSED}; sandbox"
    return answer


def _content(key: str) -> Any:
    """The file, or None where the disk has lost it."""
    try:
        return files.opened(key)
    except LookupError:
        return None


def _with_files(form: FilingForm | EditionForm, verb: Callable[[list[Kept]], Document]) -> Document:
    """Keeps the files, then lets `verb` record them in one transaction; where that fails nothing is kept."""
    kept: list[Kept] = []
    try:
        for file, label, kind, size in form.taken:
            kept.append(Kept(files.keep(file.stream), label, kind.media_type, size))
        with writing():
            return verb(kept)
    except BaseException:
        for each in kept:
            files.remove(each.key)
        raise


def _facts(form: FilingForm | RevisionForm, customer: str) -> dict[str, Any]:
    """A document that nobody named is called by customer, date and content."""
    kind, day = DocumentKind(form.kind.data), form.day.data
    name = form.name.data or suggested_name(customer, day, str(KIND_NAMES[kind]))
    return {"kind": kind, "day": day, "amount": form.amount.data, "name": name}


def _sheet(template: str, form: Any, document: Document | None = None, **context: Any) -> str:
    customer = document.customer if document else context.pop("customer")
    back = (
        url_for("documents.document", document_id=document.id)
        if document
        else url_for("customers.customer", number=customer.number)
    )
    return sheet_page(
        template,
        form=form,
        document=document,
        customer=customer,
        back=back,
        endings=ENDINGS,
        most_bytes=LARGEST_FILE,
        **context,
    )


def _meanwhile(template: str, form: Any, document_id: int, conflict: Conflict) -> tuple[str, int]:
    """The form again, on what the document is now, with what was typed."""
    shown = found(document_shown(document_id))
    form.version.go_on_from(shown.version)
    return _sheet(template, form, document=shown, conflict=conflict), HTTPStatus.CONFLICT


def _document_page(shown: Document) -> str:
    return render("documents/document.html", document=shown, kind_names=KIND_NAMES, shown_types=SHOWN_TYPES)


def _to(shown: Document, told: str) -> Response:
    flash(told)
    return lead_to(url_for("documents.document", document_id=shown.id))
