"""All that a follow-up says, in its columns and in its rows, as its digest and its corrections take it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from salesboard.database import db
from salesboard.followups.beside import FollowUpPaper, FollowUpPerson
from salesboard.followups.corrections import CORRECTABLE
from salesboard.followups.digests import BESIDE, SAID

_OTHERS = {"people": FollowUpPerson, "papers": FollowUpPaper}
"""Rows that a correction replaces; of objections and promises it changes the words."""


class Told:
    """What a follow-up says. `FollowUp` alone is made of it."""

    promised: Any
    objections: Any
    promises: Any
    people: Any
    papers: Any

    @property
    def promised_in_all(self) -> str:
        """What was promised, one promise a line, each with its day and what became of it."""
        lines = [
            " ".join((each.what, *(f"({told})" for told in (each.due_on, each.state) if told)))
            for each in self.promises
        ]
        return "\n".join((*filter(None, [self.promised]), *lines))

    @property
    def objection(self) -> str:
        """What was objected, one objection a line."""
        return "\n".join(each.text for each in self.objections)

    @property
    def said(self) -> dict[str, Any]:
        """What its digest covers, by name."""
        return {**{name: getattr(self, name) for name in SAID}, **self.beside}

    @property
    def beside(self) -> dict[str, Any]:
        """What is said in rows, as `digests.BESIDE` tells."""
        return {
            "objections": [[each.text, each.told] for each in self.objections],
            "promises": [[each.what, each.told_due] for each in self.promises],
            "people": [each.kept for each in self.people],
            "papers": [each.kept for each in self.papers],
        }

    @property
    def correctable(self) -> dict[str, Any]:
        """All that a correction may change, as it stands now."""
        return {**{name: getattr(self, name) for name in CORRECTABLE}, **self.beside}

    def corrected_with(self, said: Mapping[str, Any]) -> dict[str, Any]:
        """What `correctable` will be once this is put in the place of what stands there."""
        rows = {name: self._as_put(name, said[name]) for name in BESIDE if name in said}
        return {**self.correctable, **said, **rows}

    def _as_put(self, name: str, rows: Sequence[Any]) -> list[list[Any]]:
        if name in ("objections", "promises"):
            return [[words, *kept[1:]] for words, kept in zip(rows, self.beside[name], strict=True)]
        return [each.kept for each in _OTHERS[name].rows(rows)]

    def put(self, name: str, rows: Sequence[Any]) -> None:
        """Puts other words, or other rows, in the place of those named in `digests.BESIDE`."""
        if name == "objections":
            for objection, words in zip(self.objections, rows, strict=True):
                objection.text = words
        elif name == "promises":
            for promise, words in zip(self.promises, rows, strict=True):
                promise.what = words
        else:
            setattr(self, name, [])
            db.session.flush()  # before others take their places
            setattr(self, name, _OTHERS[name].rows(rows))
