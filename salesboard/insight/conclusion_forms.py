"""What people may write into a report, checked."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l
from wtforms import IntegerField
from wtforms.validators import DataRequired, NumberRange, Optional

from salesboard.addresses import LARGEST_ID
from salesboard.fields import PageForm, Version, Words, at_most

LONGEST = 5_000


class ConclusionForm(PageForm):
    """One field, on the version that the writer had before them; `over` is the one that they chose to write over."""

    words = Words(validators=[at_most(LONGEST)])
    seen = Version()
    over = IntegerField(validators=[Optional(), NumberRange(0, LARGEST_ID)])

    @property
    def expected_version(self) -> int:
        return int(self.seen.data if self.over.data is None else self.over.data)


class CommentForm(PageForm):
    """What somebody says about a report."""

    said = Words(
        _l("Say something about this report"),
        validators=[DataRequired(_l("Write something first.")), at_most(LONGEST)],
    )
