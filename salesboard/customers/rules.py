"""What a customer's words mean: level, status, needs, and the roles people play in a decision. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from opencc import OpenCC

Person = TypeVar("Person", int, str)
"""A contact, by id or by name."""


class Level(StrEnum):
    """重点 high value and high intent, 普通, 潜力 low value and high growth."""

    KEY = "key"
    NORMAL = "normal"
    POTENTIAL = "potential"


class CustomerStatus(StrEnum):
    """潜在, 意向, 成交, 流失; follows the deals."""

    POTENTIAL = "potential"
    INTENT = "intent"
    WON = "won"
    LOST = "lost"


class LostReason(StrEnum):
    """Why a deal was lost, or a customer without one."""

    PRICE = "price"
    COMPETITOR = "competitor"
    NEED_CHANGED = "need_changed"
    NO_BUDGET = "no_budget"
    NO_ANSWER = "no_answer"
    INVALID_LEAD = "invalid_lead"
    OTHER = "other"


class ContactRole(StrEnum):
    """The part a contact plays in the customer's decision (决策链)."""

    DECISION_MAKER = "decision_maker"
    INFLUENCER = "influencer"
    BUYER = "buyer"
    TECHNICAL = "technical"
    USER = "user"


class Attitude(StrEnum):
    """How a contact stands to buying from us."""

    SUPPORTER = "supporter"
    NEUTRAL = "neutral"
    OPPONENT = "opponent"
    UNKNOWN = "unknown"


class Channel(StrEnum):
    """The way in which a contact likes to be reached."""

    PHONE = "phone"
    EMAIL = "email"
    WECHAT = "wechat"
    VISIT = "visit"


class CheckResult(StrEnum):
    """What a spot check found: the record says what is so, or it does not."""

    RIGHT = "right"
    WRONG = "wrong"


class Priority(StrEnum):
    """How much a need weighs with the customer."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@dataclass(frozen=True)
class Need:
    """One need or pain point, in the customer's words."""

    text: str
    priority: Priority = Priority.NORMAL


def needs_in(text: str | None, known: Iterable[Need] = ()) -> tuple[Need, ...]:
    """The needs that a text tells, one a line; one that is `known` keeps its priority.

    Joined by line ends they are the text again: an empty line stays with the need before it.
    """
    priorities = {need.text: need.priority for need in known}
    lines: list[str] = []
    for line in (text or "").split("\n"):
        if line.strip() or not lines:
            lines.append(line)
        else:
            lines[-1] += f"\n{line}"
    return tuple(Need(line, priorities.get(line, Priority.NORMAL)) for line in lines if line.strip())


def goes_round(person_id: Person, boss_id: Person | None, bosses: Mapping[Person, Person | None]) -> bool:
    """Whether the person would report to themselves in the end, if `boss_id` were whom they report to.

    `bosses` says of everybody whom they report to now.
    """
    seen: set[Person] = set()
    while boss_id is not None and boss_id not in seen:
        if boss_id == person_id:
            return True
        seen.add(boss_id)
        boss_id = bosses.get(boss_id)
    return False


def monday_of(day: date) -> date:
    """The Monday of its week."""
    return day - timedelta(days=day.weekday())


def drawn(lot: str, numbers: Iterable[str], how_many: int) -> list[str]:
    """So many of the numbers, as if by chance; the same lot falls on the same numbers, whatever their order."""
    return sorted(numbers, key=lambda number: sha256(f"{lot}:{number}".encode()).digest())[:how_many]


def masked(field: str, value: object) -> str:
    """What may lie open of a value that is kept sealed: enough to recognise it by, no more."""
    text = str(value)
    if field == "phone":
        return masked_phone(text)
    if field == "email" and "@" in text:
        name, _at, host = text.rpartition("@")
        return f"{name[:1]}****@{host}"
    return f"{text[:2]}****" if field == "wechat" and len(text) > 4 else "****"


def masked_phone(phone: str) -> str:
    """A number as lists show it, enough to recognise but not to dial: 138****5678; a short one shows its end alone."""
    shown = 3 if len(phone) >= 9 else 0
    kept = min(4, len(phone) // 2)
    return f"{phone[:shown]}****{phone[len(phone) - kept :]}" if phone else ""


_HEAD_OFFICE = re.compile(
    r"\((?:(?:集团|集團|公司)?(?:总部|總部|本部)|总公司|總公司|总店|總店"
    r"|h\.?q\.?|head ?quarters|head office|main office)\)"
)
_LEGAL_FORMS = (
    (re.compile(r"有限责任公司$"), "有限公司"),
    (re.compile(r"有限責任公司$"), "有限公司"),
    (re.compile(r"(?<!有限)股份公司$"), "股份有限公司"),
    (re.compile(r"\b(?:(?:company|co)\W*)?(?:limited|ltd)\W*$"), " ltd"),
    (re.compile(r"\b(?:incorporated|inc)\W*$"), " inc"),
    (re.compile(r"\b(?:corporation|corp)\W*$"), " corp"),
)
_PLACES = (
    "北京|上海|天津|重庆|深圳|广州|东莞|佛山|珠海|杭州|宁波|温州|嘉兴|绍兴|金华|南京|苏州|无锡|常州|南通|合肥|福州|厦门|泉州"
    "|济南|青岛|烟台|潍坊|郑州|洛阳|武汉|长沙|南昌|成都|西安|太原|石家庄|沈阳|大连|长春|哈尔滨|昆明|贵阳|南宁|海口|兰州|西宁"
)
_PROVINCES = (
    "广东|浙江|江苏|安徽|福建|山东|河南|河北|湖北|湖南|江西"
    "|四川|陕西|山西|辽宁|吉林|黑龙江|云南|贵州|海南|甘肃|青海"
)
_RANK_OF_PLACE = re.compile(rf"^(?:({_PROVINCES})省)?(?:({_PLACES})市)?")
_UNHEARD = re.compile(r"[\s\u200b-\u200f\u2060\ufeff.,·・•'\"‘’“”()\[\]{}<>《》「」【】、。-]")
_HAN = "\u3007\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUNS = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")


def name_key(name: str) -> str:
    """One key for the ways in which one company's name is written.

    Width, case, spaces, punctuation, traditional or simplified signs and a remark such as （总部） do not count, nor
    the rank of a place in front (深圳市 = 深圳), and spellings of one legal form are one (有限责任公司 = 有限公司,
    Limited = Ltd). Different legal forms stay apart: 远山建材有限公司 and 远山建材集团 are two customers.
    """
    written = unicodedata.normalize("NFKC", name).casefold().strip()
    key = _HEAD_OFFICE.sub("", written).strip()
    for form, one_form in _LEGAL_FORMS:
        key, changed = form.subn(one_form, key)
        if changed:
            break
    simplified = _simplified(_UNHEARD.sub("", key))
    return _RANK_OF_PLACE.sub(r"\1\2", simplified) or simplified or "".join(written.split())


_FORMS = (
    "股份有限公司",
    "集团有限公司",
    "有限公司",
    "集团",
    "公司",
    "ltd",
    "inc",
    "corp",
    "gmbh",
    "llc",
    "co",
)
"""Legal forms as keys end with them, the longer ones first."""
SHORTEST_NAME = 2


def without_form(key: str) -> str | None:
    """What is left of a `name_key` without its legal form; None where it has none, or nothing is left to tell by."""
    form = next((form for form in _FORMS if key.endswith(form)), None)
    left = key.removesuffix(form) if form else ""
    return left if len(left) >= SHORTEST_NAME else None


def near_keys(key: str) -> tuple[str, ...]:
    """The keys under which the same company probably stands: of a full name the short one, of that the full ones.

    远山建材 and 远山建材有限公司 are probably one; two different legal forms are not.
    """
    left = without_form(key)
    if left is not None:
        return (left,)
    return tuple(f"{key}{form}" for form in _FORMS) if len(key) >= SHORTEST_NAME else ()


def _simplified(text: str) -> str:
    return _to_simplified().convert(text) if any(_is_han(letter) for letter in text) else text


@lru_cache(maxsize=1)
def _to_simplified() -> OpenCC:
    # Imported here: its tables take a moment to load, and most commands never compare names.
    from opencc import OpenCC

    return OpenCC("t2s")


@lru_cache(maxsize=8192)
def pinyin_keys(name: str) -> tuple[str, str]:
    """The name spoken in full, and its initials, for searching: 比亚迪 → ("biyadi", "byd").

    Latin words and figures are kept as they are beside Chinese; in a purely Latin name they give their first letters.
    """
    heard = unicodedata.normalize("NFKC", name).casefold()
    is_chinese = any(_is_han(letter) for letter in heard)
    full: list[str] = []
    initials: list[str] = []
    for run in _RUNS.findall(heard):
        if _is_han(run[0]):
            syllables = _speak()(run)
            full.extend(syllables)
            initials.extend(syllable[0] for syllable in syllables)
        else:
            full.append(run)
            initials.append(run if is_chinese or run.isdigit() else run[0])
    return "".join(full), "".join(initials)


@lru_cache(maxsize=1)
def _speak() -> Callable[[str], list[str]]:
    """Pinyin without tones. Words that come again, such as 有限公司, are looked up once: it takes five times as long
    to look them all up anew."""
    # Imported here: its dictionaries take a moment to load, and most commands never need them.
    from pypinyin.converter import DefaultConverter
    from pypinyin.core import Pinyin

    converter = DefaultConverter()
    converter.convert = lru_cache(maxsize=8192)(converter.convert)  # type: ignore[method-assign]
    return Pinyin(converter).lazy_pinyin


def _is_han(letter: str) -> bool:
    return re.match(f"[{_HAN}]", letter) is not None
