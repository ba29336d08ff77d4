"""What customers say after a signing: scores of deliveries, complaints and what became of them."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, Role, allow, current_viewer, signed_in
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.models import Customer
from salesboard.customers.queries import customer_shown
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.of_customers import deals_of
from salesboard.deals.replies import came_from, sheet_page
from salesboard.deals.shared import people_to_own
from salesboard.deals.shown import deal_shown
from salesboard.errors import Conflict
from salesboard.installation import installation
from salesboard.service.blueprint import service
from salesboard.service.complaints import (
    COMPLAINTS_A_PAGE,
    Complaint,
    ComplaintState,
    complaint_shown,
    open_complaints,
)
from salesboard.service.satisfaction import Satisfaction
from salesboard.service.voice_forms import (
    ComplaintForm,
    FollowingForm,
    SatisfactionForm,
    SatisfactionRevisionForm,
)
from salesboard.service.wording import COMPLAINT_KIND_NAMES, COMPLAINT_STATE_NAMES
from salesboard.web import asked_page, found, lead_to, render

Answered = str | Response | tuple[str, int]
_ID = "int(max=2147483647)"


@service.route("/deals/<number>/satisfaction", methods=["GET", "POST"])
@allow(*WRITERS)
def satisfaction(number: str) -> Answered:
    """What the customer said of a delivery of this signed deal."""
    shown: Deal | None = deal_shown(number)
    deal: Deal = found(shown if shown is not None and shown.stage.is_signed else None)
    if request.method == "GET":
        return _score_page(deal, SatisfactionForm(data={"day": installation().today}))
    form = SatisfactionForm()
    if not form.validate():
        return _score_page(deal, form), HTTPStatus.UNPROCESSABLE_ENTITY
    person = current_sign_in().user
    with writing():
        Satisfaction.tell(found(Deal.locked(number)), by=person, now=clock.now(), **form.facts())
    flash(_("Kept."))
    return lead_to(came_from())


@service.route(f"/satisfaction/<{_ID}:satisfaction_id>", methods=["GET", "POST"])
@allow(*WRITERS)
def revise_satisfaction(satisfaction_id: int) -> Answered:
    """A score that was written down, said otherwise."""
    told: Satisfaction = found(db.session.get(Satisfaction, satisfaction_id, populate_existing=True))
    if request.method == "GET":
        return _score_page(told.deal, SatisfactionRevisionForm(obj=told), told)
    form = SatisfactionRevisionForm()
    if not form.validate():
        return _score_page(told.deal, form, told), HTTPStatus.UNPROCESSABLE_ENTITY
    person, version = current_sign_in().user, form.version.data
    try:
        with writing():
            held = found(Satisfaction.locked(satisfaction_id))
            held.revise(by=person, now=clock.now(), expected_version=version, **form.facts())
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _score_page(held.deal, form, held, conflict), HTTPStatus.CONFLICT
    flash(_("Changed."))
    return lead_to(came_from())


@service.route("/customers/<customer_number>/complaints/new", methods=["GET", "POST"])
@signed_in
def complain(customer_number: str) -> Answered:
    """What a customer complains of or asks; a collaborator writes it down for a deal they were added to."""
    customer: Customer = found(customer_shown(customer_number))
    deals = deals_of(customer)
    form = ComplaintForm()
    form.offer_deals(deals, may_be_none=current_user.role is not Role.COLLABORATOR)
    form.offer(_who_may_see_to_it(customer.owner, deals))
    if request.method == "GET":
        form.deal.data, form.opened_at.data = request.args.get("deal", ""), clock.now()
        form.owner.data = customer.owner_id
        return _complaint_page(customer, form)
    if not form.validate():
        return _complaint_page(customer, form), HTTPStatus.UNPROCESSABLE_ENTITY
    person, deal, owner = current_sign_in().user, form.chosen_deal, form.chosen_owner
    with writing():
        Complaint.open(
            found(Customer.locked(customer_number)),
            deal,
            kind=form.kind.data,
            words=form.words.data or "",
            owner=owner,
            opened_at=found(form.opened_at.data),
            by=person,
            now=clock.now(),
        )
    flash(_("Kept."))
    return lead_to(came_from())


@service.route(f"/complaints/<{_ID}:complaint_id>", methods=["GET", "POST"])
@signed_in
def complaint(complaint_id: int) -> Answered:
    """How a complaint stands, what was answered, and who sees to it."""
    shown: Complaint = found(complaint_shown(complaint_id))
    form = FollowingForm() if request.method == "POST" else FollowingForm(data=_how_it_stands(shown))
    form.offer(_who_may_see_to_it(shown.owner, [shown.deal] if shown.deal else []))
    if request.method == "GET":
        return _following_page(shown, form)
    if not form.validate():
        return _following_page(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    person, state, answer = current_sign_in().user, form.state.data, form.answer.data or ""
    owner, version = form.chosen_owner, form.version.data
    try:
        with writing():
            held = found(Complaint.locked(complaint_id))
            held.follow(state, answer, owner, by=person, now=clock.now(), expected_version=version)
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _following_page(found(complaint_shown(complaint_id)), form, conflict), HTTPStatus.CONFLICT
    flash(_("Kept."))
    return lead_to(came_from())


@service.get("/complaints")
@signed_in
def complaints() -> str:
    """What is not settled, the oldest first, of everybody whom one sees or of oneself; or what is settled."""
    is_settled, is_own = request.args.get("state") == "settled", request.args.get("owner") == "me"
    page = asked_page()
    rows = open_complaints(current_user.id if is_own else None, page, settled=is_settled)
    return render(
        "service/complaints.html",
        complaints=rows[:COMPLAINTS_A_PAGE],
        is_settled=is_settled,
        is_own=is_own,
        kind_names=COMPLAINT_KIND_NAMES,
        state_names=COMPLAINT_STATE_NAMES,
        page_number=page + 1,
        has_more=len(rows) > COMPLAINTS_A_PAGE,
    )


def _who_may_see_to_it(owner: User, deals: Sequence[Deal]) -> list[User]:
    """Who looks after it, who works on its deals, whom the reader looks after, and the reader."""
    people = {owner.id: owner, current_user.id: current_sign_in().user}
    for deal in deals:
        people |= {person.id: person for person in (deal.owner, *deal.collaborators)}
    if deals:
        people |= {person.id: person for person in people_to_own(deals[0], found(current_viewer()))}
    return sorted((each for each in people.values() if each.is_active), key=lambda each: each.name)


def _how_it_stands(shown: Complaint) -> dict[str, object]:
    is_answered = shown.state is not ComplaintState.OPEN
    return {
        "state": ComplaintState.SETTLED if is_answered else ComplaintState.ANSWERED,
        "answer": shown.answer,
        "owner": shown.owner_id,
        "version": shown.version,
    }


def _score_page(
    deal: Deal,
    form: SatisfactionForm,
    told: Satisfaction | None = None,
    conflict: Conflict | None = None,
) -> str:
    action = (
        url_for("service.revise_satisfaction", satisfaction_id=told.id)
        if told
        else url_for("service.satisfaction", number=deal.number)
    )
    return sheet_page(
        "service/score.html", deal=deal, form=form, action=action, conflict=conflict, back=came_from()
    )


def _complaint_page(customer: Customer, form: ComplaintForm) -> str:
    return sheet_page("service/complain.html", customer=customer, form=form, back=came_from())


def _following_page(shown: Complaint, form: FollowingForm, conflict: Conflict | None = None) -> str:
    return sheet_page(
        "service/complaint.html",
        complaint=shown,
        form=form,
        conflict=conflict,
        kind_names=COMPLAINT_KIND_NAMES,
        back=came_from(),
    )
