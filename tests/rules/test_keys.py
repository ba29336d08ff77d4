"""A sealed value opens with its key and in its place alone; a key file is made once; a blind index tells nothing."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from salesboard.crypto import KeyRing, Keys, key_name
from salesboard.errors import SealBroken

HERE, ELSEWHERE = "contacts|row one|phone", "contacts|row two|phone"


@pytest.fixture
def ring(tmp_path: Path) -> KeyRing:
    return KeyRing(tmp_path / "keys")


def test_what_was_sealed_opens_and_does_not_lie_open(ring: KeyRing) -> None:
    sealed = ring.seal(b"13800138000", HERE)
    assert ring.open(sealed, HERE) == b"13800138000"
    assert b"138" not in sealed
    assert ring.seal(b"13800138000", HERE) != sealed


def test_a_value_moved_to_another_row_does_not_open(ring: KeyRing) -> None:
    with pytest.raises(SealBroken):
        ring.open(ring.seal(b"13800138000", HERE), ELSEWHERE)


@pytest.mark.parametrize("place", [0, 5, 20, -1])
def test_a_changed_value_does_not_open(ring: KeyRing, place: int) -> None:
    sealed = bytearray(ring.seal(b"13800138000", HERE))
    sealed[place] ^= 1
    with pytest.raises(SealBroken):
        ring.open(bytes(sealed), HERE)


def test_another_installation_opens_nothing(ring: KeyRing, tmp_path: Path) -> None:
    with pytest.raises(SealBroken, match="key that is not here"):
        KeyRing(tmp_path / "elsewhere").open(ring.seal(b"13800138000", HERE), HERE)


def test_equal_texts_have_equal_indexes_for_one_purpose_and_one_installation(
    ring: KeyRing, tmp_path: Path
) -> None:
    assert ring.index("tel:+86-138", "phone") == ring.index("tel:+86-138", "phone")
    assert ring.index("tel:+86-138", "phone") != ring.index("tel:+86-139", "phone")
    assert ring.index("tel:+86-138", "phone") != ring.index("tel:+86-138", "wechat")
    assert ring.index("tel:+86-138", "phone") != KeyRing(tmp_path / "elsewhere").index("tel:+86-138", "phone")


def test_the_key_file_is_for_its_user_alone_and_read_by_every_process(ring: KeyRing) -> None:
    sealed = ring.seal(b"secret", HERE)
    assert stat.S_IMODE(ring.path.stat().st_mode) == 0o600
    assert KeyRing(ring.path.parent).open(sealed, HERE) == b"secret"


def test_another_process_opens_what_the_new_key_sealed_at_once(ring: KeyRing) -> None:
    other = KeyRing(ring.path.parent)
    before = other.seal(b"before", HERE)
    ring.add_key()
    after = ring.seal(b"after", HERE)
    assert key_name(after) != key_name(before)
    assert (other.open(after, HERE), ring.open(before, HERE)) == (b"after", b"before")


def test_forgotten_keys_are_gone_from_the_file_and_the_index_stays(ring: KeyRing) -> None:
    before, index = ring.seal(b"before", HERE), ring.index("x", "y")
    ring.add_key()
    ring.forget_old_keys()
    fresh = KeyRing(ring.path.parent)
    with pytest.raises(SealBroken):
        fresh.open(before, HERE)
    assert fresh.index("x", "y") == index
    assert len(Keys.read(ring.path.read_text("ascii")).by_name) == 1
