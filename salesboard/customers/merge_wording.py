"""What the page of a merge says."""

from __future__ import annotations

from flask_babel import ngettext

from salesboard.customers.custom_fields import every_field
from salesboard.customers.merging import OWN, Merge
from salesboard.customers.wording import FACT_NAMES


def merge_words(merge: Merge) -> dict[str, list[str]]:
    """What the page of a merge says: what was taken of the other one, what went along, and what was done since."""
    since = merge.left if merge.is_undone else merge.since()
    names = {name: str(words) for name, words in FACT_NAMES.items()}
    own = {f"{OWN}{field.id}": field.name for field in every_field()}
    taken = [name for name, pick in merge.picks.items() if pick != "survivor"]
    told = {**names, "owner_id": names["owner"], **own}
    moved = [(name.partition(".")[0], len(keys)) for name, keys in merge.moved.items()]
    return {
        "taken": [told.get(name, name) for name in taken],
        "moved": [_rows_told(table, count) for table, count in moved if count and table in _COUNTED],
        "changed": [told.get(name, name) for name in since.facts],
        "came": [_rows_told(table, count) for table, count in since.came],
        "gone": [_rows_told(table, count) for table, count in since.gone],
    }


_COUNTED = ("contacts", "deals", "followups", "documents")


def _rows_told(table: str, count: int) -> str:
    if table == "contacts":
        return ngettext("%(num)d contact", "%(num)d contacts", count)
    if table == "deals":
        return ngettext("%(num)d deal", "%(num)d deals", count)
    if table == "documents":
        return ngettext("%(num)d document", "%(num)d documents", count)
    return ngettext("%(num)d note", "%(num)d notes", count)
