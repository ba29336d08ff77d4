"""Words that were sent after a sign-in had run out: carried through the sign-in page, and handed back after it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import g, render_template, request

from salesboard.web import kept_fields, safe_next

PREFIX, ADDRESS = "kept:", "kept_for"
"""How the sign-in page names what it carries, so that nothing of it is taken for an e-mail address or a password."""


@dataclass(frozen=True)
class KeptWords:
    """The fields of a form, and the address on this host that they were for."""

    address: str
    fields: list[tuple[str, str]]

    def carried(self) -> list[tuple[str, str]]:
        """As hidden fields of the sign-in page."""
        return [(ADDRESS, self.address), *((PREFIX + name, value) for name, value in self.fields)]


def words_sent() -> KeptWords | None:
    """What this request brought."""
    fields = kept_fields()
    return KeptWords(request.full_path.rstrip("?"), fields) if fields else None


def words_carried() -> KeptWords | None:
    """What the sign-in page carried."""
    address = safe_next(request.form.get(ADDRESS))
    carried = [(name, value) for name, value in kept_fields() if name.startswith(PREFIX)]
    if address is None or not carried:
        return None
    return KeptWords(address, [(name.removeprefix(PREFIX), value) for name, value in carried])


def hand_back(words: KeptWords) -> str:
    """The page that shows the words and sends them again, in the session that has just begun."""
    g.pop("csrf_token", None)  # it belongs to the session before
    return render_template("errors/resend.html", kept=words.fields, resend_to=words.address)
