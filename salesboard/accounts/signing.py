"""The sign-in behind a request's cookie: how it begins, is seen, and ends."""

from __future__ import annotations

from datetime import timedelta
from http import HTTPStatus

from flask import Response, current_app, g, redirect, render_template, request, session, url_for
from flask_login import current_user, login_user, logout_user
from sqlalchemy.exc import DBAPIError
from werkzeug.wrappers import Response as WerkzeugResponse

from salesboard import clock
from salesboard.accounts.forms import SignInForm
from salesboard.accounts.models import SignIn, User
from salesboard.accounts.passwords import password_matches
from salesboard.accounts.rules import normal_email
from salesboard.accounts.throttling import SIGNING_IN
from salesboard.database import db, writing
from salesboard.extensions import login_manager
from salesboard.keeping import words_sent

SEEN_EVERY = timedelta(minutes=5)


@login_manager.user_loader
def load_person(token: str) -> User | None:
    """The person of the cookie's sign-in, as long as it lives; notes now and then that it was seen."""
    now = clock.now()
    sign_in = SignIn.current(token, now)
    if sign_in is None:
        return None
    if now - sign_in.seen_at > SEEN_EVERY:
        _note_seen(sign_in)
    g.sign_in = sign_in
    return sign_in.user


def _note_seen(sign_in: SignIn) -> None:
    try:
        with writing():
            sign_in.see(clock.now())
    except DBAPIError:  # a full disk or a locked database must not keep anybody from reading
        current_app.logger.warning("could not note that sign-in %d was seen", sign_in.id)


@login_manager.unauthorized_handler
def ask_to_sign_in() -> WerkzeugResponse:
    """A plain visit goes to the sign-in page and back; words that were sent come back with the answer 401."""
    if request.method == "GET" and request.headers.get("HX-Request") != "true":
        return redirect(url_for("accounts.sign_in", next=request.full_path.rstrip("?")))
    if request.headers.get("HX-Request") == "true":
        return Response(status=HTTPStatus.UNAUTHORIZED)
    page = render_template("accounts/sign_in.html", form=SignInForm(formdata=None), kept=words_sent())
    return Response(page, HTTPStatus.UNAUTHORIZED, content_type="text/html; charset=utf-8")


def who_signs_in(email: str, password: str) -> tuple[User | None, int]:
    """The person whose address and password these are, or None; and how many more tries may fail.

    Takes as long for an address that is not known. The person may be one who was deactivated. Raises TooManyTries.
    """
    with SIGNING_IN.attempt(normal_email(email)) as attempt:
        person = User.with_email(email)
        between_transactions()
        if not password_matches(person.password_hash if person else None, password):
            return None, attempt.left
        attempt.succeed()
        return person, attempt.left


def begin_sign_in(person: User, *, is_kept: bool = False) -> None:
    """Signs the person in on this browser, under a session of its own: nothing planted before lives on."""
    before = current_sign_in() if current_user.is_authenticated else None
    with writing():
        if before is not None:
            before.end(clock.now())
        SignIn.begin(
            person,
            address=request.remote_addr or "",
            browser=str(request.user_agent),
            now=clock.now(),
            is_kept=is_kept,
        )
    session.clear()
    session.permanent = is_kept
    login_user(person)


def end_sign_in() -> None:
    """Signs the person of this request out."""
    sign_in = current_sign_in()
    with writing():
        sign_in.end(clock.now())
    logout_user()
    session.clear()


def current_sign_in() -> SignIn:
    """The sign-in of this request; only for routes that need one."""
    assert current_user.is_authenticated
    sign_in: SignIn = g.sign_in
    return sign_in


def between_transactions() -> None:
    """Gives the connection back before the slow work of hashing; what was loaded stays loaded."""
    db.session.commit()
