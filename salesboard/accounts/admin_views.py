"""The admin's pages about people and teams."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

from flask import flash, redirect, request, session, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import Role, allow
from salesboard.accounts import queries
from salesboard.accounts.admin_forms import PersonForm, TeamForm
from salesboard.accounts.blueprint import accounts
from salesboard.accounts.links import AccessLink, address_of, sends_mail
from salesboard.accounts.models import Team, User
from salesboard.addresses import asked_id
from salesboard.database import db, writing
from salesboard.errors import Invalid, Refused
from salesboard.fields import show_invalid
from salesboard.web import found, render

PERSON = "/admin/people/<int(max=2147483647):user_id>"
TEAM = "/admin/teams/<int(max=2147483647):team_id>"

Answer = str | Response | tuple[str, int]


@accounts.route("/admin", methods=["GET", "POST"])
@allow(Role.ADMIN)
def admin() -> Answer:
    """The list of people, and the form that invites one more."""
    form = PersonForm(queries.all_teams())
    if not form.validate_on_submit():
        return _people_page(form), 422 if form.is_submitted() else 200
    try:
        with writing():
            person = User.invite(
                form.email.data or "",
                form.name.data or "",
                Role(form.role.data),
                teams=form.teams.chosen,
                by=current_user,
                now=clock.now(),
            )
            link = _let_in(person)
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _people_page(form), 422
    _tell(link)
    return redirect(url_for("accounts.admin"), HTTPStatus.SEE_OTHER)


@accounts.route(PERSON, methods=["GET", "POST"])
@allow(Role.ADMIN)
def admin_user(user_id: int) -> Answer:
    person = found(db.session.get(User, user_id))
    form = PersonForm(queries.all_teams(), person)
    if not form.validate_on_submit():
        return _person_page(person, form), 422 if form.is_submitted() else 200
    try:
        with writing():
            person.change(
                email=form.email.data or "",
                name=form.name.data or "",
                role=Role(form.role.data),
                teams=form.teams.chosen,
                by=current_user,
                now=clock.now(),
            )
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _person_page(person, form), 422
    flash(_("Saved."))
    return redirect(url_for("accounts.admin_user", user_id=user_id), HTTPStatus.SEE_OTHER)


@accounts.post(f"{PERSON}/link")
@allow(Role.ADMIN)
def admin_user_link(user_id: int) -> Response:
    """A new way in for somebody who forgot the password, or whose invitation ran out."""
    with writing():
        person = found(db.session.get(User, user_id))
        if not person.is_active:
            raise Refused(_("This account is deactivated."))
        link = _let_in(person)
    _tell(link)
    return redirect(url_for("accounts.admin_user", user_id=user_id), HTTPStatus.SEE_OTHER)


@accounts.post(f"{PERSON}/activity")
@allow(Role.ADMIN)
def admin_user_activity(user_id: int) -> Response:
    """Closes an account, or opens it again."""
    person = found(db.session.get(User, user_id))
    change = {"0": person.deactivate, "1": person.reactivate}.get(request.form.get("active", ""))
    if change is None:
        raise Invalid({"active": _("This choice is not known.")})
    try:
        with writing():
            change(by=current_user, now=clock.now())
    except Refused as refusal:
        flash(str(refusal), "late")
    else:
        flash(_("Saved."))
        if not person.is_active:
            return redirect(url_for("administration.hand_over", user_id=user_id), HTTPStatus.SEE_OTHER)
    return redirect(url_for("accounts.admin_user", user_id=user_id), HTTPStatus.SEE_OTHER)


@accounts.route("/admin/teams", methods=["GET", "POST"])
@allow(Role.ADMIN)
def admin_teams() -> Answer:
    form = TeamForm()
    if not form.validate_on_submit():
        return _teams_page(form), 422 if form.is_submitted() else 200
    try:
        with writing():
            Team.found(form.name.data or "", by=current_user, now=clock.now())
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _teams_page(form), 422
    flash(_("Saved."))
    return redirect(url_for("accounts.admin_teams"), HTTPStatus.SEE_OTHER)


@accounts.post(TEAM)
@allow(Role.ADMIN)
def rename_team(team_id: int) -> Answer:
    team = found(db.session.get(Team, team_id))
    form = TeamForm()
    if not form.validate():
        return _teams_page(TeamForm(formdata=None), renaming=team, rename_form=form), 422
    try:
        with writing():
            team.rename(form.name.data or "", by=current_user, now=clock.now())
    except Invalid as refusal:
        show_invalid(form, refusal)
        return _teams_page(TeamForm(formdata=None), renaming=team, rename_form=form), 422
    flash(_("Saved."))
    return redirect(url_for("accounts.admin_teams"), HTTPStatus.SEE_OTHER)


def _let_in(person: User) -> AccessLink:
    """A new link, which goes out by mail where that is set up."""
    link = AccessLink.issue(person, by=current_user, now=clock.now())
    if sends_mail():
        link.promise_mail(clock.now())
    return link


def _tell(link: AccessLink) -> None:
    """Where there is no mail the admin's next page shows the link, once; only its id lies in the cookie meanwhile."""
    if sends_mail():
        flash(_("A link is on its way to %(email)s.", email=link.user.email))
    else:
        session["new_link"] = link.id


def _new_link() -> dict[str, Any]:
    """The link that was made just now, for the one page that shows it."""
    link = AccessLink.waiting(session.pop("new_link", 0), clock.now())
    return {"new_link": address_of(link) if link else "", "new_link_for": link.user if link else None}


def _people_page(form: PersonForm) -> str:
    team_id = asked_id(request.args.get("team", ""))
    teams = queries.teams()
    chosen = team_id if team_id in {row.team.id for row in teams} else None
    rows = queries.people(clock.now(), chosen)
    return render(
        "accounts/admin_users.html", people=rows, teams=teams, chosen_team=chosen, form=form, **_new_link()
    )


def _person_page(person: User, form: PersonForm) -> str:
    return render(
        "accounts/admin_user.html", person=person, form=form, sends_mail=sends_mail(), **_new_link()
    )


def _teams_page(form: TeamForm, *, renaming: Team | None = None, rename_form: TeamForm | None = None) -> str:
    """Each team has a small form of its own; the one that was sent shows what was typed."""
    return render(
        "accounts/admin_teams.html",
        form=form,
        teams=[
            (row, rename_form if rename_form is not None and row.team is renaming else _naming(row.team))
            for row in queries.teams()
        ],
    )


def _naming(team: Team) -> TeamForm:
    return TeamForm(formdata=None, obj=team)
