"""What a text is taken apart into, and what of it a word is looked up by."""

from __future__ import annotations

import pytest

from salesboard.search_parts import LONGEST, parts_of, pieces_of


@pytest.mark.parametrize(
    ("word", "pieces"),
    [
        ("星", ["星"]),
        ("xsyyy", ["xsyyy"]),
        ("songyuan", ["songyuan"]),
        ("songyuank", ["songyuan", "ongyuank"]),
        ("13900000077", ["13900000", "00000077"]),
        ("youxiangongsishanghai", ["youxiang", "ongsisha", "shanghai"]),
    ],
)
def test_the_pieces_of_a_word_cover_it(word: str, pieces: list[str]) -> None:
    assert pieces_of(word) == pieces


@pytest.mark.parametrize("word", ["亚", "亚迪", "yadi", "byd", "d", "迪", "ltd.", "(亚"])
def test_each_place_of_a_text_is_an_entry_that_begins_with_what_stands_there(word: str) -> None:
    parts = parts_of("比亚迪 ltd. (亚) biyadi byd")
    assert any(part.startswith(word) for part in parts)
    assert not any(part.startswith(" ") or len(part) > LONGEST for part in parts)
