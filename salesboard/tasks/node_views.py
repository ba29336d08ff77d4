"""The key nodes of a deal: by when, and by whom."""

from __future__ import annotations

from http import HTTPStatus

from flask import request
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import WRITERS, allow, current_viewer
from salesboard.accounts.signing import current_sign_in
from salesboard.database import writing
from salesboard.deals.models import Deal
from salesboard.deals.replies import Told, came_from, sheet_page, tell
from salesboard.deals.shared import people_to_own
from salesboard.deals.shown import deal_shown
from salesboard.fields import all_valid
from salesboard.tasks.blueprint import tasks
from salesboard.tasks.forms import NodeForm, ReasonForm
from salesboard.tasks.nodes import Milestone, nodes_of, set_nodes
from salesboard.tasks.rules import KeyNode
from salesboard.tasks.wording import NODE_NAMES
from salesboard.web import found


@tasks.route("/deals/<number>/nodes", methods=["GET", "POST"])
@allow(*WRITERS)
def nodes(number: str) -> str | Response | tuple[str, int]:
    """By when each key node is to be reached, and who sees to it."""
    deal: Deal = found(deal_shown(number))
    known = nodes_of(deal)
    people = {person.id: person for person in (deal.owner, *people_to_own(deal, found(current_viewer())))}
    people |= {task.owner_id: task.owner for task in known.values()}
    forms = {node: NodeForm.of(node, known.get(node), people, deal.owner_id) for node in KeyNode}
    reason = ReasonForm()
    if request.method == "GET" or not all_valid(*forms.values(), reason):
        page = sheet_page(
            "tasks/nodes.html",
            deal=deal,
            forms=forms,
            known=known,
            reason=reason,
            names=NODE_NAMES,
            back=came_from(),
        )
        return page if request.method == "GET" else (page, HTTPStatus.UNPROCESSABLE_ENTITY)
    wanted = {
        node: Milestone(form.due_on.data, form.chosen_owner) if form.due_on.data else None
        for node, form in forms.items()
    }
    with writing():
        held = found(Deal.locked(number))
        set_nodes(held, wanted, reason.reason.data or "", by=current_sign_in().user, now=clock.now())
    return tell(held, Told(_("Changed.")))
