"""Which customers are probably one: through whatever they share, except where it was said that they are not."""

from __future__ import annotations

from salesboard.customers.alike import MOST_ALIKE, Alike, Likeness, Mark, groups_of

NAME, PHONE, EMAIL = Likeness.NAME, Likeness.PHONE, Likeness.EMAIL


def test_who_shares_a_name_or_a_way_is_one_group() -> None:
    marks: list[Mark] = [(NAME, "a", 1), (NAME, "a", 2), (PHONE, "1", 2), (PHONE, "1", 3), (EMAIL, "x", 9)]
    assert groups_of(marks) == [Alike((1, 2, 3), (NAME, PHONE))]


def test_what_is_the_same_in_kind_alone_is_nothing_shared() -> None:
    assert groups_of([(NAME, "a", 1), (PHONE, "a", 2), (PHONE, "b", 1)]) == []


def test_those_who_share_most_stand_first_then_the_newest() -> None:
    marks: list[Mark] = [
        *((NAME, "old", n) for n in (1, 2)),
        *((NAME, "new", n) for n in (8, 9)),
        *((kind, "both", n) for kind in (PHONE, EMAIL) for n in (3, 4)),
    ]
    assert [group.ids for group in groups_of(marks)] == [(3, 4), (8, 9), (1, 2)]


def test_who_was_said_to_be_apart_is_not_proposed_again() -> None:
    marks: list[Mark] = [(NAME, "a", n) for n in (1, 2, 3)]
    assert groups_of(marks, {(1, 2)}) == [Alike((1, 2, 3), (NAME,))]
    assert groups_of(marks, {(1, 2), (1, 3)}) == [Alike((2, 3), (NAME,))]
    assert groups_of(marks, {(1, 2), (1, 3), (2, 3)}) == []


def test_saying_so_of_every_group_ends_even_a_crowd_behind_one_switchboard() -> None:
    marks: list[Mark] = [(PHONE, "1", n) for n in range(1, 51)] + [(EMAIL, "x", n) for n in range(15, 30)]
    apart: set[tuple[int, int]] = set()
    for _round in range(10):
        groups = groups_of(marks, apart)
        assert all(2 <= len(group.ids) <= MOST_ALIKE for group in groups)
        assert len({each for group in groups for each in group.ids}) == sum(len(g.ids) for g in groups)
        apart |= {(one, other) for group in groups for one in group.ids for other in group.ids if one < other}
    assert groups_of(marks, apart) == []
