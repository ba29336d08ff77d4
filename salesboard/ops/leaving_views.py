"""Handing over what somebody looked after, when they leave."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import Role, allow
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.errors import Refused
from salesboard.ops.blueprint import administration
from salesboard.ops.leaving import HandOver, belongings, possible_heirs, shares
from salesboard.tasks.wording import task_words
from salesboard.web import found, render

Answer = str | Response | tuple[str, int]
_ID = "int(max=2147483647)"


@administration.route(f"/admin/people/<{_ID}:user_id>/hand-over", methods=["GET", "POST"])
@allow(Role.ADMIN)
def hand_over(user_id: int) -> Answer:
    """Who takes over what this person looks after, and the hand-over."""
    leaver = found(db.session.get(User, user_id))
    heirs = {str(heir.id): heir for heir in possible_heirs(leaver)}
    if request.method == "GET":
        return _page(leaver, heirs)
    chosen = [key for key in dict.fromkeys(request.form.getlist("heirs")) if key in heirs]
    try:
        with writing():
            held = [db.session.get_one(User, int(key)) for key in chosen]
            made = HandOver.carry_out(
                found(db.session.get(User, user_id)), held, by=current_user, now=clock.now()
            )
    except Refused as refusal:
        return _page(leaver, heirs, str(refusal)), HTTPStatus.UNPROCESSABLE_ENTITY
    flash(_("Handed over."))
    return redirect(url_for("administration.handed_over", hand_over_id=made.id), HTTPStatus.SEE_OTHER)


@administration.get(f"/admin/hand-overs/<{_ID}:hand_over_id>")
@allow(Role.ADMIN)
def handed_over(hand_over_id: int) -> str:
    """What each heir got."""
    shown = found(db.session.get(HandOver, hand_over_id))
    return render("ops/handed_over.html", shown=shown, shares=shares(shown), task_words=task_words)


def _page(leaver: User, heirs: dict[str, User], error: str = "") -> str:
    return render(
        "ops/hand_over.html",
        leaver=leaver,
        heirs=heirs,
        belongings=belongings(leaver),
        chosen=request.form.getlist("heirs"),
        error=error,
    )
