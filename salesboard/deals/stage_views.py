"""The admin's page about the six stages: names, probability, limits, playbook."""

from __future__ import annotations

from http import HTTPStatus

from flask import flash, redirect, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy import func, select
from werkzeug.wrappers import Response

from salesboard import clock
from salesboard.access import Role, allow
from salesboard.database import db, writing
from salesboard.deals.blueprint import deals
from salesboard.deals.models import Deal
from salesboard.deals.playbook import default_playbook
from salesboard.deals.rules import Outcome
from salesboard.deals.stage_forms import StageForm
from salesboard.deals.stages import STAGE_NAMES, StageSetting, stages_to_adjust
from salesboard.web import render


@deals.route("/admin/stages", methods=["GET", "POST"])
@allow(Role.ADMIN)
def stages() -> str | Response | tuple[str, int]:
    settings = stages_to_adjust()
    sent = request.form if request.method == "POST" else None
    rows = [(setting, StageForm(setting, sent)) for setting in settings]
    if sent is None:
        return _page(rows)
    verdicts = [form.validate() for _setting, form in rows]  # each form says its own, not only the first
    if not all(verdicts):
        return _page(rows), 422
    with writing():
        for setting, form in rows:
            setting.adjust(
                name=form.name.data or None,
                probability=form.chance,
                limits=form.limits,
                playbook=form.playbook.data or None,
                by_id=current_user.id,
                now=clock.now(),
            )
    flash(_("Saved."))
    return redirect(url_for("deals.stages"), HTTPStatus.SEE_OTHER)


def _page(rows: list[tuple[StageSetting, StageForm]]) -> str:
    open_deals = select(Deal.stage, func.count()).where(Deal.outcome == Outcome.OPEN).group_by(Deal.stage)
    return render(
        "deals/stages.html",
        stages=rows,
        usual_names=STAGE_NAMES,
        counts=dict(db.session.execute(open_deals).all()),
        playbooks={setting.stage: default_playbook(setting.stage) for setting, _form in rows},
    )
