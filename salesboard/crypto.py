"""Keys, sealed values and blind indexes. Nothing here knows what a value means.

A sealed value opens only with a key of this installation and in the place it was sealed for: the place and the key's
name are bound to it (AES-256-GCM, associated data). Keys lie in a file of their own, outside database and backups.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import time
from base64 import b64decode, b64encode
from dataclasses import dataclass
from pathlib import Path
from threading import Lock

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, current_app

from salesboard.errors import SealBroken
from salesboard.own_files import rewrite, write_once

KEY_BYTES, NONCE_BYTES, NAME_BYTES, TAG_BYTES = 32, 12, 4, 16
INDEX_BYTES = 16
RELOAD_AFTER = 1.0
"""Seconds after which a process looks whether the keys were rotated meanwhile."""

FILE_NAME = "data.json"
_EXTENSION = "keys"


@dataclass(frozen=True)
class Keys:
    """What the key file holds: every key that values may still be sealed with, and the one for new values."""

    current: bytes
    by_name: dict[bytes, bytes]
    index: bytes

    @classmethod
    def new(cls) -> Keys:
        name, key = _new_key()
        return cls(name, {name: key}, secrets.token_bytes(KEY_BYTES))

    def with_new_key(self) -> Keys:
        """The same with a fresh key for new values."""
        name, key = _new_key()
        return Keys(name, {**self.by_name, name: key}, self.index)

    def current_alone(self) -> Keys:
        """Without the keys that nothing is sealed with any more."""
        return Keys(self.current, {self.current: self.by_name[self.current]}, self.index)

    def written(self) -> str:
        kept = {name.hex(): _text(key) for name, key in self.by_name.items()}
        return json.dumps({"current": self.current.hex(), "keys": kept, "index": _text(self.index)}, indent=1)

    @classmethod
    def read(cls, text: str) -> Keys:
        told = json.loads(text)
        by_name = {bytes.fromhex(name): b64decode(key) for name, key in told["keys"].items()}
        return cls(bytes.fromhex(told["current"]), by_name, b64decode(told["index"]))


class KeyRing:
    """The installation's keys, made at the first need. Takes up a rotation by another process within a second.

    A key once read stays known to this process, so that a value read before a rotation still opens after it.
    """

    def __init__(self, folder: Path) -> None:
        self.path = folder / FILE_NAME
        self._lock = Lock()
        self._keys: Keys | None = None
        self._ciphers: dict[bytes, AESGCM] = {}
        self._looked_at = 0.0
        self._stamp: tuple[int, int] | None = None

    def seal(self, plain: bytes, place: str) -> bytes:
        """Seals `plain` for `place` with the current key."""
        keys = self._present()
        nonce = secrets.token_bytes(NONCE_BYTES)
        sealed = self._ciphers[keys.current].encrypt(nonce, plain, _bound(place, keys.current))
        return keys.current + nonce + sealed

    def open(self, sealed: bytes, place: str) -> bytes:
        """What was sealed for `place`. Raises SealBroken for anything else, or without its key."""
        name, nonce = sealed[:NAME_BYTES], sealed[NAME_BYTES : NAME_BYTES + NONCE_BYTES]
        cipher = self._cipher(name)
        if cipher is None:
            raise SealBroken(f"{place}: sealed with a key that is not here")
        try:
            return cipher.decrypt(nonce, sealed[NAME_BYTES + NONCE_BYTES :], _bound(place, name))
        except InvalidTag:
            raise SealBroken(f"{place}: not what was sealed for this place") from None

    def index(self, text: str, purpose: str) -> bytes:
        """A blind index: equal for equal texts of one purpose, telling nothing else without the key."""
        told = f"{purpose}\x00{text}".encode("utf-8", "surrogatepass")
        return hmac.new(self._present().index, told, hashlib.sha256).digest()[:INDEX_BYTES]

    @property
    def current(self) -> bytes:
        """The name of the key that new values are sealed with."""
        return self._present().current

    def add_key(self) -> None:
        """From now on new values are sealed with a fresh key; others still open."""
        self._write(self._read().with_new_key())

    def forget_old_keys(self) -> None:
        """Drops the keys that no value is sealed with: the caller has made sure."""
        self._write(self._read().current_alone())

    def _present(self) -> Keys:
        if self._keys is None or time.monotonic() - self._looked_at >= RELOAD_AFTER:
            self._reload()
        assert self._keys is not None
        return self._keys

    def _cipher(self, name: bytes) -> AESGCM | None:
        self._present()
        if name not in self._ciphers:
            self._reload()
        return self._ciphers.get(name)

    def _reload(self) -> None:
        with self._lock:
            self._make_sure()
            found = self.path.stat()
            stamp = (found.st_mtime_ns, found.st_ino)
            if stamp != self._stamp:
                self._keys, self._stamp = self._read(), stamp
                for name, key in self._keys.by_name.items():
                    self._ciphers.setdefault(name, AESGCM(key))
            self._looked_at = time.monotonic()

    def _make_sure(self) -> None:
        if not self.path.exists():
            write_once(self.path, Keys.new().written())

    def _read(self) -> Keys:
        self._make_sure()
        return Keys.read(self.path.read_text("ascii"))

    def _write(self, keys: Keys) -> None:
        with self._lock:
            rewrite(self.path, keys.written())
        self._reload()


def init_keys(app: Flask, folder: Path) -> None:
    """Lets the application's values be sealed with the keys in `folder`."""
    app.extensions[_EXTENSION] = KeyRing(folder)


def ring() -> KeyRing:
    """The keys of the running application."""
    keys: KeyRing = current_app.extensions[_EXTENSION]
    return keys


def key_name(sealed: bytes) -> bytes:
    """The name of the key that a value is sealed with."""
    return sealed[:NAME_BYTES]


def _bound(place: str, key: bytes) -> bytes:
    return f"{place}|{key.hex()}".encode()


def _new_key() -> tuple[bytes, bytes]:
    return secrets.token_bytes(NAME_BYTES), AESGCM.generate_key(KEY_BYTES * 8)


def _text(key: bytes) -> str:
    return b64encode(key).decode("ascii")
