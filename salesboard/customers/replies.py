"""What the browser gets back after a customer changed."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, make_response, redirect, url_for
from werkzeug.wrappers import Response

from salesboard.customers.models import Customer
from salesboard.web import is_fragment_request


def back_to(shown: Customer, told: str) -> Response:
    """The customer's page, with what is told."""
    flash(told)
    page = url_for("customers.customer", number=shown.number)
    if not is_fragment_request():
        return redirect(page, HTTPStatus.SEE_OTHER)
    answer = make_response("")
    answer.headers["HX-Trigger"] = "done"
    answer.headers["HX-Redirect"] = page
    return answer
