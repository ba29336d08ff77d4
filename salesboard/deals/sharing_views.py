"""Who works on a deal: adding people, letting them go, giving it to another owner."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, WRITERS, allow, current_viewer
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.blueprint import deals
from salesboard.deals.forms import PersonForm
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.shared import may_share, people_to_add, people_to_own
from salesboard.deals.shown import deal_shown
from salesboard.errors import NotAllowed
from salesboard.web import found

Answered = str | Response | tuple[str, int]


@deals.route("/deals/<number>/collaborators", methods=["GET", "POST"])
@allow(*WRITERS)
def share(number: str) -> Answered:
    """Adds somebody to the deal."""
    deal = _shareable(number)
    form = _form_of(people_to_add(deal))
    if request.method == "GET" or not form.validate():
        return _page("deals/share.html", deal, form)
    with writing():
        held = found(Deal.locked(number))
        person = db.session.get_one(User, form.person.data)
        held.share_with(person, by=current_sign_in().user, now=clock.now())
    return tell(held, Told(_("%(name)s sees this deal now.", name=person.name)))


@deals.post("/deals/<number>/collaborators/<int(max=2147483647):person_id>/removal")
@allow(*WRITERS)
def stop_sharing(number: str, person_id: int) -> Response:
    """Lets somebody go from the deal."""
    deal = _shareable(number)
    person = found(next((person for person in deal.collaborators if person.id == person_id), None))
    with writing():
        held = found(Deal.locked(number))
        held.stop_sharing_with(person, by=current_sign_in().user, now=clock.now())
    return tell(held, Told(_("%(name)s no longer sees this deal.", name=person.name)))


@deals.route("/deals/<number>/owner", methods=["GET", "POST"])
@allow(*LEADERS)
def hand_over(number: str) -> Answered:
    """Gives the deal to another owner."""
    deal = found(deal_shown(number))
    viewer = found(current_viewer())
    form = _form_of(people_to_own(deal, viewer))
    if request.method == "GET" or not form.validate():
        return _page("deals/hand_over.html", deal, form)
    with writing():
        held = found(Deal.locked(number))
        person = db.session.get_one(User, form.person.data)
        held.hand_over(person, by=current_sign_in().user, now=clock.now())
    return tell(held, Told(_("%(name)s looks after this deal now.", name=person.name)))


def _shareable(number: str) -> Deal:
    deal: Deal = found(deal_shown(number))
    if not may_share(deal, current_viewer()):
        raise NotAllowed(_("Only who looks after this deal decides who else sees it."))
    return deal


def _form_of(people: Sequence[User]) -> PersonForm:
    form = PersonForm()
    form.offer(people)
    return form


def _page(template: str, deal: Deal, form: PersonForm) -> Answered:
    page = sheet_page(template, deal=deal, form=form, back=came_from())
    return (page, HTTPStatus.UNPROCESSABLE_ENTITY) if form.errors else page
