"""The sign-in behind a request's cookie."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, abort, g, redirect, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as WerkzeugResponse

from salesboard import clock
from salesboard.accounts.models import SignIn, User
from salesboard.database import writing
from salesboard.extensions import login_manager

SEEN_EVERY = timedelta(minutes=5)


@login_manager.user_loader
def load_person(token: str) -> User | None:
    """The person of the cookie's sign-in, as long as it lives; notes now and then that it was seen."""
    now = clock.now()
    sign_in = SignIn.current(token, now)
    if sign_in is None:
        return None
    if now - sign_in.seen_at > SEEN_EVERY:
        with writing():
            sign_in.seen_at = now
    g.sign_in = sign_in
    return sign_in.user


@login_manager.unauthorized_handler
def ask_to_sign_in() -> WerkzeugResponse:
    """A plain visit goes to the sign-in page and back; words that were sent come back with the answer 401."""
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    abort(Response("", 401))


def current_sign_in() -> SignIn:
    """The sign-in of this request; only for routes that need one."""
    assert current_user.is_authenticated
    return g.sign_in
