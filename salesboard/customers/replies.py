"""What the browser gets back after a customer changed."""

from __future__ import annotations

from flask import flash, url_for
from werkzeug.wrappers import Response

from salesboard.customers.models import Customer
from salesboard.web import lead_to


def back_to(shown: Customer, told: str) -> Response:
    """The customer's page, with what is told."""
    flash(told)
    return lead_to(url_for("customers.customer", number=shown.number))
