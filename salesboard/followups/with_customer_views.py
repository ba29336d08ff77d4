"""Writing a follow-up from a customer's page, about one of its deals or none."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from http import HTTPStatus
from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import WRITERS, current_viewer, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown
from salesboard.deals.models import Deal
from salesboard.deals.of_customers import deals_of
from salesboard.deals.replies import sheet_page
from salesboard.deals.rules import quick_dates
from salesboard.errors import Conflict
from salesboard.followups.about import About
from salesboard.followups.blueprint import followups
from salesboard.followups.forms import CustomerNoteForm
from salesboard.followups.models import FollowUp
from salesboard.followups.moves import keep_note, keep_note_with
from salesboard.followups.sheets import what_is_known_of_the_talk, what_is_known_with
from salesboard.installation import installation, working_calendar
from salesboard.tasks.queries import plan_of
from salesboard.web import found, lead_to

Answered = str | Response | tuple[str, int]


@followups.route("/customers/<customer_number>/followups", methods=["GET", "POST"])
@signed_in
def write_with(customer_number: str) -> Answered:
    """A note on a customer: for all who see it. Who sees only its deals writes about one of those."""
    shown = found(customer_shown(customer_number))
    deals = [deal for deal in deals_of(shown) if not deal.is_lost]
    if request.method == "GET":
        return _show(shown, _form(shown, deals, data=_known(shown, deals)))
    form = _form(shown, deals)
    if not form.validate():
        return _show(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        kept = _keep(shown, deals, form)
    except Conflict as conflict:
        form.request_key.raw_data = [str(uuid.uuid4())]
        form.form_errors.append(str(conflict))
        return _show(shown, form), HTTPStatus.CONFLICT
    saved = f"{current_user.id}:{customer_number}:note"
    told: Any = {"title": _("Kept as %(number)s.", number=kept.number), "text": "", "saved": saved}
    flash(told, "act")
    return lead_to(url_for("customers.customer", number=customer_number))


def _form(customer: Customer, deals: Sequence[Deal], **kwargs: Any) -> CustomerNoteForm:
    viewer = current_viewer()
    sees_customer = viewer is not None and viewer.sees_person(customer.owner_id)
    plans = current_user.role in WRITERS
    about = About(customer, tuple(deals))
    return CustomerNoteForm(about, without_deal=sees_customer or not deals, plans=plans, **kwargs)


def _known(customer: Customer, deals: Sequence[Deal]) -> dict[str, Any]:
    """With one deal under way the note is about that, and what is planned there stays planned."""
    if len(deals) != 1:
        return what_is_known_with(customer)
    deal = deals[0]
    known = {**what_is_known_of_the_talk(deal), "about": deal.number}
    if deal.next_due and deal.next_due > installation().today:
        known |= plan_of(deal)
    return known


def _keep(customer: Customer, deals: Sequence[Deal], form: CustomerNoteForm) -> FollowUp:
    key, person = form.request_key.data or None, current_sign_in().user
    deal = next((deal for deal in deals if deal.number == form.about.data), None)
    if deal is not None:
        return keep_note(deal.id, form.note(), key, person)
    return keep_note_with(customer.id, form.note(), key, person)


def _show(customer: Customer, form: CustomerNoteForm) -> str:
    return sheet_page(
        "followups/write_with.html",
        customer=customer,
        talk=form,
        quick_dates=quick_dates(installation().today, working_calendar()),
        back=url_for("customers.customer", number=customer.number),
    )
