"""Which contacts of two customers are one person, so that nobody is doubled by a merge. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from salesboard.customers.rules import Attitude
from salesboard.customers.ways import WayKind, ways_in

if TYPE_CHECKING:
    from salesboard.customers.models import Contact


FACTS = ("title", "phone", "email", "wechat", "role", "preferred_channel")


def twins_of(leaving: Iterable[Contact], staying: Iterable[Contact]) -> dict[int, int]:
    """By the id of a contact who is `leaving`, the one `staying` who is the same person: of the same name, and nothing
    known of the two differs. What only the first tells, `filled_by` names: then nothing is lost with it."""
    left, there = list(leaving), list(staying)
    found: dict[int, int] = {}
    for person in sorted(left, key=lambda each: each.id):
        taken = set(found.values())
        twin = next((other for other in there if other.id not in taken and _is_told_by(person, other)), None)
        if twin is not None:
            found[person.id] = twin.id
    return _without_other_bosses(found, {person.id: person for person in [*left, *there]})


def filled_by(person: Contact, twin: Contact) -> list[str]:
    """Names of the facts that are known of the person and not of the twin."""
    unknown = [name for name in FACTS if getattr(person, name) and not getattr(twin, name)]
    learnt = twin.attitude is Attitude.UNKNOWN is not person.attitude
    return [*unknown, *(["attitude"] if learnt else [])]


def name_of(person: Contact) -> tuple[str, ...]:
    """The name without what does not count: case and the width of gaps."""
    return tuple(person.name.casefold().split())


def _is_told_by(person: Contact, other: Contact) -> bool:
    """Whether both have one name, and nothing that is known of the two speaks against their being one."""
    same_name = name_of(person) == name_of(other)
    attitudes = {person.attitude, other.attitude} - {Attitude.UNKNOWN}
    return same_name and len(attitudes) < 2 and all(_agree(person, other, name) for name in FACTS)


def _agree(person: Contact, other: Contact, name: str) -> bool:
    told, known = getattr(person, name), getattr(other, name)
    if not told or not known or told == known:
        return True
    if name not in list(WayKind):
        return False
    ways = ways_in(WayKind(name), told)
    return bool(ways) and {*ways} <= {*ways_in(WayKind(name), known)}


def _without_other_bosses(found: Mapping[int, int], people: Mapping[int, Contact]) -> dict[int, int]:
    """Those whose superior is the same too, or not known."""
    kept = dict(found)
    while True:
        bosses = {each: people[each].reports_to_id for each in kept}
        other = [
            each
            for each, boss in bosses.items()
            if boss is not None and (boss not in kept or kept[boss] != people[kept[each]].reports_to_id)
        ]
        if not other:
            return kept
        for each in other:
            del kept[each]
