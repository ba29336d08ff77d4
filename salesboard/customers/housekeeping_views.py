"""Housekeeping (数据清洗): what is proposed each month, done on confirmation, and undone as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from flask import flash, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import LEADERS, WRITERS, allow, current_viewer
from salesboard.accounts.models import User
from salesboard.accounts.signing import current_sign_in
from salesboard.addresses import asked_id
from salesboard.customers.blueprint import customers
from salesboard.customers.doubles import probable_duplicates
from salesboard.customers.housekeeping import Tidying
from salesboard.customers.housekeeping_forms import TidyingForm
from salesboard.customers.housekeeping_queries import (
    Looking,
    count_proposed,
    counted_in,
    held_of,
    latest_tidyings,
    proposed_page,
    tidied,
    with_open_deals,
)
from salesboard.customers.housekeeping_rules import Proposal
from salesboard.customers.queries import owners
from salesboard.customers.wording import (
    ACT_NAMES,
    LOST_REASON_NAMES,
    PROPOSAL_NAMES,
    PROPOSAL_WORDS,
    STATUS_NAMES,
)
from salesboard.database import writing
from salesboard.errors import Invalid, Refused
from salesboard.followups.of_customers import last_talks_with
from salesboard.installation import installation
from salesboard.web import found, lead_to, render

Answered = str | Response | tuple[str, int]
_ID = "int(max=2147483647)"


@customers.route("/customers/housekeeping", methods=["GET", "POST"])
@allow(*WRITERS)
def housekeeping() -> Answered:
    """A page of what is proposed of one kind; and what was confirmed about the ticked, all at once."""
    asked = request.values.get("proposal", "")
    proposal = Proposal(asked) if asked in list(Proposal) else Proposal.LOST_WITHOUT_REASON
    form, looking = TidyingForm().offer(proposal), _looking()
    if request.method == "GET":
        return _page(proposal, looking, form)
    made = _carry_out(proposal, looking, form) if form.validate() else None
    if made is None:
        return _page(proposal, looking, form), HTTPStatus.UNPROCESSABLE_ENTITY
    _tell_done(made, len(form.ticked))
    return lead_to(_address(proposal, looking))


@customers.get(f"/customers/housekeeping/<{_ID}:tidying_id>")
@allow(*WRITERS)
def tidying(tidying_id: int) -> str:
    """What was done about which customers; after an undo, which were changed since and stay."""
    shown = found(Tidying.shown(tidying_id))
    return render(
        "customers/tidying.html",
        tidying=shown,
        rows=tidied(shown),
        act_names=ACT_NAMES,
        proposal_names=PROPOSAL_NAMES,
        lost_reason_names=LOST_REASON_NAMES,
        status_names=STATUS_NAMES,
    )


@customers.post(f"/customers/housekeeping/<{_ID}:tidying_id>/undo")
@allow(*WRITERS)
def undo_tidying(tidying_id: int) -> Response:
    """Takes all of it back; done twice it changes nothing."""
    with writing():
        held = found(Tidying.locked(tidying_id))
        held.undo(by=current_sign_in().user, now=clock.now())
    flash(_("Taken back."))
    return lead_to(url_for("customers.tidying", tidying_id=held.id))


def _looking() -> Looking:
    here, viewer = installation(), current_viewer()
    assert viewer is not None
    return Looking(viewer, here.today, ZoneInfo(here.timezone), asked_id(request.args.get("owner", "")))


def _carry_out(proposal: Proposal, looking: Looking, form: TidyingForm) -> Tidying | None:
    """What was confirmed, done; None where it cannot be, which the form then says."""
    person = current_sign_in().user
    try:
        with writing():
            return Tidying.carry_out(
                proposal,
                form.act.data,
                held_of(looking, proposal, form.ticked),
                reason=form.reason.data,
                by=person,
                now=clock.now(),
                today=looking.today,
            )
    except Invalid as refusal:
        form.reason.errors = [refusal.errors["reason"]]
    except Refused as refusal:
        form.form_errors.append(str(refusal))
    return None


def _tell_done(made: Tidying, ticked: int) -> None:
    done = len(made.customers)
    text = ""
    if done < ticked:
        text = ngettext(
            "%(num)d of those you ticked was seen to meanwhile.",
            "%(num)d of those you ticked were seen to meanwhile.",
            ticked - done,
        )
    told: Any = {
        "title": ngettext("Done for %(num)d customer.", "Done for %(num)d customers.", done),
        "text": text,
        "url": url_for("customers.undo_tidying", tidying_id=made.id),
        "act": _("Undo"),
        "fields": {},
    }
    flash(told, "act")


def _address(proposal: Proposal, looking: Looking, **more: Any) -> str:
    return url_for("customers.housekeeping", proposal=proposal, owner=looking.owner_id, **more)


def _people(looking: Looking) -> Sequence[User]:
    return owners(looking.viewer) if current_user.role in LEADERS else []


def _page(proposal: Proposal, looking: Looking, form: TidyingForm) -> str:
    page = proposed_page(looking, proposal, request.args.get("after"))
    counts, latest = count_proposed(looking), latest_tidyings()
    return render(
        "customers/housekeeping.html",
        proposal=proposal,
        counts=counts,
        customers=page.customers,
        form=form,
        people=_people(looking),
        owner_id=looking.owner_id,
        tabs_of=[(kind, PROPOSAL_NAMES[kind], counts[kind], _address(kind, looking)) for kind in Proposal],
        next_url=_address(proposal, looking, after=page.after) if page.after else "",
        first_url=_address(proposal, looking) if request.args.get("after") else "",
        talks=last_talks_with([customer.id for customer in page.customers]),
        at_work=with_open_deals(page.customers),
        duplicates=len(probable_duplicates(looking.viewer)),
        latest=latest,
        sizes=counted_in(latest),
        words=PROPOSAL_WORDS[proposal],
        act_names=ACT_NAMES,
        proposal_names=PROPOSAL_NAMES,
        status_names=STATUS_NAMES,
    )
