"""A customer's facts one by one: each is changed in place, or without script on a small page of its own."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.addresses import asked_id
from salesboard.customers.blueprint import customers
from salesboard.customers.forms import FactsForm, LostReasonForm, fact_form, filled_with
from salesboard.customers.history import CHANGES_SHOWN, changes_of
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown
from salesboard.customers.replies import back_to
from salesboard.customers.rules import CustomerStatus
from salesboard.customers.suggestions import suggestions_for
from salesboard.customers.wording import (
    FACT_NAMES,
    LEVEL_NAMES,
    LOST_REASON_NAMES,
    PRIORITY_NAMES,
    STATUS_NAMES,
)
from salesboard.database import writing
from salesboard.deals.of_customers import deals_of, follow_name, level_of
from salesboard.deals.stages import stage_settings
from salesboard.errors import Conflict
from salesboard.fields import warn_of_home
from salesboard.web import found, is_fragment_request, render

Answered = str | Response | tuple[str, int]
CHANGES_A_PAGE = 100


@customers.route("/customers/<number>/facts/<name>", methods=["GET", "POST"])
@allow(*WRITERS)
def fact(number: str, name: str) -> Answered:
    """The form of one fact, and the fact; for htmx its line on the customer's page alone."""
    shown, kind = found(customer_shown(number)), found(fact_form(name))
    if kind is LostReasonForm and shown.status is not CustomerStatus.LOST:
        abort(HTTPStatus.NOT_FOUND)
    if request.method == "GET":
        is_asked = request.args.get("as") != "value"
        return _fact_page(name, shown, filled_with(kind, shown) if is_asked else None)
    form = kind()
    if not form.validate():
        return _fact_page(name, shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Customer.locked(number))
            version = form.version.data
            held.revise(by=current_sign_in().user, now=clock.now(), expected_version=version, **form.facts())
            follow_name(held)
    except Conflict as conflict:
        form.go_on_from(conflict, held, held.version)
        return _fact_page(name, held, form, conflict), HTTPStatus.CONFLICT
    if not is_fragment_request():
        return back_to(held, _("Changed."))
    return _fact_page(name, found(customer_shown(number)), None, is_changed=True)


@customers.get("/customers/<number>/changes")
@signed_in
def changes(number: str) -> str:
    """Everything that changed about a customer, its people and its deals, the latest first."""
    shown = found(customer_shown(number))
    before = asked_id(request.args.get("before", ""))
    deals = {deal.id: deal.name for deal in deals_of(shown)}
    history = changes_of(shown, deals, most=CHANGES_A_PAGE, before=before)
    return render("customers/changes.html", customer=shown, history=history)


def _fact_page(
    name: str,
    shown: Customer,
    form: FactsForm | None,
    conflict: Conflict | None = None,
    *,
    is_changed: bool = False,
) -> str:
    told: dict[str, Any] = {"history": None}
    if is_changed:
        warn_of_home()
        deals = {deal.id: deal.name for deal in deals_of(shown)}
        told["history"] = changes_of(shown, deals, most=CHANGES_SHOWN)
    return render(
        "customers/fact.html",
        "customers/_fact_answer.html",
        name=name,
        customer=shown,
        form=form,
        conflict=conflict,
        may_change=True,
        suggestions=suggestions_for(name) if form else [],
        suggested=level_of(shown) if name == "level" else None,
        back=url_for("customers.customer", number=shown.number),
        stages=stage_settings(),
        fact_names=FACT_NAMES,
        level_names=LEVEL_NAMES,
        status_names=STATUS_NAMES,
        priority_names=PRIORITY_NAMES,
        lost_reason_names=LOST_REASON_NAMES,
        **told,
    )
