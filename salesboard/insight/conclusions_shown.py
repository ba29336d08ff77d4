"""What a report's page shows of what people write into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_login import current_user

from salesboard.access import current_viewer
from salesboard.errors import Conflict
from salesboard.insight.conclusion_forms import CommentForm, ConclusionForm, MeasureForm
from salesboard.insight.conclusions import Conclusion, Part, ReportComment
from salesboard.insight.measures import Standing, measures_of
from salesboard.insight.models import Report
from salesboard.installation import installation
from salesboard.tasks.queries import people_for_tasks
from salesboard.web import found

PART_NAMES = {Part.WORKED: _l("What worked"), Part.FAILED: _l("What did not"), Part.CAUSES: _l("The reasons")}
PART_DRAWINGS = {Part.WORKED: "star", Part.FAILED: "flag", Part.CAUSES: "search"}


@dataclass(frozen=True)
class Field:
    """One field as it is shown; `written` is what stands there, if anybody wrote."""

    part: Part
    form: Any
    written: Conclusion | None
    conflict: Conflict | None = None

    @property
    def name(self) -> str:
        return str(PART_NAMES[self.part])

    @property
    def drawing(self) -> str:
        return PART_DRAWINGS[self.part]


def conclusions_shown(report: Report) -> dict[str, Any]:
    """What a report's page shows of what people write into it. Four SELECTs."""
    written = Conclusion.of(report)
    today = installation().today
    return {
        "measures": [(each.task, Standing.of(each.task, today)) for each in measures_of(report)],
        "carried": [Standing.read(each) for each in report.carried or ()],
        "measure_form": measure_form(clean=True),
        "fields": [field_of(part, written.get(part)) for part in Part],
        "comments": ReportComment.of(report),
        "comment_form": CommentForm(None),
    }


def measure_form(*, clean: bool = False) -> MeasureForm:
    """The form of a measure with those who may have it: as it was sent, or a clean one."""
    known = {"owner": current_user.id}
    form = MeasureForm(None, data=known) if clean else MeasureForm(data=known)
    form.offer(people_for_tasks(found(current_viewer())).values())
    return form


def field_of(part: Part, written: Conclusion | None) -> Field:
    """The field as it stands."""
    known = {"words": written.words if written else "", "seen": written.version if written else 0}
    return Field(part, ConclusionForm(None, data=known), written)
