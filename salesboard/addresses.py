"""What an address asks for, read without ever failing: addresses are typed, shared and outlive people. Pure."""

from __future__ import annotations

LARGEST_ID = 2**31 - 1
"""The largest whole number that both databases keep in a column."""


def asked_id(text: str) -> int | None:
    """The id that stands there; None for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None


def plain(text: str, longest: int) -> str:
    """Without what no name holds and some databases refuse, such as a zero byte."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:longest].strip()
