"""What is offered while one types: values that are in use, and for the source where customers usually come from."""

from __future__ import annotations

from salesboard.access import current_viewer
from salesboard.customers.queries import used
from salesboard.customers.wording import SOURCES

SUGGESTED = ("industry", "region", "source")


def suggestions_for(name: str) -> list[str]:
    """What is offered for this fact of a customer; nothing where every value is another. One SELECT at most."""
    viewer = current_viewer()
    if name not in SUGGESTED or viewer is None:
        return []
    usual = [str(source) for source in SOURCES] if name == "source" else []
    return list(dict.fromkeys([*usual, *used(viewer, name)]))


def all_suggestions() -> dict[str, list[str]]:
    """By fact what is offered for it."""
    return {name: suggestions_for(name) for name in SUGGESTED}
