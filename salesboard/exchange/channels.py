"""How a contact is reached, out of cells that hold a phone number, an e-mail address, a WeChat name or several. Pure.

13661191157.0, "电话：156 1410 9130（微信同号）", "+86 138-0000-0000", "a@example.com / 0571-88886666 转 801".
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal

from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import NO_HABITS, Habits, trimmed


@dataclass(frozen=True)
class Channels:
    """The ways found, each in the order of the cell."""

    phones: tuple[str, ...] = ()
    emails: tuple[str, ...] = ()
    wechat: str | None = None

    def __add__(self, other: Channels) -> Channels:
        """Both together, each way once, the own ones first."""
        return Channels(
            tuple(dict.fromkeys(self.phones + other.phones)),
            tuple(dict.fromkeys(self.emails + other.emails)),
            self.wechat or other.wechat,
        )


NO_CHANNELS = Channels()
_LONGEST = 500

_EMAIL = re.compile(
    r"[a-z0-9.!#$%&'*+/=?^_`{|}~-]+@[a-z0-9](?:[a-z0-9-]*\.)+[a-z][a-z0-9-]*", re.IGNORECASE | re.ASCII
)
_SAME_AS_PHONE = re.compile(
    r"(?:微信|wechat|weixin|wx|vx)?[号號]?(?:同号|同號|同步|同手机|同手機|同电话|同電話)|同微信",
    re.IGNORECASE,
)
_WECHAT = re.compile(
    r"(?:微信[号號]?|wechat|weixin|\bwx|\bvx)(?:\s*id)?\s*:?\s*(?P<name>[a-z][\w-]{5,19}|1[3-9]\d{9})",
    re.IGNORECASE,
)
_PIECES = re.compile(r"[/;,、|\n]|或|\bor\b")
_PHONE = re.compile(
    r"(?P<number>[+(]{0,2}\d[\d\s().-]*\d)"
    r"\s*(?:(?:转|轉|分机|分機|ext\.?|x)\s*:?\s*(?P<extension>\d{1,6}))?",
    re.ASCII,
)
_SCIENTIFIC = re.compile(r"\d(?:\.(?P<fraction>\d+))?e\+?(?P<power>\d{1,2})", re.IGNORECASE)
_MOBILE = re.compile(r"(?P<country>86|0086)?(?P<number>1[3-9]\d{9})")


def read_channels(cell: Cell, _habits: Habits = NO_HABITS) -> Channels:
    """All that a cell says, whatever its column is called. Raises Unreadable when that is nothing."""
    text = _as_text(cell)
    emails = tuple(address.lower() for address in _EMAIL.findall(text))
    rest = _EMAIL.sub(" ", text)
    named = _WECHAT.search(rest)
    if named and not named["name"].isdigit():
        rest = rest.replace(named[0], " ")
    phones = tuple(phone for piece in _PIECES.split(rest) for phone in _phones(piece))
    same_as_phone = phones[0] if phones and _SAME_AS_PHONE.search(rest) else None
    wechat = named["name"] if named else same_as_phone
    if not (phones or emails or wechat):
        raise Unreadable("not_reachable", cell)
    return Channels(phones, emails, wechat)


def read_wechat(cell: Cell, _habits: Habits = NO_HABITS) -> Channels:
    """A WeChat name from a column of such names. Raises Unreadable for what is no name."""
    text = _as_text(cell)
    named = _WECHAT.search(text)
    name = named["name"] if named else text
    if not re.fullmatch(r"[\w@.+-]{2,60}", name):
        raise Unreadable("not_reachable", cell)
    return Channels(wechat=name)


def is_address(cell: Cell) -> bool:
    """Whether a cell holds an e-mail address and nothing else."""
    return isinstance(cell, str) and _EMAIL.fullmatch(cell.strip()) is not None


def is_mobile(cell: Cell) -> bool:
    """Whether a cell holds a mobile number and nothing else."""
    return isinstance(cell, str | int | float) and _MOBILE.fullmatch(str(cell).removesuffix(".0")) is not None


def _as_text(cell: Cell) -> str:
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
        raise Unreadable("not_reachable", cell)
    if isinstance(cell, str):
        if len(cell) > _LONGEST:
            raise Unreadable("not_reachable", cell)
        text = _unpacked(trimmed(unicodedata.normalize("NFKC", cell)))
        return _restored(text, cell) if _SCIENTIFIC.fullmatch(text) else text.removesuffix(".0")
    if not float(cell).is_integer():
        raise Unreadable("not_reachable", cell)
    return str(int(cell))


def _unpacked(text: str) -> str:
    """The values of a list of ways that a program wrote as JSON: [{"label": "work", "value": "1380000"}]."""
    if not text.startswith("[{"):
        return text
    try:
        ways = json.loads(text)
    except ValueError:
        return text
    return " / ".join(str(way["value"]) for way in ways if isinstance(way, dict) and way.get("value"))


def _restored(text: str, cell: str) -> str:
    """1.3661191157E+10 still has all its digits; 1.36612E+10 has not."""
    told = _SCIENTIFIC.fullmatch(text)
    if told is None or len(told["fraction"] or "") < int(told["power"]):
        raise Unreadable("digits_lost", cell)
    return format(Decimal(text), "f")


def _phones(piece: str) -> list[str]:
    return [
        f"{number} ext. {told['extension']}" if told["extension"] else number
        for told in _PHONE.finditer(piece)
        for number in _numbers(told["number"])
    ]


def _numbers(text: str) -> list[str]:
    """One number, or several that only spaces part."""
    digits = re.sub(r"\D", "", text)
    is_international = text.lstrip("(").startswith("+")
    if (mobile := _MOBILE.fullmatch(digits)) and (mobile["country"] or not is_international):
        return [mobile["number"]]
    if 5 <= len(digits) <= 15:
        groups = "-".join(re.findall(r"\d+", text))
        return ["+" + groups if is_international else groups]
    if " " in text and len(digits) > 15:
        return [number for part in text.split() for number in _numbers(part)]
    return []
