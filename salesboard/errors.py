"""The domain's exceptions. No Flask here: views turn them into answers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime


class Refused(Exception):
    """The domain says no; `str(error)` is a sentence for the person."""


class NotAllowed(Refused):
    """The person may see the record but not do this to it."""


class Invalid(Refused):
    """Some of what was sent cannot be taken; `errors` maps a field's name to its sentence."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__("; ".join(errors.values()))
        self.errors = dict(errors)


class Conflict(Refused):
    """Somebody changed the record meanwhile: who and when.

    `fields` are those that both changed, where that is known; `theirs` those that only the other one did.
    """

    def __init__(
        self,
        message: str,
        *,
        changed_by: str | None,
        changed_at: datetime | None,
        fields: Iterable[str] = (),
        theirs: Iterable[str] = (),
    ) -> None:
        super().__init__(message)
        self.changed_by = changed_by
        self.changed_at = changed_at
        self.fields = tuple(fields)
        self.theirs = tuple(theirs)


class SettingRefused(Refused):
    """A setting from the environment makes no sense or is unsafe."""


class SealBroken(Exception):
    """A sealed value does not open here: moved from another place, damaged, or its key is missing."""
