"""Which columns somebody likes to see in a list, and in which order."""

from __future__ import annotations

from flask import request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard.access import signed_in
from salesboard.accounts.signing import current_sign_in
from salesboard.customers.blueprint import customers
from salesboard.customers.columns import CUSTOMER_COLUMNS
from salesboard.customers.custom_values import fields_of
from salesboard.customers.saved import ListKind
from salesboard.customers.saved_menu import ENDPOINTS
from salesboard.database import writing
from salesboard.deals.list_columns import DEAL_COLUMNS
from salesboard.deals.replies import sheet_page
from salesboard.web import lead_to, safe_next

CHOICES = {
    ListKind.CUSTOMERS: (CUSTOMER_COLUMNS, _l("of your list of customers")),
    ListKind.DEALS: (DEAL_COLUMNS, _l("of your list of deals")),
}


@customers.route("/customers/columns", methods=["GET", "POST"], defaults={"kind": ListKind.CUSTOMERS})
@customers.route("/deals/columns", methods=["GET", "POST"], defaults={"kind": ListKind.DEALS})
@signed_in
def columns(kind: ListKind) -> str | Response | tuple[str, int]:
    """Chooses the columns of one's list, and their order: `up` and `down` move one, anything else goes back to it."""
    choice, of_what = CHOICES[kind]
    fields, moved, is_empty = fields_of(choice.subject), "", False
    back = safe_next(request.values.get("back")) or url_for(ENDPOINTS[kind])
    shown = choice.preferred(fields, current_user.preferences)
    if request.method == "POST":
        is_usual = "usual" in request.form
        shown = choice.of(fields, [] if is_usual else request.form.getlist("col"))
        is_empty = not (is_usual or shown.are_chosen)
        moved = "" if is_empty else request.form.get("up") or request.form.get("down") or ""
        if not is_empty:
            codes = shown.moved(moved, -1 if "up" in request.form else 1) if shown.are_chosen else None
            with writing():
                current_sign_in().user.prefer(**{choice.kept_as: codes})
            if not moved:
                return lead_to(back)
            shown = choice.of(fields, codes)
    page = sheet_page(
        "customers/columns.html",
        columns=shown,
        moved=moved,
        back=back,
        is_empty=is_empty,
        kind=kind,
        of_what=of_what,
    )
    return (page, 422) if is_empty else page
