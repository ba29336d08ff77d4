"""The forms of a customer's people."""

from __future__ import annotations

from http import HTTPStatus

from flask import request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.doubles import Known, known_as_typed
from salesboard.customers.forms import ContactForm, contact_fact_form
from salesboard.customers.history import CHANGES_SHOWN, changes_of
from salesboard.customers.models import Contact, Customer
from salesboard.customers.queries import contact_shown, customer_shown
from salesboard.customers.replies import back_to, warn_of
from salesboard.customers.rules import ContactRole
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    CONTACT_FACT_NAMES,
    ROLE_NAMES,
    known_lines,
)
from salesboard.database import writing
from salesboard.deals.of_customers import deals_of
from salesboard.deals.replies import sheet_page
from salesboard.errors import Conflict, Invalid
from salesboard.fields import show_invalid
from salesboard.web import found, is_fragment_request, render

Answered = str | Response | tuple[str, int]


@customers.route("/customers/<number>/contacts/new", methods=["GET", "POST"])
@allow(*WRITERS)
def new_contact(number: str) -> Answered:
    """The form of a new person at a customer, and the person."""
    shown = found(customer_shown(number))
    if request.method == "GET":
        role = request.args.get("role")
        known = {"role": ContactRole(role)} if role in list(ContactRole) else {}
        return _form_page(_offering(ContactForm(data={"version": shown.version, **known}), shown), shown)
    form = _offering(ContactForm(), shown)
    if not form.validate():
        return _form_page(form, shown), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Customer.locked(number))
            version, person = form.version.data, current_sign_in().user
            held.add_contact(by=person, now=clock.now(), expected_version=version, **form.facts())
    except Conflict as conflict:
        form.go_on_from(conflict, held, held.version)
        return _form_page(form, held, conflict=conflict), HTTPStatus.CONFLICT
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _form_page(form, held), HTTPStatus.UNPROCESSABLE_ENTITY
    warn_of(_known_elsewhere(form, held))
    return back_to(held, _("Added."))


@customers.route("/customers/<number>/contacts/<int(max=2147483647):contact_id>", methods=["GET", "POST"])
@allow(*WRITERS)
def edit_contact(number: str, contact_id: int) -> Answered:
    """What is known about a person, changed unless somebody changed the customer meanwhile."""
    shown = found(contact_shown(number, contact_id))
    if request.method == "GET":
        form = ContactForm(obj=shown, data={"version": shown.customer.version})
        return _form_page(_offering(form, shown.customer, shown), shown.customer, shown)
    form = _offering(ContactForm(), shown.customer, shown)
    if not form.validate():
        return _form_page(form, shown.customer, shown), HTTPStatus.UNPROCESSABLE_ENTITY
    known = _known_elsewhere(form, shown.customer, before=shown)
    try:
        with writing():
            held = found(Customer.locked(number))
            contact = found(contact_shown(number, contact_id))
            held.revise_contact(
                contact,
                by=current_sign_in().user,
                now=clock.now(),
                expected_version=form.version.data,
                **form.facts(),
            )
    except Conflict as conflict:
        form.go_on_from(conflict, contact, held.version)
        return _form_page(form, held, contact, conflict), HTTPStatus.CONFLICT
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _form_page(form, held, contact), HTTPStatus.UNPROCESSABLE_ENTITY
    warn_of(known)
    return back_to(held, _("Changed."))


@customers.route(
    "/customers/<number>/contacts/<int(max=2147483647):contact_id>/facts/<fact>", methods=["GET", "POST"]
)
@allow(*WRITERS)
def contact_fact(number: str, contact_id: int, fact: str) -> Answered:
    """The form of one fact of a person, and the fact; for htmx its line on the customer's page alone."""
    kind, shown = found(contact_fact_form(fact)), found(contact_shown(number, contact_id))
    if request.method == "GET":
        filled = kind(obj=shown, data={"version": shown.customer.version})
        return _fact_page(fact, shown, filled if request.args.get("as") != "value" else None)
    form = _offering(kind(), shown.customer, shown)
    if not form.validate():
        return _fact_page(fact, shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    is_way = fact in ("phone", "email") and form[fact].data != getattr(shown, fact)
    known = known_as_typed({fact: form[fact].data}, of=number) if is_way else {}
    try:
        with writing():
            held, contact = found(Customer.locked(number)), found(contact_shown(number, contact_id))
            version, by = form.version.data, current_sign_in().user
            held.revise_contact(contact, by=by, now=clock.now(), expected_version=version, **form.facts())
    except Conflict as conflict:
        form.go_on_from(conflict, contact, held.version)
        return _fact_page(fact, contact, form, conflict), HTTPStatus.CONFLICT
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _fact_page(fact, contact, form), HTTPStatus.UNPROCESSABLE_ENTITY
    warn_of(known)
    if not is_fragment_request():
        return back_to(held, _("Changed."))
    return _fact_page(fact, found(contact_shown(number, contact_id)), None, is_changed=True)


def _fact_page(
    fact: str,
    shown: Contact,
    form: ContactForm | None,
    conflict: Conflict | None = None,
    *,
    is_changed: bool = False,
) -> str:
    customer = shown.customer
    if form:
        _offering(form, customer, shown)
        for field in (form[fact], form.version):
            field.id = field.label.field_id = f"contact-{shown.id}-{field.name}"
    deals = {deal.id: deal.name for deal in deals_of(customer)} if is_changed else {}
    return render(
        "customers/contact_fact.html",
        "customers/_contact_fact_answer.html",
        fact=fact,
        contact=shown,
        customer=customer,
        form=form,
        conflict=conflict,
        may_change=True,
        back=url_for("customers.customer", number=customer.number),
        history=changes_of(customer, deals, most=CHANGES_SHOWN) if is_changed else None,
        contact_fact_names=CONTACT_FACT_NAMES,
        role_names=ROLE_NAMES,
        attitude_names=ATTITUDE_NAMES,
        channel_names=CHANNEL_NAMES,
    )


def _offering(form: ContactForm, customer: Customer, contact: Contact | None = None) -> ContactForm:
    form.offer(person for person in customer.contacts if contact is None or person.id != contact.id)
    return form


def _form_page(
    form: ContactForm, shown: Customer, contact: Contact | None = None, conflict: Conflict | None = None
) -> str:
    here = url_for("customers.customer", number=shown.number)
    return sheet_page(
        "customers/contact.html",
        form=form,
        customer=shown,
        contact=contact,
        conflict=conflict,
        back=here,
        role_names=ROLE_NAMES,
        attitude_names=ATTITUDE_NAMES,
        channel_names=CHANNEL_NAMES,
        known=known_lines(_known_elsewhere(form, shown)) if form.is_submitted() else {},
    )


def _known_elsewhere(
    form: ContactForm, customer: Customer, before: Contact | None = None
) -> dict[str, Known]:
    """Who else is reached as the form says, unless it was so `before`."""
    ways = {name: form[name].data for name in ("phone", "email")}
    told = {name: way for name, way in ways.items() if not before or getattr(before, name) != way}
    return known_as_typed(told, of=customer.number)
