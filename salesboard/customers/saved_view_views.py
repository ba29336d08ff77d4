"""Keeping what a list shows as a view, changing it, and taking it away."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import signed_in
from salesboard.accounts.models import Team, User
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.filter_menus import teams_offered
from salesboard.customers.saved import ListKind, SavedView, default_of, open_with, view_shown
from salesboard.customers.saved_menu import ENDPOINTS
from salesboard.customers.saved_view_forms import SavedViewForm
from salesboard.database import db, writing
from salesboard.deals.replies import sheet_page
from salesboard.errors import Refused
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]


@customers.route("/views/new/<kind>", methods=["GET", "POST"])
@signed_in
def new_view(kind: str) -> Answered:
    """The form of a new view, which is given the list's `query`; and the view. One of the same name is replaced."""
    of_list = found(ListKind(kind) if kind in list(ListKind) else None)
    form = _form()
    if request.method == "GET":
        form.query.data = request.args.get("query", "")
        return _page(form, of_list, None)
    if not form.validate():
        return _page(form, of_list, None), HTTPStatus.UNPROCESSABLE_ENTITY
    person, told = current_sign_in().user, (form.name.data or "", form.query.data or "")
    try:
        with writing():
            view = SavedView.keep(of_list, *told, team=_team(form), by=person, now=clock.now())
            _prefer(person, view, form)
    except Refused as refusal:
        form.name.errors = [str(refusal)]
        return _page(form, of_list, None), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Kept as “%(name)s”.", name=view.name))
    return lead_to(_list_url(view))


@customers.route("/views/<int(max=2147483647):view_id>", methods=["GET", "POST"])
@signed_in
def edit_view(view_id: int) -> Answered:
    """A view's name and with whom it is shared, by who made it; whether one's list opens with it, by everybody."""
    person = current_sign_in().user
    view = found(view_shown(view_id, person))
    form, is_own = _form(), view.owner_id == person.id
    if request.method == "GET":
        form.name.data, form.team.data = view.name, str(view.team_id or "")
        form.is_default.data = default_of(person, view.kind) == view.id
        return _page(form, view.kind, view)
    if is_own and not form.validate():
        return _page(form, view.kind, view), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            if is_own:
                view.revise(form.name.data, team=_team(form), by=person, now=clock.now())
            _prefer(person, view, form)
    except Refused as refusal:
        form.name.errors = [str(refusal)]
        return _page(form, view.kind, view), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Changed."))
    return lead_to(_list_url(view))


@customers.post("/views/<int(max=2147483647):view_id>/removal")
@signed_in
def remove_view(view_id: int) -> Response:
    """Takes a view away."""
    person = current_sign_in().user
    view = found(view_shown(view_id, person))
    with writing():
        view.remove(by=person, now=clock.now())
        if default_of(person, view.kind) == view_id:
            open_with(person, view.kind, None)
    flash(_("The view is gone. The records stay."))
    return lead_to(url_for(ENDPOINTS[view.kind]))


def _form() -> SavedViewForm:
    form = SavedViewForm()
    form.offer(teams_offered())
    return form


def _team(form: SavedViewForm) -> Team | None:
    return db.session.get(Team, form.team_id) if form.team_id else None


def _prefer(person: User, view: SavedView, form: SavedViewForm) -> None:
    """Where the list opened with this view and shall not any more, it opens as it usually does."""
    is_now = default_of(person, view.kind) == view.id
    if form.is_default.data != is_now:
        open_with(person, view.kind, view.id if form.is_default.data else None)


def _list_url(view: SavedView) -> str:
    return f"{url_for(ENDPOINTS[view.kind])}?{view.query or 'view=all'}"


def _page(form: SavedViewForm, kind: ListKind, view: SavedView | None) -> str:
    person = current_sign_in().user
    return sheet_page(
        "customers/saved_view.html",
        form=form,
        kind=kind,
        view=view,
        is_own=view is None or view.owner_id == person.id,
        may_remove=view is not None and view.may_be_removed_by(person),
        back=_list_url(view) if view else f"{url_for(ENDPOINTS[kind])}?{form.query.data or 'view=all'}",
    )
