"""The list of customers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request, url_for
from flask_login import current_user
from sqlalchemy.orm import joinedload, selectinload
from werkzeug.wrappers import Response

from salesboard.access import LEADERS, WRITERS, signed_in
from salesboard.customers.blueprint import customers
from salesboard.customers.column_choice import Columns, head_of
from salesboard.customers.columns import CUSTOMER_COLUMNS, NAME
from salesboard.customers.custom_rules import FieldShape, Subject
from salesboard.customers.custom_values import fields_of, values_of
from salesboard.customers.custom_wording import shown as own_shown
from salesboard.customers.filter_bar import HERE, filter_bar
from salesboard.customers.filters import CustomerFilters, Parameters
from salesboard.customers.models import Customer
from salesboard.customers.orders import CustomerOrder
from salesboard.customers.queries import first_contacts
from salesboard.customers.rules import masked_phone
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import saved_menu
from salesboard.customers.wording import LEVEL_NAMES, STATUS_NAMES
from salesboard.deals.of_customers import next_steps, signed_sums, under_way
from salesboard.deals.rules import step_state
from salesboard.followups.customer_list import (
    CustomerPage,
    count_archived,
    count_customers,
    customer_page,
    wanted,
)
from salesboard.followups.leads import unseen_owner
from salesboard.followups.many_customers import MOST_AT_ONCE
from salesboard.followups.of_customers import last_talks_with
from salesboard.installation import installation
from salesboard.web import render

Answered = str | Response | tuple[str, int]

LOADED = {
    "needs": selectinload(Customer.need_rows),
    "created_by": joinedload(Customer.created_by),
    "verified_by": joinedload(Customer.verified_by),
}
"""What some columns need of other tables."""


@customers.get("/customers")
@signed_in
def index() -> str | Response:
    """A page of the customers that the address asks for; for htmx the lines alone. An address that asks for nothing
    leads to the view that the person's list opens with."""
    asked, fields = request.args.to_dict(flat=False), list(fields_of(Subject.CUSTOMER))
    filters, order = CustomerFilters.parse(asked, fields), CustomerOrder.parse(asked)
    columns = CUSTOMER_COLUMNS.parse(asked, fields, current_user.preferences)
    whole = {**filters.parameters, **order.parameters, "cols": [str(columns)]}
    saved = saved_menu(ListKind.CUSTOMERS, whole, lambda told: _meaning(told, fields))
    if saved.default_url and not request.args:
        return redirect(saved.default_url)
    after = request.args.get("after")
    those = wanted(filters)
    page = customer_page(
        those,
        order,
        order.read_cursor(after) if after else None,
        *(option for code, option in LOADED.items() if code in columns),
    )
    kept: dict[str, Any] = {**order.parameters, **({"cols": [str(columns)]} if "cols" in asked else {})}
    here = {**filters.parameters, **kept}

    def sorted_by(wanted_order: CustomerOrder) -> str:
        return url_for(HERE, **{**here, "sort": [str(wanted_order)]})

    return render(
        "customers/index.html",
        "customers/_rows.html",
        **_around(page, columns),
        customers=page.customers,
        columns=columns,
        heads=[head_of(column, order, sorted_by) for column in (NAME, *columns.shown)],
        more_url=url_for(HERE, **here, after=page.after) if page.after else None,
        first_url=url_for(HERE, **here) if after else None,
        here=url_for(HERE, **here),
        filters=filters,
        count=count_customers(those),
        archived_count=count_archived(those),
        most_counted=those.most_counted,
        unseen_owner=unseen_owner(filters.text) if filters.text and not page.customers else None,
        bar=filter_bar(filters, fields, kept, saved),
        may_tick=current_user.role in WRITERS,
        may_hand_over=current_user.role in LEADERS,
        most_at_once=MOST_AT_ONCE,
        list_query=urlencode(here, doseq=True),
        export_query=urlencode(whole, doseq=True),
    )


def _meaning(told: Parameters, fields: Sequence[FieldShape]) -> object:
    """What the parameters of an address come to for the person who reads it."""
    columns = CUSTOMER_COLUMNS.parse(told, fields, current_user.preferences)
    return CustomerFilters.parse(told, fields), CustomerOrder.parse(told), str(columns)


def _around(page: CustomerPage, columns: Columns) -> dict[str, Any]:
    """What the columns say of other records; each costs a SELECT, and only where it is shown."""
    ids = [customer.id for customer in page.customers]
    today = installation().today
    return {
        "contacts": first_contacts(page.customers) if "contact" in columns else {},
        "under_way": under_way(ids) if "open" in columns else {},
        "signed": signed_sums(ids) if "signed" in columns else {},
        "steps": next_steps(ids) if "next" in columns else {},
        "talks": last_talks_with(ids) if "talk" in columns else {},
        "own_values": values_of(Subject.CUSTOMER, ids) if columns.own else {},
        "own_shown": own_shown,
        "level_names": LEVEL_NAMES,
        "status_names": STATUS_NAMES,
        "masked_phone": masked_phone,
        "step_of": lambda due: step_state(due, today),
        "today": today,
    }
