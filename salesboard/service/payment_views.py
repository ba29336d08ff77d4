"""Payments: a deal's plan, what came in, and the list of what is awaited."""

from __future__ import annotations

from decimal import Decimal
from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import true
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.shown import deal_shown
from salesboard.errors import Conflict, Refused
from salesboard.fields import all_valid
from salesboard.installation import installation
from salesboard.service.blueprint import service
from salesboard.service.forms import PlanForm, PlanVersionForm, ReceiptForm, TakingBackForm
from salesboard.service.models import Payment
from salesboard.service.queries import PAYMENTS_A_PAGE, awaited, owed_in_all
from salesboard.service.rules import OverdueBand, days_overdue
from salesboard.service.wording import BAND_NAMES
from salesboard.web import asked_page, found, lead_to, render

Answered = str | Response | tuple[str, int]
_ID = "int(max=2147483647)"


@service.route("/deals/<number>/payments", methods=["GET", "POST"])
@allow(*WRITERS)
def plan(number: str) -> Answered:
    """The instalments of a signed deal, written as one plan."""
    shown: Deal = found(_signed(deal_shown(number)))
    if request.method == "GET":
        return _plan_page(
            shown, PlanForm(Payment.of(shown)), PlanVersionForm(data={"version": shown.version})
        )
    lines, form = PlanForm([]), PlanVersionForm()
    if not all_valid(form, lines):
        return _plan_page(shown, lines, form), HTTPStatus.UNPROCESSABLE_ENTITY
    person = current_sign_in().user
    try:
        with writing():
            held: Deal = found(_signed(Deal.locked(number)))
            wanted = lines.instalments(held.contract_amount or Decimal(0))
            if Payment.plan(held, wanted, by=person, now=clock.now()):
                held.touch(clock.now(), person.id, expected_version=form.version.data)
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _plan_page(held, lines, form, conflict), HTTPStatus.CONFLICT
    except Refused as refusal:
        lines.form_errors.append(str(refusal))
        return _plan_page(shown, lines, form), HTTPStatus.UNPROCESSABLE_ENTITY
    return tell(held, Told(_("The payment plan is kept.")))


@service.route(f"/payments/<{_ID}:payment_id>", methods=["GET", "POST"])
@allow(*WRITERS)
def receive(payment_id: int) -> Answered:
    """What came in for an instalment, and the form of what came in now."""
    shown: Payment = found(_payment(payment_id))
    if request.method == "GET":
        known = {"amount": shown.owed or None, "day": installation().today, "version": shown.version}
        return _receipt_page(shown, ReceiptForm(data=known))
    form = ReceiptForm()
    if not form.validate():
        return _receipt_page(shown, form), HTTPStatus.UNPROCESSABLE_ENTITY
    person, version = current_sign_in().user, form.version.data
    try:
        with writing():
            held = found(Payment.locked(payment_id))
            held.receive(
                form.amount.data, form.day.data, by=person, now=clock.now(), expected_version=version
            )
    except Conflict as conflict:
        form.version.go_on_from(held.version)
        return _receipt_page(held, form, conflict), HTTPStatus.CONFLICT
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _receipt_page(found(_payment(payment_id)), form), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Written down as received."))
    return lead_to(came_from())


@service.post(f"/payments/<{_ID}:payment_id>/receipts/<{_ID}:receipt_id>/removal")
@allow(*WRITERS)
def take_back(payment_id: int, receipt_id: int) -> Answered:
    """A receipt that was written down wrongly goes again."""
    shown: Payment = found(_payment(payment_id))
    form = TakingBackForm()
    if not form.validate():
        return _receipt_page(shown, ReceiptForm(None, data={"version": shown.version})), (
            HTTPStatus.UNPROCESSABLE_ENTITY
        )
    person = current_sign_in().user
    with writing():
        held = found(Payment.locked(payment_id))
        receipt = next((each for each in held.receipts if each.id == receipt_id), None)
        held.take_back(found(receipt), by=person, now=clock.now(), expected_version=form.version.data)
    flash(_("Taken back."))
    return redirect(url_for("deals.deal", number=held.deal.number), HTTPStatus.SEE_OTHER)


@service.get("/payments")
@allow(*WRITERS)
def payments() -> str:
    """What is awaited of the deals that one sees, by how long it is overdue."""
    asked = request.args.get("overdue")
    band = OverdueBand(asked) if asked in set(OverdueBand) else None
    whose = Deal.owner_id == current_user.id if request.args.get("owner") == "me" else true()
    today, page = installation().today, asked_page()
    rows = awaited(whose, today, band, page)
    return render(
        "service/payments.html",
        rows=rows[:PAYMENTS_A_PAGE],
        owed=owed_in_all(whose, today),
        band=band,
        band_names=BAND_NAMES,
        is_own=request.args.get("owner") == "me",
        days_overdue=days_overdue,
        today=today,
        page_number=page + 1,
        has_more=len(rows) > PAYMENTS_A_PAGE,
    )


def _signed(deal: Deal | None) -> Deal | None:
    return deal if deal is not None and deal.stage.is_signed and not deal.is_lost else None


def _payment(payment_id: int) -> Payment | None:
    return db.session.get(Payment, payment_id, populate_existing=True)


def _plan_page(shown: Deal, lines: PlanForm, form: PlanVersionForm, conflict: Conflict | None = None) -> str:
    return sheet_page(
        "service/plan.html", deal=shown, lines=lines, form=form, conflict=conflict, back=came_from()
    )


def _receipt_page(shown: Payment, form: ReceiptForm, conflict: Conflict | None = None) -> str:
    return sheet_page("service/receipt.html", payment=shown, form=form, conflict=conflict, back=came_from())
