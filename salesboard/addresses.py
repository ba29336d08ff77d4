"""What an address asks for, read without ever failing: addresses are typed, shared and outlive people. Pure."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

MOST_PARTS = 100
"""So many names and values an address of ours has at most."""

LARGEST_ID = 2**31 - 1
"""The largest whole number that both databases keep in a column."""


def asked_id(text: str) -> int | None:
    """The id that stands there; None for anything else."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) <= 10 else 0
    return number if 0 < number <= LARGEST_ID else None


def plain(text: str, longest: int) -> str:
    """Without what no name holds and some databases refuse, such as a zero byte."""
    return "".join(sign if sign.isprintable() else " " for sign in text)[:longest].strip()


def plain_query(text: str) -> str | None:
    """What was sent as the query of an address, written so that it is one; None where it has too many parts."""
    try:
        return urlencode(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_PARTS))
    except ValueError:
        return None
