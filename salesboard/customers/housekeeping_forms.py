"""What a person may send about the customers that the housekeeping proposes, checked."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.validators import InputRequired, Length, Optional

from salesboard.customers.housekeeping_rules import ACTS, MOST_AT_ONCE, Act, Proposal
from salesboard.customers.rules import LostReason
from salesboard.customers.wording import ACT_NAMES, LOST_REASON_NAMES
from salesboard.fields import PageForm, choices_of


class TidyingForm(PageForm):
    """Which customers were ticked, and what is to be done about them."""

    customers = SelectMultipleField(
        _l("Customers"),
        validate_choice=False,
        validators=[
            InputRequired(_l("Tick at least one customer.")),
            Length(max=MOST_AT_ONCE, message=_l("Tick fewer customers at a time.")),
        ],
    )
    act = RadioField(_l("What to do"), coerce=Act, validators=[InputRequired(_l("Choose what to do."))])
    reason = SelectField(
        _l("Reason for losing"),
        coerce=lambda code: LostReason(code) if code else None,
        choices=choices_of(LOST_REASON_NAMES, blank=_l("Choose a reason")),
        validators=[Optional()],
    )

    def offer(self, proposal: Proposal) -> TidyingForm:
        """With what fits this proposal."""
        self.act.choices = choices_of({act: ACT_NAMES[proposal, act] for act in ACTS[proposal]})
        return self

    @property
    def ticked(self) -> list[Any]:
        """The numbers of the customers that were ticked, as they were sent."""
        return list(self.customers.data or [])
