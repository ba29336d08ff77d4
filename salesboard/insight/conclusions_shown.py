"""What a report's page shows of what people write into it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from salesboard.errors import Conflict
from salesboard.insight.conclusion_forms import CommentForm, ConclusionForm
from salesboard.insight.conclusions import Conclusion, Part, ReportComment
from salesboard.insight.models import Report

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
    """What a report's page shows of what people write into it. Two SELECTs."""
    written = Conclusion.of(report)
    return {
        "fields": [field_of(part, written.get(part)) for part in Part],
        "comments": ReportComment.of(report),
        "comment_form": CommentForm(None),
    }


def field_of(part: Part, written: Conclusion | None) -> Field:
    """The field as it stands."""
    known = {"words": written.words if written else "", "seen": written.version if written else 0}
    return Field(part, ConclusionForm(None, data=known), written)
