"""A customer's page, and the form of what is known about it."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.custom_forms import OwnFields, own_fields_of
from salesboard.customers.custom_queries import own_facts
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import set_values
from salesboard.customers.doubles import known_as_typed
from salesboard.customers.forms import CustomerForm, NewCustomerForm
from salesboard.customers.history import CHANGES_SHOWN, changes_of
from salesboard.customers.merging import Merge
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown, last_check, survivor_of
from salesboard.customers.replies import back_to
from salesboard.customers.suggestions import all_suggestions
from salesboard.customers.wording import (
    ATTITUDE_NAMES,
    CHANNEL_NAMES,
    CONTACT_FACT_NAMES,
    FACT_NAMES,
    LEVEL_NAMES,
    LOST_REASON_NAMES,
    PRIORITY_NAMES,
    RESULT_NAMES,
    ROLE_NAMES,
    STATUS_NAMES,
    gap_words,
    known_lines,
)
from salesboard.database import writing
from salesboard.deals.of_customers import deals_of, follow_name, level_of, sums_of
from salesboard.deals.replies import sheet_page
from salesboard.deals.rules import Outcome, step_state
from salesboard.deals.stages import Ages
from salesboard.deals.wording import METHOD_DRAWINGS, METHOD_NAMES
from salesboard.documents.queries import documents_of
from salesboard.documents.wording import KIND_NAMES
from salesboard.errors import Conflict
from salesboard.fields import all_valid
from salesboard.followups.chains import chain_with
from salesboard.followups.leads import known_customer, unseen_owner
from salesboard.followups.of_customers import count_events, events_with, last_talk_with
from salesboard.installation import installation
from salesboard.service.complaints import complaints_of
from salesboard.service.queries import payments_with
from salesboard.service.satisfaction import scores_of
from salesboard.tasks.queries import open_tasks_of
from salesboard.tasks.rhythm import Rhythm, cadences
from salesboard.tasks.wording import task_words
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]


@customers.get("/customers/<number>")
@signed_in
def customer(number: str) -> Answered:
    """Everything about one customer; for htmx its earlier notes alone. One that was merged into another leads there."""
    shown = customer_shown(number)
    if shown is None:
        number = found(survivor_of(number)).number
        return redirect(url_for("customers.customer", number=number), HTTPStatus.FOUND)
    ages, deals, happened = Ages.now(), deals_of(shown), events_with(shown, request.args.get("before"))
    sums = sums_of(shown)
    waiting = [deal for deal in deals if deal.outcome is Outcome.OPEN and deal.next_due]
    following = min(waiting, key=lambda deal: deal.next_due or ages.today, default=None)
    return render(
        "customers/customer.html",
        "customers/_events.html",
        customer=shown,
        own_facts=own_facts(Subject.CUSTOMER, shown.id),
        chain=chain_with(shown),
        suggested=level_of(shown, deals),
        history=changes_of(shown, {deal.id: deal.name for deal in deals}, most=CHANGES_SHOWN),
        last_check=last_check(shown),
        merges=Merge.into(shown),
        deals=deals,
        ages=ages,
        sums=sums,
        payments=payments_with(shown) if sums.contracts else [],
        scores=scores_of(shown) if sums.contracts else [],
        complaints=complaints_of(shown) if sums.contracts else [],
        events=happened.events,
        earlier_url=url_for("customers.customer", number=number, before=happened.before)
        if happened.before
        else None,
        events_count=count_events(shown),
        last_talk=last_talk_with(shown),
        following=following,
        step=step_state(following.next_due if following else None, ages.today),
        settings=ages.settings,
        level_names=LEVEL_NAMES,
        status_names=STATUS_NAMES,
        role_names=ROLE_NAMES,
        fact_names=FACT_NAMES,
        priority_names=PRIORITY_NAMES,
        lost_reason_names=LOST_REASON_NAMES,
        attitude_names=ATTITUDE_NAMES,
        contact_fact_names=CONTACT_FACT_NAMES,
        channel_names=CHANNEL_NAMES,
        result_names=RESULT_NAMES,
        gap_words=gap_words,
        method_names=METHOD_NAMES,
        method_drawings=METHOD_DRAWINGS,
        documents=documents_of(shown),
        document_kinds=KIND_NAMES,
        open_tasks=open_tasks_of(shown),
        today=ages.today,
        rhythm=Rhythm.of(shown),
        cadence=cadences()[shown.level],
        task_words=task_words,
    )


@customers.route("/customers/new", methods=["GET", "POST"])
@allow(*WRITERS)
def new_customer() -> Answered:
    """The form of a new customer, and the customer itself."""
    form, own = NewCustomerForm(), own_fields_of(Subject.CUSTOMER)
    if request.method == "GET":
        return _form_page(form, own, None)
    person, begun = current_sign_in().user, None
    if all_valid(form, own):
        with writing():
            person.hold()
            if not _is_known(form):
                begun = Customer.register(
                    owner=person, by=person, now=clock.now(), day=installation().today, **form.facts()
                )
                set_values(begun, own.values(), by=person, now=clock.now())
    if begun is None:
        return _form_page(form, own, None), HTTPStatus.UNPROCESSABLE_ENTITY
    return back_to(begun, _("Written down as %(number)s.", number=begun.number))


@customers.route("/customers/<number>/edit", methods=["GET", "POST"])
@allow(*WRITERS)
def edit_customer(number: str) -> Answered:
    """What is known about a customer, changed unless somebody else changed it meanwhile."""
    shown = found(customer_shown(number))
    own = own_fields_of(Subject.CUSTOMER, shown.id)
    if request.method == "GET":
        return _form_page(CustomerForm(obj=shown), own, shown)
    form = CustomerForm()
    if not all_valid(form, own):
        return _form_page(form, own, shown), HTTPStatus.UNPROCESSABLE_ENTITY
    try:
        with writing():
            held = found(Customer.locked(number))
            person, version = current_sign_in().user, form.version.data
            held.revise(by=person, now=clock.now(), expected_version=version, **form.facts())
            set_values(held, own.values(), by=person, now=clock.now(), expected_version=version)
            follow_name(held)
    except Conflict as conflict:
        own.go_on_from(held.id, form.version.data)
        form.go_on_from(conflict, held, held.version)
        return _form_page(form, own, held, conflict), HTTPStatus.CONFLICT
    return back_to(held, _("Changed."))


def _is_known(form: NewCustomerForm) -> bool:
    """Whether one has this customer already, or a colleague has; the form then says which."""
    name = form.name.data or ""
    mine = known_customer(name)
    owner = None if mine else unseen_owner(name)
    if mine:
        known = {"name": mine.name, "number": mine.number}
        form.name.errors = [
            _("You have this customer already, in the history archive: %(name)s, %(number)s.", **known)
            if mine.is_archived
            else _("You have this customer already: %(name)s, %(number)s.", **known)
        ]
    elif owner:
        form.name.errors = [
            _("%(owner)s looks after this customer already. Ask them before you go on.", owner=owner)
        ]
    return bool(mine or owner)


def _form_page(form: Any, own: OwnFields, shown: Customer | None, conflict: Conflict | None = None) -> str:
    here = url_for("customers.customer", number=shown.number) if shown else url_for("customers.index")
    return sheet_page(
        "customers/edit.html",
        form=form,
        own=own,
        customer=shown,
        conflict=conflict,
        back=here,
        level_names=LEVEL_NAMES,
        suggestions=all_suggestions(),
        known=known_lines(known_as_typed(request.form, of=shown.number if shown else "")),
    )
