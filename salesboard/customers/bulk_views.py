"""One fact of many customers at once: first a page that says what would change, then the change."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from urllib.parse import parse_qs

from flask import abort, flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, current_viewer
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.addresses import plain_query
from salesboard.customers.blueprint import customers
from salesboard.customers.bulk_forms import LevelForm, OwnerForm, PickForm, RegionForm, numbers_in
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import fields_of
from salesboard.customers.filters import CustomerFilters
from salesboard.customers.suggestions import suggestions_for
from salesboard.customers.wording import FACT_NAMES, LEVEL_NAMES
from salesboard.database import db, writing
from salesboard.errors import NotAllowed, Refused
from salesboard.fields import choices_of
from salesboard.followups.many_customers import (
    MOST_AT_ONCE,
    Changeable,
    Meant,
    Picked,
    change_all,
    may_change,
    meant,
    possible_owners,
    value_of,
)
from salesboard.web import found, render

Answered = str | Response | tuple[str, int]
FORMS = {Changeable.OWNER: OwnerForm, Changeable.LEVEL: LevelForm, Changeable.REGION: RegionForm}
MOST_NAMED = 50
"""Customers that the page names; of more it says how many."""


@customers.route("/customers/changes", methods=["GET", "POST"])
@allow(*WRITERS)
def change_many() -> Answered:
    """What would change, without `confirmed`; with it the change, unless something else is so by now."""
    asked, what = PickForm(request.values), _what()
    asked.query.data = plain_query(asked.query.data or "")
    if asked.query.data is None:
        abort(HTTPStatus.BAD_REQUEST)  # less of it would mean more customers
    picked = _picked(asked)
    if picked is None:
        flash(_("Tick the customers first."), "plain")
        return redirect(_way_back(asked, Picked((), CustomerFilters())), HTTPStatus.SEE_OTHER)
    viewer = found(current_viewer())
    is_confirmed = request.method == "POST" and bool(asked.confirmed.data)
    form = _form(what, is_sent=is_confirmed)
    try:
        if not is_confirmed or not form.validate():
            page = _page(meant(what, picked, viewer), picked, asked, form)
            return (page, HTTPStatus.UNPROCESSABLE_ENTITY) if form.errors else page
        with writing():
            those = meant(what, picked, viewer, for_change=True)
            if is_same := those.fingerprint == asked.confirmed.data:
                changed = _change(those, form)
    except Refused as refusal:
        flash(str(refusal), "plain")
        return redirect(_way_back(asked, picked), HTTPStatus.SEE_OTHER)
    if not is_same:
        page = _page(meant(what, picked, viewer), picked, asked, form, is_other=True)
        return page, HTTPStatus.CONFLICT
    flash(ngettext("%(count)s customer changed.", "%(count)s customers changed.", changed, count=changed))
    return redirect(_way_back(asked, picked), HTTPStatus.SEE_OTHER)


def _what() -> Changeable:
    """What is to be changed. Raises NotAllowed where the person may not change that of others' customers."""
    name = request.values.get("field", "")
    what = Changeable(found(name if name in list(Changeable) else None))
    if not may_change(what, found(current_viewer())):
        raise NotAllowed(_("Whose a customer is, is decided by who leads the team."))
    return what


def _picked(asked: PickForm) -> Picked | None:
    """Which customers are meant; None where nobody was ticked."""
    query = asked.query.data or ""
    filters = CustomerFilters.parse(parse_qs(query), fields_of(Subject.CUSTOMER))
    if asked.all.data == "1":
        return Picked((), filters)
    numbers = numbers_in([*request.values.getlist("pick"), asked.picks.data or ""], MOST_AT_ONCE)
    return Picked(numbers, filters) if numbers else None


def _form(what: Changeable, *, is_sent: bool) -> Any:
    form = FORMS[what](request.form if is_sent else None)
    if what is Changeable.OWNER:
        people = possible_owners(found(current_viewer()))
        named = {person.id: person.name for person in people}
        form.value.choices = choices_of(named, blank=_("Choose…"))
    return form


def _change(those: Meant, form: Any) -> int:
    value = form.value.data or None
    if those.what is Changeable.OWNER:
        value = db.session.get_one(User, value)
    with_deals = those.what is Changeable.OWNER and form.with_deals.data
    by = current_sign_in().user
    return change_all(those, value, with_deals=with_deals, by=by, now=clock.now())


def _page(those: Meant, picked: Picked, asked: PickForm, form: Any, *, is_other: bool = False) -> str:
    what = those.what
    return render(
        "customers/changes_many.html",
        what=what,
        those=those,
        form=form,
        query=asked.query.data or "",
        picks=" ".join(picked.numbers),
        is_other=is_other,
        named=those.customers[:MOST_NAMED],
        told=lambda value: _told(what, value),
        value_of=value_of,
        fact_name=FACT_NAMES[what],
        suggestions=suggestions_for("region") if what is Changeable.REGION else [],
        back=_way_back(asked, picked),
    )


def _told(what: Changeable, value: Any) -> str:
    return str(LEVEL_NAMES[value]) if what is Changeable.LEVEL else value or "–"


def _way_back(asked: PickForm, picked: Picked) -> str:
    """The list as one left it; for a single customer that was not ticked in a list, its page."""
    query = asked.query.data or ""
    if len(picked.numbers) == 1 and not query:
        return url_for("customers.customer", number=picked.numbers[0])
    return f"{url_for('customers.index')}?{query}" if query else url_for("customers.index")
