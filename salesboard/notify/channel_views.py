"""Where one's reminders go besides the bell, and a team's; tests of the way; the end of it by a link."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, acting_as_system, allow, anyone, current_viewer, signed_in
from salesboard.accounts.links import sends_mail
from salesboard.accounts.models import Team
from salesboard.accounts.queries import teams_led_by
from salesboard.database import writing
from salesboard.errors import Invalid, Refused
from salesboard.extensions import csrf
from salesboard.installation import installation
from salesboard.notify import channel_wording, wording
from salesboard.notify.blueprint import notify
from salesboard.notify.channel_forms import ChoicesForm, HoursForm, RobotForm, TeamRobotForm
from salesboard.notify.channel_queries import last_through
from salesboard.notify.channels import Channel
from salesboard.notify.deliveries import HOURS, Delivery, DeliveryKind, hours_of
from salesboard.notify.rules import KINDS
from salesboard.notify.unsubscribing import mailbox_behind
from salesboard.web import found, render

Answer = str | Response | tuple[str, int]


@notify.get("/settings/reminders")
@signed_in
def channels() -> str:
    """One's channels, what each tells of, and when one may be disturbed."""
    return _own_page()


@notify.post("/settings/reminders/hours")
@signed_in
def keep_hours() -> Answer:
    form = HoursForm(hours_of(current_user)[0])
    if not form.validate():
        return _own_page(hours_form=form), 422
    with writing():
        current_user.prefer(**{HOURS: form.hours.written()})
    return _saved(url_for("notify.channels"))


@notify.post("/settings/reminders/choices")
@signed_in
def keep_choices() -> Answer:
    own = found(_own() or None)
    form = ChoicesForm.of(own)
    if not form.validate():
        return _own_page(choices_form=form), 422
    with writing():
        for channel in own:
            channel.choose(form.of_channel(channel))
    return _saved(url_for("notify.channels"))


@notify.post("/settings/reminders/mailbox")
@signed_in
def open_mailbox() -> Response:
    """Turns reminders by e-mail on."""
    if sends_mail():
        with writing():
            Channel.open_mailbox(current_user, now=clock.now())
    return redirect(url_for("notify.channels"), HTTPStatus.SEE_OTHER)


@notify.post("/settings/reminders/robots")
@signed_in
def add_robot() -> Answer:
    form = RobotForm()
    if not form.validate():
        return _own_page(robot_form=form), 422
    try:
        with writing():
            Channel.add_robot(**form.facts, team=None, by=current_user, now=clock.now())
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _own_page(robot_form=form), 422
    return _saved(url_for("notify.channels"))


@notify.route("/team/robots", methods=["GET", "POST"])
@allow(*LEADERS)
def team_robots() -> Answer:
    """The robots that tell one's teams each morning who is late."""
    teams = teams_led_by(current_user)
    form = TeamRobotForm(teams)
    if not form.validate_on_submit():
        return _team_page(teams, form), 422 if form.is_submitted() else 200
    try:
        with writing():
            Channel.add_robot(**form.facts, team=form.chosen_team, by=current_user, now=clock.now())
    except Refused as refusal:
        form.form_errors.append(str(refusal))
        return _team_page(teams, form), 422
    return _saved(url_for("notify.team_robots"))


@notify.post("/channels/<int(max=2147483647):channel_id>/switch")
@signed_in
def switch(channel_id: int) -> Response:
    """Lets reminders through, or no more."""
    channel, asked = _reachable(channel_id), request.form.get("is_on")
    if asked not in ("0", "1"):
        raise Invalid({"is_on": _("This choice is not known.")})
    with writing():
        channel.switch(asked == "1", by=current_user, now=clock.now())
    return _back(channel)


@notify.post("/channels/<int(max=2147483647):channel_id>/test")
@signed_in
def test(channel_id: int) -> Response:
    """Sends a word that nobody needs, to see whether it gets there."""
    channel, now = _reachable(channel_id), clock.now()
    with writing():
        planned = Delivery.plan(
            DeliveryKind.TEST, channel, f"{now:%Y%m%d%H%M}", day=installation().today, now=now
        )
        if planned:
            channel.work_again()
    flash(_("A test is on its way.") if planned else _("A test was sent within this minute."))
    return _back(channel)


@notify.post("/channels/<int(max=2147483647):channel_id>/removal")
@signed_in
def remove_channel(channel_id: int) -> Response:
    channel = _reachable(channel_id)
    back = _back(channel)
    with writing():
        channel.remove(by=current_user, now=clock.now())
    flash(_("It is removed, with its address."))
    return back


@notify.get("/unsubscribe/<mailbox_token>")
@anyone
def unsubscribe(mailbox_token: str) -> str:
    """Asks whether to end reminders by e-mail: a program that looks at links ends nothing."""
    mailbox = found(mailbox_behind(mailbox_token))
    with acting_as_system("the link names whose mail it is"):
        return render("notify/unsubscribe.html", mailbox=mailbox, token=mailbox_token)


@notify.post("/unsubscribe/<mailbox_token>")
@anyone
@csrf.exempt
def end_mail(mailbox_token: str) -> str:
    """Ends them, for whoever has the mail; the button of a mail program sends no more than the link (RFC 8058)."""
    mailbox = found(mailbox_behind(mailbox_token))
    with acting_as_system("whoever reads the mail may end it"):
        with writing():
            mailbox.switch(False, by=None, now=clock.now())
        return render("notify/unsubscribe.html", mailbox=mailbox, token=mailbox_token)


def _reachable(channel_id: int) -> Channel:
    channel: Channel = found(Channel.reachable(channel_id, found(current_viewer())))
    return channel


def _own() -> list[Channel]:
    mailbox = Channel.mailbox_of(current_user)
    return [*([mailbox] if mailbox else []), *Channel.robots_of(current_user)]


def _own_page(
    *,
    hours_form: HoursForm | None = None,
    choices_form: ChoicesForm | None = None,
    robot_form: RobotForm | None = None,
) -> str:
    """The page has several forms: the one that was sent shows what was typed, the others what is kept."""
    own = _own()
    return render_template(
        "notify/channels.html",
        channels=own,
        last=last_through(own),
        has_mailbox=any(channel.kind == "email" for channel in own),
        sends_mail=sends_mail(),
        hours_form=hours_form or HoursForm(hours_of(current_user)[0], formdata=None),
        choices_form=choices_form or ChoicesForm.of(own, formdata=None),
        robot_form=robot_form or RobotForm(formdata=None),
        kinds=KINDS,
        wording=channel_wording,
        kind_names=wording.GROUP_NAMES,
    )


def _team_page(teams: list[Team], form: TeamRobotForm) -> str:
    robots = Channel.of_teams([team.id for team in teams])
    return render_template(
        "notify/team_robots.html",
        teams=teams,
        robots=robots,
        last=last_through(robots),
        form=form,
        wording=channel_wording,
    )


def _saved(page: str) -> Response:
    flash(_("Saved."))
    return redirect(page, HTTPStatus.SEE_OTHER)


def _back(channel: Channel) -> Response:
    page = "notify.team_robots" if channel.team_id is not None else "notify.channels"
    return redirect(url_for(page), HTTPStatus.SEE_OTHER)
