"""What the browser gets back after a customer changed."""

from __future__ import annotations

from collections.abc import Iterable
from http import HTTPStatus

from flask import flash, make_response, redirect, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard.customers.models import Customer
from salesboard.private_numbers import looks_like_home
from salesboard.web import is_fragment_request


def back_to(shown: Customer, told: str, written: Iterable[object] = ()) -> Response:
    """The customer's page, with what is told; and a warning where what was written reads like a home address."""
    flash(told)
    if any(isinstance(text, str) and looks_like_home(text) for text in written):
        flash(_("This reads like a home address. Take it out again unless it is a place of work."), "plain")
    page = url_for("customers.customer", number=shown.number)
    if not is_fragment_request():
        return redirect(page, HTTPStatus.SEE_OTHER)
    answer = make_response("")
    answer.headers["HX-Trigger"] = "done"
    answer.headers["HX-Redirect"] = page
    return answer
