"""Probable duplicates: who is known already while one types, the list of them, and what is said of them."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, current_viewer
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.apart import PAIRS_A_PAGE, NotDuplicate
from salesboard.customers.blueprint import customers
from salesboard.customers.doubles import customers_of, known_as_typed, numbered, probable_duplicates
from salesboard.customers.models import Customer
from salesboard.customers.queries import first_contacts
from salesboard.customers.rules import masked_phone
from salesboard.customers.wording import LEVEL_NAMES, LIKENESS_NAMES, STATUS_NAMES, known_lines
from salesboard.database import writing
from salesboard.deals.of_customers import under_way
from salesboard.followups.of_customers import last_talks_with
from salesboard.web import asked_page, render

GROUPS_A_PAGE = 20
MOST_SENT = 100


@customers.post("/customers/duplicates/known")
@allow(*WRITERS)
def known() -> str:
    """Who is known by the name, telephone number or address that is being typed. Nothing changes.

    Sent as a form, for a telephone number never stands in an address.
    """
    typed = {**request.form, "name": request.form.get("name") or request.form.get("customer")}
    asked = {name: request.args.get(name, "") for name in ("of", "field")}
    return render(
        "customers/known.html", "customers/_known.html", known=known_lines(known_as_typed(typed, **asked))
    )


@customers.get("/customers/duplicates")
@allow(*WRITERS)
def duplicates() -> str:
    """The probable duplicates among one's customers, the likeliest first. A fixed number of SELECTs."""
    viewer, page = current_viewer(), asked_page()
    assert viewer is not None
    groups = probable_duplicates(viewer)
    shown = groups[page * GROUPS_A_PAGE : (page + 1) * GROUPS_A_PAGE]
    alike = customers_of(customer_id for group in shown for customer_id in group.ids)
    return render(
        "customers/duplicates.html",
        groups=[(group, [alike[each] for each in group.ids if each in alike]) for group in shown],
        count=len(groups),
        contacts=first_contacts(alike.values()),
        under_way=under_way(alike),
        talks=last_talks_with(alike),
        likeness_names=LIKENESS_NAMES,
        level_names=LEVEL_NAMES,
        status_names=STATUS_NAMES,
        masked_phone=masked_phone,
        **_pages("customers.duplicates", page, len(groups), GROUPS_A_PAGE),
    )


@customers.get("/customers/duplicates/apart")
@allow(*WRITERS)
def told_apart() -> str:
    """What was said not to be the same."""
    page = asked_page()
    pairs, count = NotDuplicate.page(page)
    pages = _pages("customers.told_apart", page, count, PAIRS_A_PAGE)
    return render("customers/duplicates_apart.html", pairs=pairs, count=count, **pages)


@customers.post("/customers/duplicates/apart")
@allow(*WRITERS)
def tell_apart() -> Response:
    """No two of the customers sent are the same; that can be taken back at once."""
    with writing():
        said = _customers_sent()
        NotDuplicate.say(said, by=current_sign_in().user, now=clock.now())
    numbers = ",".join(customer.number for customer in said)
    told: Any = {
        "title": _("Said not to be the same"),
        "url": url_for("customers.untell_apart"),
        "act": _("Undo"),
        "fields": {"customer": numbers},
    }
    flash(told, "act")
    return redirect(url_for("customers.duplicates"), HTTPStatus.SEE_OTHER)


@customers.post("/customers/duplicates/apart/removal")
@allow(*WRITERS)
def untell_apart() -> Response:
    """They may be the same after all."""
    with writing():
        NotDuplicate.take_back(_customers_sent(), by=current_sign_in().user, now=clock.now())
    flash(_("They may be the same again."))
    return redirect(url_for("customers.duplicates"), HTTPStatus.SEE_OTHER)


def _customers_sent() -> list[Customer]:
    """The customers whose numbers were sent, at least two; those whom one does not see are not found."""
    numbers = {number for number in request.form.get("customer", "").split(",") if number}
    if not 2 <= len(numbers) <= MOST_SENT:
        abort(HTTPStatus.UNPROCESSABLE_ENTITY)
    said = list(numbered(numbers))
    if len(said) != len(numbers):
        abort(HTTPStatus.NOT_FOUND)
    return said


def _pages(endpoint: str, page: int, count: int, size: int) -> dict[str, Any]:
    """Where the pages before and after this one are; empty at the ends."""
    before = url_for(endpoint, page=page) if page else ""
    after = url_for(endpoint, page=page + 2) if (page + 1) * size < count else ""
    return {"previous_url": before, "next_url": after}
