"""The digests of follow-ups: what they cover, and how each is chained to the one before. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime

SAID = (
    "kind",
    "author_id",
    "occurred_at",
    "recorded_at",
    "is_on_time",
    "method",
    "participants",
    "content",
    "feedback",
    "agreed",
    "materials",
    "promised",
    "new_needs",
    "competitor_news",
    "opportunity_risk",
    "next_step",
    "next_due",
    "next_method",
    "next_at",
    "next_owner_id",
)
"""The columns with everything that was said, by whom and when; not where it is filed, for a customer may be merged with
another."""


BESIDE = ("objections", "promises", "people", "papers")
"""What is said in rows of its own, a list for each row, as it was when it was written down: of objections the text and
how it stood; of promises what and until when; of people the name and the side; of papers the name, the version and
the document. Empty ones leave no trace, so that notes from before there were such rows keep their fingerprints."""


def words_said(values: Mapping[str, object]) -> str:
    """The fingerprint of a follow-up, of which `values` holds the columns by name, and what is named in `BESIDE`."""
    told = {name: values.get(name) for name in SAID}
    return fingerprint(told | {name: values.get(name) or None for name in BESIDE})


def fingerprint(told: Mapping[str, object]) -> str:
    """One digest of what is told by name, whatever the order. What is empty leaves no trace, so that a field which is
    added later changes no earlier fingerprint."""
    kept = {name: plain(value) for name, value in told.items() if value is not None and value != ""}
    text = json.dumps(kept, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def chained(before: str, position: int, kind: str, number: str, said: str) -> str:
    """The digest of the link at `position`: over the digest of the link before it and everything it holds itself."""
    text = "\n".join((before, str(position), kind, number, said))
    return hashlib.sha256(text.encode()).hexdigest()


def plain(value: object) -> object:
    """A value as JSON keeps it: moments in UTC to the microsecond."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value
