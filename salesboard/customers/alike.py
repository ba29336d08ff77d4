"""Which records are probably one customer twice: those alike by name, telephone number or address. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from itertools import combinations

MOST_ALIKE = 20
"""So many are compared and shown together; of the tenants behind one switchboard each twenty by themselves."""


class Likeness(StrEnum):
    """What two records have in common."""

    NAME = "name"
    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True)
class Alike:
    """Customers, by their ids, that may be one and the same, and by what."""

    ids: tuple[int, ...]
    by: tuple[Likeness, ...]


Mark = tuple[Likeness, object, int]
"""A key that a customer is known by: of which kind, the key, and the customer's id."""


def pair(one: int, other: int) -> tuple[int, int]:
    """Two ids, the lower first."""
    return (one, other) if one < other else (other, one)


def groups_of(marks: Iterable[Mark], apart: Collection[tuple[int, int]] = ()) -> list[Alike]:
    """Those who share a mark, directly or through others, except where a pair was said to be `apart`.

    Who share most stand first, then the newest. Of two groups none has a customer in common.
    """
    near = _neighbours(marks, set(apart))
    seen: set[int] = set()
    groups = []
    for start in sorted(near, reverse=True):
        if start not in seen:
            found = _reached(start, near, seen)
            if len(found) > 1:
                groups.append(Alike(tuple(sorted(found)), _shared(found, near)))
    return sorted(groups, key=lambda group: (-len(group.by), -group.ids[-1]))


Near = dict[int, dict[int, set[Likeness]]]


def _neighbours(marks: Iterable[Mark], apart: set[tuple[int, int]]) -> Near:
    holders: dict[tuple[Likeness, object], set[int]] = defaultdict(set)
    for kind, key, customer_id in marks:
        holders[kind, key].add(customer_id)
    near: Near = defaultdict(lambda: defaultdict(set))
    for (kind, _key), ids in holders.items():
        members = sorted(ids)
        for start in range(0, len(members), MOST_ALIKE):
            for one, other in combinations(members[start : start + MOST_ALIKE], 2):
                if (one, other) not in apart:
                    near[one][other].add(kind)
                    near[other][one].add(kind)
    return near


def _reached(start: int, near: Near, seen: set[int]) -> list[int]:
    """From one to the next, never more than `MOST_ALIKE`; whom it reached it marks as `seen`."""
    reached = [start]
    seen.add(start)
    for each in reached:
        for other in sorted(near[each]):
            if other not in seen and len(reached) < MOST_ALIKE:
                seen.add(other)
                reached.append(other)
    return reached


def _shared(ids: list[int], near: Near) -> tuple[Likeness, ...]:
    found = {kind for one, other in combinations(ids, 2) for kind in near[one].get(other, ())}
    return tuple(kind for kind in Likeness if kind in found)
