"""What the browser gets back after a customer changed."""

from __future__ import annotations

from collections.abc import Iterable

from flask import flash, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard.customers.models import Customer
from salesboard.private_numbers import looks_like_home
from salesboard.web import lead_to


def back_to(shown: Customer, told: str, written: Iterable[object] = ()) -> Response:
    """The customer's page, with what is told; and a warning where what was written reads like a home address."""
    flash(told)
    if any(isinstance(text, str) and looks_like_home(text) for text in written):
        flash(_("This reads like a home address. Take it out again unless it is a place of work."), "plain")
    return lead_to(url_for("customers.customer", number=shown.number))
