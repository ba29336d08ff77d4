"""The admin's page of what went out: state, tries, errors, and another try for what was given up."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock, outbox
from salesboard.access import Role, allow
from salesboard.database import db, writing
from salesboard.notify import channel_wording
from salesboard.notify.blueprint import notify
from salesboard.notify.channel_queries import A_PAGE, all_deliveries, oldest_waiting
from salesboard.notify.deliveries import Delivery, DeliveryState
from salesboard.web import asked_page, found, render


@notify.get("/admin/deliveries")
@allow(Role.ADMIN)
def deliveries() -> str:
    """Every message, or with `?state=` those in one state."""
    asked, page = request.args.get("state"), asked_page()
    state = DeliveryState(asked) if asked in list(DeliveryState) else None
    listed = all_deliveries(state, page)
    return render(
        "notify/deliveries.html",
        deliveries=listed[:A_PAGE],
        state=state,
        states=list(DeliveryState),
        page_number=page + 1,
        has_more=len(listed) > A_PAGE,
        oldest=oldest_waiting(clock.now()),
        wording=channel_wording,
    )


@notify.post("/admin/deliveries/<int(max=2147483647):delivery_id>/attempts")
@allow(Role.ADMIN)
def try_again(delivery_id: int) -> Response:
    """Tries a message anew that was given up."""
    delivery = found(db.session.get(Delivery, delivery_id))
    with writing():
        found(outbox.revive(delivery.work_id or 0, by_id=current_user.id, now=clock.now()) or None)
    flash(_("It will be tried again now."))
    return redirect(url_for("notify.deliveries", state=DeliveryState.DEAD), HTTPStatus.SEE_OTHER)
