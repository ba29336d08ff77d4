"""Mailing the ways in: an invitation, or a link to choose a new password."""

from __future__ import annotations

from flask import current_app, render_template
from flask_babel import force_locale
from flask_babel import gettext as _

from salesboard import clock
from salesboard.accounts.links import AccessLink, address_of
from salesboard.accounts.rules import LinkPurpose
from salesboard.installation import installation
from salesboard.notify.mail import compose, send
from salesboard.outbox import Claim


def send_access_link(claim: Claim) -> None:
    """Mails the link, if it still works. Sent twice it is the same message with the same link."""
    link = AccessLink.waiting(claim.subject_id, clock.now())
    if link is None:
        return
    settings, here = current_app.config["SETTINGS"], installation()
    is_invitation = link.purpose is LinkPurpose.INVITATION
    with force_locale(link.user.locale or here.locale):
        message = compose(
            settings,
            to=(link.user.name, link.user.email),
            subject=_("Your invitation to %(board)s", board=here.name)
            if is_invitation
            else _("A new password"),
            text=render_template(
                "emails/access_link.txt",
                person=link.user,
                board=here.name,
                link=address_of(link),
                is_invitation=is_invitation,
            ),
            message_id=f"access-link-{link.id}",
        )
    send(settings, message)
