"""The admin's pages about custom fields: which there are, each by itself, and how they are used."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import Role, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.custom_fields import CustomField, every_field
from salesboard.customers.custom_forms import ChoicesForm, FieldForm, NewFieldForm, field_form
from salesboard.customers.custom_queries import how_often_filled
from salesboard.customers.custom_rules import FieldKind, Subject
from salesboard.customers.custom_values import rename_choice
from salesboard.customers.custom_wording import KIND_NAMES, SUBJECT_NAMES
from salesboard.database import db, writing
from salesboard.errors import Invalid
from salesboard.fields import show_invalid
from salesboard.web import found, render

Answer = str | Response | tuple[str, int]
FIELD = "/admin/fields/<int(max=2147483647):field_id>"


@customers.route("/admin/fields", methods=["GET", "POST"])
@allow(Role.ADMIN)
def fields() -> Answer:
    """The fields of customers and deals in their order, and the form of another one."""
    form = NewFieldForm()
    if not form.validate_on_submit():
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    try:
        with writing():
            added = CustomField.add(
                form.subject.data,
                form.name.data or "",
                form.kind.data,
                choices=form.said_choices,
                is_required=form.is_required.data,
                is_listed=form.is_listed.data,
                by=current_sign_in().user,
                now=clock.now(),
            )
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _list_page(form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back_to_list(_("%(name)s is asked from now on.", name=added.name))


@customers.route(FIELD, methods=["GET", "POST"])
@allow(Role.ADMIN)
def edit_field(field_id: int) -> Answer:
    """What may change about a field: its name, its choices, whether it is required or listed."""
    field = found(db.session.get(CustomField, field_id))
    form = field_form(field)
    if not form.validate_on_submit():
        return _field_page(
            field, form
        ), HTTPStatus.UNPROCESSABLE_ENTITY if form.is_submitted() else HTTPStatus.OK
    try:
        with writing():
            _change(found(CustomField.locked(field_id)), form)
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _field_page(field, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return _back_to_list(_("Saved."))


@customers.post(f"{FIELD}/position")
@allow(Role.ADMIN)
def move_field(field_id: int) -> Response:
    """One place up or down."""
    way = found(request.form.get("way") if request.form.get("way") in ("up", "down") else None)
    _act(field_id, lambda field, **told: field.move(up=way == "up", **told))
    return redirect(url_for("customers.fields", _anchor=f"field-{field_id}"), HTTPStatus.SEE_OTHER)


@customers.post(f"{FIELD}/retirement")
@allow(Role.ADMIN)
def retire_field(field_id: int) -> Response:
    """Is asked no more."""
    _act(field_id, CustomField.retire)
    return _back_to_list(_("It is asked no more. What stands in it is kept."))


@customers.post(f"{FIELD}/return")
@allow(Role.ADMIN)
def bring_field_back(field_id: int) -> Response:
    """Is asked again."""
    try:
        _act(field_id, CustomField.bring_back)
    except Invalid as refusal:
        flash(str(refusal), "late")
        return redirect(url_for("customers.edit_field", field_id=field_id), HTTPStatus.SEE_OTHER)
    return _back_to_list(_("It is asked again, with all that stands in it."))


@customers.get("/admin/fields/use")
@allow(Role.ADMIN)
def fields_use() -> str:
    """How often each field is really filled in, by whom mostly, and when last."""
    return render(
        "customers/fields_use.html",
        uses=how_often_filled(clock.now()),
        subjects=SUBJECT_NAMES,
        kinds=KIND_NAMES,
    )


def _change(field: CustomField, form: FieldForm) -> None:
    told: dict[str, Any] = {"by": current_sign_in().user, "now": clock.now()}
    field.change(
        name=form.name.data or "", is_required=form.is_required.data, is_listed=form.is_listed.data, **told
    )
    if isinstance(form, ChoicesForm):
        for old, new in field.offer(form.said_choices, renamed=form.renamed, **told):
            rename_choice(field.id, old, new)


def _act(field_id: int, verb: Callable[..., None]) -> None:
    with writing():
        verb(found(CustomField.locked(field_id)), by=current_sign_in().user, now=clock.now())


def _back_to_list(told: str) -> Response:
    flash(told)
    return redirect(url_for("customers.fields"), HTTPStatus.SEE_OTHER)


def _list_page(form: NewFieldForm) -> str:
    shapes = every_field()
    in_use = {
        subject: [field for field in shapes if field.subject is subject and not field.is_retired]
        for subject in Subject
    }
    return render(
        "customers/fields.html",
        form=form,
        in_use=in_use,
        retired=[field for field in shapes if field.is_retired],
        subjects=SUBJECT_NAMES,
        kinds=KIND_NAMES,
    )


def _field_page(field: CustomField, form: FieldForm) -> str:
    return render(
        "customers/field.html",
        form=form,
        field=field.shape,
        has_choices=field.kind is FieldKind.CHOICE,
        subjects=SUBJECT_NAMES,
        kinds=KIND_NAMES,
    )
