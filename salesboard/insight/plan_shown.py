"""What the page of targets shows of the action plan (行动计划)."""

from __future__ import annotations

from typing import Any

from flask_login import current_user

from salesboard.access import current_viewer
from salesboard.insight.conclusion_forms import PlanStepForm
from salesboard.insight.measures import Standing, plan_of
from salesboard.insight.periods import Period
from salesboard.insight.target_asked import Asked
from salesboard.insight.target_wording import head_of
from salesboard.installation import installation
from salesboard.tasks.queries import people_for_tasks
from salesboard.web import found


def plan_shown(asked: Asked) -> dict[str, Any]:
    """The steps with how they stand, and the form of another. Two SELECTs."""
    today = installation().today
    plan = plan_of(asked.whose, asked.year)
    return {
        "plan": [(each, Period.parse(each.period_key), Standing.of(each.task, today)) for each in plan],
        "step_form": step_form(asked, clean=True),
    }


def step_form(asked: Asked, *, clean: bool = False) -> PlanStepForm:
    """The form of a step with the periods shown and those who may have it: as it was sent, or a clean one."""
    known = {"owner": current_user.id, "period": asked.now.key}
    form = PlanStepForm(None, data=known) if clean else PlanStepForm(data=known)
    form.offer(people_for_tasks(found(current_viewer())).values())
    form.period.choices = [(each.key, head_of(each)) for each in asked.periods]
    return form
