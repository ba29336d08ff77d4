"""What becomes of facts that were entered on an earlier version of the record: per field, nobody's words are lost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from salesboard.customers.changes import SEALED, FieldChange, as_told


@dataclass
class Settlement:
    """`free` may be written; `disputed` fields somebody else changed too; `theirs` only they changed, so that stays."""

    free: dict[str, Any] = field(default_factory=dict)
    disputed: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)


def settle(said: Mapping[str, Any], since: Sequence[FieldChange]) -> Settlement:
    """Sorts what is `said` now by what was changed `since` the form was opened, the oldest first.

    A sealed value's history does not tell what it was, so that it is disputed whenever it was changed.
    """
    first: dict[str, FieldChange] = {}
    for change in since:
        first.setdefault(change.field, change)
    settled = Settlement()
    for name, value in said.items():
        if name not in first:
            settled.free[name] = value
        elif name not in SEALED and as_told(name, value) == first[name].before:
            settled.theirs.append(name)
        else:
            settled.disputed.append(name)
    return settled
