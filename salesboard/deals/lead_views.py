"""Writing down a new lead."""

from __future__ import annotations

from dataclasses import replace
from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.custom_forms import OwnFields
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.doubles import known_as_typed
from salesboard.customers.wording import KnownLine, known_lines
from salesboard.deals.blueprint import deals
from salesboard.deals.lead_forms import LeadForm
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.rules import Method, Stage, quick_dates
from salesboard.deals.stages import stage_settings
from salesboard.fields import all_valid
from salesboard.followups.leads import Lead, begin_lead, known_customer, unseen_owner
from salesboard.followups.rules import Note
from salesboard.installation import installation, working_calendar


@deals.route("/deals/new", methods=["GET", "POST"])
@allow(*WRITERS)
def new_lead() -> str | Response | tuple[str, int]:
    """The form of a new lead, and the lead itself."""
    form = LeadForm(data={"customer": request.args.get("customer", "")})
    own, of_customer = _own_fields(form)
    if request.method == "GET" or not all_valid(form, own, of_customer) or _is_a_colleagues(form):
        page = _form_page(form, own, of_customer)
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    lead = replace(_lead(form), own=own.values(), own_of_customer=of_customer.values())
    deal = begin_lead(lead, form.request_key.data or None, current_sign_in().user)
    stage = stage_settings()[Stage.LEAD].label
    title = _("Written down in %(stage)s as %(number)s.", stage=stage, number=deal.number)
    known = known_lines(known_as_typed({"phone": lead.phone}, of=deal.customer.number))
    told = Told(title, " ".join(line.words for lines in known.values() for line in lines))
    return tell(deal, told, touched=(Stage.LEAD,))


def _own_fields(form: LeadForm) -> tuple[OwnFields, OwnFields]:
    """What has to be filled in of a deal, and of a customer who is not known yet; the rest can wait."""
    of_deal, of_customer = (
        [field for field in fields_of(subject) if field.is_required]
        for subject in (Subject.DEAL, Subject.CUSTOMER)
    )
    if of_customer and form.customer.data and known_customer(form.customer.data):
        of_customer = []
    return OwnFields(of_deal), OwnFields(of_customer, prefix="of-customer-")


def _is_a_colleagues(form: LeadForm) -> bool:
    """Whether somebody else looks after this customer, which the form then says."""
    name = form.customer.data or ""
    owner = None if known_customer(name) else unseen_owner(name)
    if owner:
        form.customer.errors = [
            _("%(owner)s looks after this customer already. Ask them before you go on.", owner=owner)
        ]
    return owner is not None


def _lead(form: LeadForm) -> Lead:
    note = Note(
        occurred_at=clock.now(),
        method=Method.OTHER,
        content=form.source.data or "",
        next_step=form.next_step.data or "",
        next_due=form.next_due.data,
        next_method=form.next_method.data if form.next_step.data else None,
    )
    return Lead(
        customer=form.customer.data or "",
        deal=form.deal.data or "",
        note=note,
        amount=form.amount.data,
        level=form.level.data,
        contact=form.contact.data or "",
        phone=form.phone.data or "",
    )


def _form_page(form: LeadForm, own: OwnFields, of_customer: OwnFields) -> str:
    return sheet_page(
        "deals/new_lead.html",
        form=form,
        own=own,
        of_customer=of_customer,
        quick_dates=quick_dates(installation().today, working_calendar()),
        known=_known(form) if form.is_submitted() else {},
        back=came_from(),
    )


def _known(form: LeadForm) -> dict[str, list[KnownLine]]:
    return known_lines(known_as_typed({"name": form.customer.data, "phone": form.phone.data}))
