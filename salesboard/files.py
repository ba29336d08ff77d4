"""Files that belong to records: sealed in parts, under random keys, in the installation's data.

Each file has a key of its own, which its head holds sealed with the installation's: a rotation rewrites heads alone.
A part opens only in its file and at its place, and a file that was cut short does not read as whole.
"""

from __future__ import annotations

import io
import os
import re
import secrets
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import current_app

from salesboard import crypto
from salesboard.errors import SealBroken

PART = 64 * 1024
_KEY = re.compile(r"[0-9a-f]{32}")
_HEAD_BYTES = crypto.NAME_BYTES + crypto.NONCE_BYTES + crypto.KEY_BYTES + crypto.TAG_BYTES
_SEALED_PART = PART + crypto.TAG_BYTES


def new_key() -> str:
    """A random one. Whoever notes it before the file is kept can clear up after a crash in between."""
    return secrets.token_hex(16)


def keep(source: IO[bytes], key: str | None = None) -> str:
    """Seals a file under `key` or a new one; the key. What cannot be written whole is not kept."""
    key = key or new_key()
    path = path_of(key)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    seal_into(path, source, key)
    return key


def seal_into(path: Path, source: IO[bytes], key: str) -> None:
    """Writes a file sealed for `key` to `path`: whole, or not at all."""
    _write(path, _sealed_parts(source, key))


def opened(key: str) -> IO[bytes]:
    """The file as it was, to be read from any place. Raises LookupError where there is none, SealBroken on reading
    where it was changed or cut short."""
    path = path_of(key)
    if not path.is_file():
        raise LookupError("no such file")
    return open_sealed(path, key)


def open_sealed(path: Path, key: str) -> IO[bytes]:
    """The file at `path` as it was before it was sealed for `key`."""
    return io.BufferedReader(_Opened(path, key), PART)


def remove(key: str) -> None:
    """Done twice it changes nothing."""
    path_of(key).unlink(missing_ok=True)


def path_of(key: str) -> Path:
    """Where the sealed file lies. Raises LookupError for what is no key."""
    if not _KEY.fullmatch(key):
        raise LookupError("not the key of a file")
    return folder() / key[:2] / key


def folder() -> Path:
    where: Path = current_app.config["SETTINGS"].data_dir / "files"
    return where


def kept() -> Iterator[tuple[Path, str]]:
    """Every file that is kept, with its key."""
    for path in sorted(folder().glob("??/*")):
        if _KEY.fullmatch(path.name):
            yield path, path.name


def reseal(path: Path, key: str) -> bool:
    """Puts the head of a sealed file under the current key; False where it was already."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
        if crypto.key_name(head) == crypto.ring().current:
            return False
        own = crypto.ring().open(head, _place(key))
        rest = iter(lambda: file.read(2**20), b"")
        _write(path, (piece for pieces in ([crypto.ring().seal(own, _place(key))], rest) for piece in pieces))
    return True


def _write(path: Path, pieces: Iterable[bytes]) -> None:
    """What a crash leaves behind is a file of another name, never a part of one under its own."""
    scratch = path.with_suffix(".part")
    try:
        with scratch.open("wb") as target:
            scratch.chmod(0o600)
            for piece in pieces:
                target.write(piece)
            target.flush()
            os.fsync(target.fileno())
        scratch.replace(path)
    except BaseException:
        scratch.unlink(missing_ok=True)
        raise


def _sealed_parts(source: IO[bytes], key: str) -> Iterator[bytes]:
    """The head and the sealed parts of a file that is to lie under `key`."""
    own = AESGCM.generate_key(crypto.KEY_BYTES * 8)
    yield crypto.ring().seal(own, _place(key))
    cipher, number, piece = AESGCM(own), 0, source.read(PART)
    while True:
        following = source.read(PART) if len(piece) == PART else b""
        yield cipher.encrypt(_nonce(number, is_last=not following), piece, _place(key).encode())
        if not following:
            return
        number, piece = number + 1, following


def _place(key: str) -> str:
    return f"files|{key}|key"


def _nonce(number: int, *, is_last: bool) -> bytes:
    """Never used twice: each file has a key of its own. The last part says so, or the end could be cut off."""
    return struct.pack(">QI", number, is_last)


class _Opened(io.RawIOBase):
    """Reads a sealed file part by part, from any place."""

    def __init__(self, path: Path, key: str) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._place = _place(key)
        self._cipher = AESGCM(crypto.ring().open(self._file.read(_HEAD_BYTES), self._place))
        sealed = path.stat().st_size - _HEAD_BYTES
        self._parts = max(1, -(-sealed // _SEALED_PART))
        self._size = sealed - self._parts * crypto.TAG_BYTES
        self._at = 0
        self._loaded: tuple[int, bytes] | None = None

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def tell(self) -> int:
        return self._at

    def readinto(self, buffer: bytearray | memoryview) -> int:  # type: ignore[override]
        if self._at >= self._size and not (self._size == 0 and self._loaded is None):
            return 0
        number, within = divmod(self._at, PART)
        piece = self._part(number)[within : within + len(buffer)]
        buffer[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def close(self) -> None:
        self._file.close()
        super().close()

    def _part(self, number: int) -> bytes:
        if self._loaded is None or self._loaded[0] != number:
            self._file.seek(_HEAD_BYTES + number * _SEALED_PART)
            sealed = self._file.read(_SEALED_PART)
            nonce = _nonce(number, is_last=number == self._parts - 1)
            try:
                self._loaded = number, self._cipher.decrypt(nonce, sealed, self._place.encode())
            except InvalidTag:
                raise SealBroken(f"{self._place}: part {number} is not as it was sealed") from None
        return self._loaded[1]
