"""Moving a lost customer into the history archive (客户历史库), and taking it out again."""

from __future__ import annotations

from typing import Any

from flask import flash, request, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.models import Customer
from salesboard.customers.replies import back_to
from salesboard.database import writing
from salesboard.web import found, lead_to


@customers.post("/customers/<number>/archive")
@allow(*WRITERS)
def archive(number: str) -> Response:
    """Moves the customer into the archive, or with `act=out` takes it out; done twice it changes nothing."""
    is_going_out, person = request.form.get("act") == "out", current_sign_in().user
    with writing():
        held = found(Customer.locked(number))
        change = held.take_out if is_going_out else held.archive
        change(by=person, now=clock.now())
    if is_going_out:
        return back_to(held, _("Taken out of the history archive."))
    told: Any = {
        "title": _("Moved into the history archive."),
        "text": _("The daily lists leave it out from now on."),
        "url": url_for("customers.archive", number=number),
        "act": _("Undo"),
        "fields": {"act": "out"},
    }
    flash(told, "act")
    return lead_to(url_for("customers.customer", number=number))
