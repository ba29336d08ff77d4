"""Files rest sealed: read whole or from any place, refused when changed, cut short or put in another's place."""

from __future__ import annotations

from collections.abc import Iterator
from io import BytesIO

import pytest
from flask import Flask

from salesboard import crypto, files
from salesboard.crypto import Keys
from salesboard.errors import Refused, SealBroken
from salesboard.ops import keys

pytestmark = pytest.mark.databases("sqlite")


SIZES = (0, 1, files.PART - 1, files.PART, files.PART + 1, 3 * files.PART)


@pytest.fixture(autouse=True)
def no_file_stays(app: Flask) -> Iterator[None]:
    yield
    for _path, key in files.kept():
        files.remove(key)


def content(size: int) -> bytes:
    return (b"quotation for line one " * (size // 23 + 1))[:size]


@pytest.mark.parametrize("size", SIZES)
def test_a_file_comes_back_as_it_was(app: Flask, size: int) -> None:
    key = files.keep(BytesIO(content(size)))
    assert b"quotation" not in files.path_of(key).read_bytes()
    with files.opened(key) as file:
        assert file.read() == content(size)
        file.seek(max(0, size - 10))
        assert file.read() == content(size)[max(0, size - 10) :]
    files.remove(key)
    files.remove(key)
    with pytest.raises(LookupError):
        files.opened(key)


@pytest.mark.parametrize("cut", [1, files.PART + 16, 2 * (files.PART + 16)])
def test_a_file_that_was_cut_short_does_not_read_as_whole(app: Flask, cut: int) -> None:
    key = files.keep(BytesIO(content(3 * files.PART)))
    path = files.path_of(key)
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(SealBroken), files.opened(key) as file:
        file.read()


def test_a_file_in_anothers_place_does_not_open(app: Flask) -> None:
    one, other = files.keep(BytesIO(b"one")), files.keep(BytesIO(b"other"))
    files.path_of(one).write_bytes(files.path_of(other).read_bytes())
    with pytest.raises(SealBroken):
        files.opened(one)
    with pytest.raises(Refused, match="the old key is kept"):
        keys.rotate()
    assert len(Keys.read(crypto.ring().path.read_text("ascii")).by_name) == 2


def test_a_rotation_rewrites_the_head_alone(app: Flask) -> None:
    key = files.keep(BytesIO(content(files.PART * 2)))
    path, before = files.path_of(key), files.path_of(key).read_bytes()
    crypto.ring().add_key()
    assert files.reseal(path, key)
    assert not files.reseal(path, key)
    assert path.read_bytes()[-files.PART :] == before[-files.PART :]
    with files.opened(key) as file:
        assert file.read() == content(files.PART * 2)


@pytest.mark.parametrize("key", ["../../etc/passwd", "", "A" * 32, "0" * 31])
def test_what_is_no_key_leads_nowhere(app: Flask, key: str) -> None:
    with pytest.raises(LookupError):
        files.path_of(key)
