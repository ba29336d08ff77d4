"""What the codes of payments and complaints are called."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from salesboard.service.complaints import ComplaintKind, ComplaintState
from salesboard.service.rules import OverdueBand

BAND_NAMES = {
    OverdueBand.UP_TO_30: _l("1 to 30 days"),
    OverdueBand.UP_TO_60: _l("31 to 60 days"),
    OverdueBand.UP_TO_90: _l("61 to 90 days"),
    OverdueBand.BEYOND: _l("over 90 days"),
}
COMPLAINT_KIND_NAMES = {
    ComplaintKind.COMPLAINT: _l("Complaint"),
    ComplaintKind.QUESTION: _l("Question"),
}
COMPLAINT_STATE_NAMES = {
    ComplaintState.OPEN: _l("Not answered"),
    ComplaintState.ANSWERED: _l("Answered"),
    ComplaintState.SETTLED: _l("Settled"),
}
