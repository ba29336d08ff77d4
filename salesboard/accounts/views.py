"""Signing in and out."""

from __future__ import annotations

from flask import Blueprint, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import login_user, logout_user
from sqlalchemy import select
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import anyone, signed_in
from salesboard.accounts.forms import SignInForm
from salesboard.accounts.models import SignIn, User, password_matches
from salesboard.accounts.rules import normal_email
from salesboard.accounts.signing import current_sign_in
from salesboard.database import db, writing
from salesboard.web import render, safe_next

accounts = Blueprint("accounts", __name__)


@accounts.route("/sign-in", methods=["GET", "POST"])
@anyone
def sign_in() -> str | Response | tuple[str, int]:
    form = SignInForm()
    if not form.validate_on_submit():
        return render("accounts/sign_in.html", form=form)
    person = db.session.scalar(select(User).where(User.email == normal_email(form.email.data or "")))
    if not password_matches(person, form.password.data or "") or person is None:
        form.password.errors = [_("The e-mail address or the password is not right.")]
        return render("accounts/sign_in.html", form=form), 422
    with writing():
        SignIn.begin(
            person, address=request.remote_addr or "", browser=str(request.user_agent), now=clock.now()
        )
    session.clear()
    login_user(person)
    return redirect(safe_next(request.args.get("next")) or "/")


@accounts.post("/sign-out")
@signed_in
def sign_out() -> Response:
    sign_in = current_sign_in()
    with writing():
        sign_in.end(clock.now())
    logout_user()
    session.clear()
    return redirect(url_for("accounts.sign_in"))
