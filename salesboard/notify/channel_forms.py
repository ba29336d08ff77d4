"""What a person may say about the channels of their reminders, checked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from wtforms import RadioField, SelectField, SelectMultipleField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from salesboard.accounts.models import Team
from salesboard.fields import Line, PageForm, at_most, choices_of
from salesboard.notify.channel_rules import EVERY_DAY, ROBOTS, ChannelKind, Hours
from salesboard.notify.channel_wording import DAY_NAMES, KIND_NAMES, WHEN_NAMES
from salesboard.notify.channels import Channel
from salesboard.notify.rules import KINDS
from salesboard.notify.wording import GROUP_NAMES
from salesboard.outward import AddressRefused, NoAnswer, check_spelling, resolve
from salesboard.tasks.forms import Hour

LONGEST_ADDRESS, LONGEST_SECRET = 1000, 200


class RobotForm(PageForm):
    """A robot's address, as its maker shows it when it is added to a group."""

    kind = RadioField(_l("Robot of"), validators=[InputRequired(_l("Choose one."))])
    name = Line(
        _l("What it is called"),
        validators=[InputRequired(_l("Give it a name, such as that of the group.")), at_most(60)],
    )
    address = Line(
        _l("Its address (webhook)"),
        validators=[InputRequired(_l("Enter the address.")), at_most(LONGEST_ADDRESS)],
    )
    secret = Line(_l("Its signing key"), validators=[at_most(LONGEST_SECRET)])

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.kind.choices = choices_of({str(kind): KIND_NAMES[kind] for kind in ROBOTS})

    @property
    def facts(self) -> dict[str, Any]:
        return {
            "kind": ChannelKind(self.kind.data),
            "name": self.name.data or "",
            "address": self.address.data or "",
            "secret": self.secret.data or "",
        }

    def validate_address(self, field: Line) -> None:
        """Asks the name's addresses too: a slip of the pen is told at once. Each sending looks anew."""
        try:
            resolve(check_spelling(field.data or ""), current_app.config["SETTINGS"].outbound_networks)
        except NoAnswer:
            raise ValidationError(_("No host of that name is known. Check the address.")) from None
        except AddressRefused:
            raise ValidationError(
                _(
                    "An address on the internet that begins with https:// is needed; "
                    "own networks only as the operator allows."
                )
            ) from None

    def validate_secret(self, field: Line) -> None:
        if any(not "!" <= sign <= "~" for sign in field.data or ""):
            raise ValidationError(_("A signing key has no blanks and no signs beyond ASCII."))


class TeamRobotForm(RobotForm):
    team = SelectField(_l("Team"))

    def __init__(self, teams: Sequence[Team], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._teams = {str(team.id): team for team in teams}
        self.team.choices = [SelectChoice(key, team.name) for key, team in self._teams.items()]

    @property
    def chosen_team(self) -> Team:
        return self._teams[self.team.data]


class HoursForm(PageForm):
    """When one may be disturbed."""

    digest_at = Hour(_l("The morning’s digest at"), validators=[InputRequired(_l("Say when."))])
    quiet_from = Hour(_l("Quiet from"), validators=[InputRequired(_l("Say from when."))])
    quiet_until = Hour(_l("until"), validators=[InputRequired(_l("Say until when."))])
    days = SelectMultipleField(
        _l("On these days"),
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )

    def __init__(self, hours: Hours, **kwargs: Any) -> None:
        kept = {name: getattr(hours, name) for name in ("digest_at", "quiet_from", "quiet_until")}
        super().__init__(data={**kept, "days": sorted(hours.days)}, **kwargs)
        self.days.choices = [SelectChoice(day, DAY_NAMES[day]) for day in sorted(EVERY_DAY)]

    def validate_days(self, field: SelectMultipleField) -> None:
        if not field.data:
            raise ValidationError(_("Choose a day at least. To hear nothing at all, turn the channels off."))

    @property
    def hours(self) -> Hours:
        usual = Hours()
        return Hours(
            self.quiet_from.data or usual.quiet_from,
            self.quiet_until.data or usual.quiet_until,
            frozenset(self.days.data or ()),
            self.digest_at.data or usual.digest_at,
        )


class ChoicesForm(PageForm):
    """For each kind of reminder, when each channel tells of it; its fields are named `channel-kind`."""

    @classmethod
    def of(cls, channels: Sequence[Channel], **kwargs: Any) -> ChoicesForm:
        fields = {
            f"c{channel.id}-{kind}": SelectField(
                _l(
                    "%(kind)s: %(channel)s",
                    kind=GROUP_NAMES[kind],
                    channel=channel.name or KIND_NAMES[channel.kind],
                ),
                choices=choices_of(WHEN_NAMES),
                default=str(channel.chosen(kind)),
                validators=[InputRequired(_l("Choose one."))],
            )
            for channel in channels
            for kind in KINDS
        }
        made: ChoicesForm = type("ChoicesOfForm", (cls,), fields)(**kwargs)
        return made

    def of_channel(self, channel: Channel) -> dict[str, str]:
        return {str(kind): self[f"c{channel.id}-{kind}"].data for kind in KINDS}
