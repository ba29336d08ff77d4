"""Money and percentages as people write them: ¥220,000, 31万, 1.2亿, 肆万伍仟元整, 20%, 0.2. Pure."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.exchange.values import NO_HABITS, Habits, is_figure

LARGEST = Decimal(10) ** 11
_CENT = Decimal("0.01")

_DIGIT_LETTERS = ("零〇", "一壹", "二贰貳两兩", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
_DIGITS = {letter: value for value, letters in enumerate(_DIGIT_LETTERS) for letter in letters}
_SMALL_UNITS = {"十": 10, "拾": 10, "百": 100, "佰": 100, "千": 1_000, "仟": 1_000}
_BIG_UNITS = {"万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8}
_LATIN_UNITS = {
    "k": 10**3, "thousand": 10**3, "w": 10**4, "m": 10**6, "mn": 10**6, "mio": 10**6, "million": 10**6,
    "b": 10**9, "bn": 10**9, "billion": 10**9,
}  # fmt: skip
_HEAD_SCALES = (
    ("亿", 10**8),
    ("百万", 10**6),
    ("万", 10**4),
    ("千元", 10**3),
    ("million", 10**6),
    ("thousand", 10**3),
)
_SIMPLIFIED = str.maketrans("億萬單", "亿万单")
_UNIT_AT_THE_END = re.compile(
    r"\s*(?:[\s/:_-]\s*(?P<parted>(?:百?[万萬]|[亿億]|千元)元?)|(?P<unit>(?:百?[万萬]|[亿億]|千)元))\s*$"
)
_UNIT_OF_THE_SHEET = re.compile(
    r"[单單]位\s*:?\s*(?:人民[币幣])?\s*(?P<unit>(?:百?[万萬]|[亿億]|千)元|[万萬]|[亿億])(?!\w)"
)

_CURRENCY = r"(?:人民币|人民幣|rmb|cny|usd|hkd|twd|eur|gbp|jpy|us\$|hk\$|nt\$|[¥$€£]|美元|港币|港元)"
_ABOUT = r"(?:约|約|大约|大概|近|预计|预估)"
_WRAPPING = re.compile(
    rf"^{_ABOUT}?{_CURRENCY}?{_ABOUT}?(?P<bare>.*?)(?:块钱|块|yuan)?{_CURRENCY}?(?:\((?:含|不含|未)税\))?(?:左右|上下)?$"
)
_YUAN = re.compile(r"(?P<yuan>.*?)[元圆圓](?:(?P<jiao>.)角)?(?:(?P<fen>.)分)?[整正]?")
_LATIN = re.compile(r"(?P<number>[\d.,' ]+?)(?P<unit>[a-z]+)")
_TOKEN = re.compile(r"(?P<number>\d[\d.,' ]*)|(?P<sign>\S)")
_GROUPED = re.compile(r"\d{1,3}(?:,\d{2,3})*,\d{3}|\d{1,3}(?: \d{3})+|\d{1,3}(?:'\d{3})+|\d+", re.ASCII)


def read_amount(cell: Cell, habits: Habits = NO_HABITS) -> Decimal:
    """Money with two places. Bare numbers are multiplied by the head's scale. Raises Unreadable, also below zero."""
    if not is_figure(cell):
        raise Unreadable("not_an_amount", cell)
    try:
        amount = _written(cell, habits.scale) if isinstance(cell, str) else Decimal(repr(cell)) * habits.scale
        if not amount.is_finite():
            raise Unreadable("not_an_amount", cell)
    except (InvalidOperation, ValueError) as error:
        raise error if isinstance(error, Unreadable) else Unreadable("not_an_amount", cell) from error
    if amount < 0:
        raise Unreadable("negative_amount", cell)
    if amount >= LARGEST:
        raise Unreadable("amount_too_large", cell)
    return amount.quantize(_CENT, ROUND_HALF_UP)


def read_percent(cell: Cell, habits: Habits = NO_HABITS) -> int:
    """Whole percents, 0 to 100: "20%", 20 and 0.2 are all twenty. Raises Unreadable.

    Of bare numbers, those between 0 and 1 are fractions and those above 1 are percents. Exactly 1 is all (100 %),
    unless the column's habit is whole percents.
    """
    if not is_figure(cell):
        raise Unreadable("not_a_share", cell)
    try:
        if isinstance(cell, str) and (marked := unicodedata.normalize("NFKC", cell).strip()).endswith("%"):
            percent = Decimal(marked[:-1].strip())
        else:
            number = Decimal(cell.strip()) if isinstance(cell, str) else Decimal(repr(cell))
            is_fraction = number < 1 or (number == 1 and not habits.whole_percents)
            percent = number * 100 if is_fraction else number
    except InvalidOperation as error:
        raise Unreadable("not_a_share", cell) from error
    if not 0 <= percent <= 100:  # also of what is no number at all
        raise Unreadable("not_a_share", cell)
    return int(percent.quantize(Decimal(1), ROUND_HALF_UP))


def has_whole_percents(cells: Iterable[Cell]) -> bool:
    """Whether a column writes shares as whole percents: some number above 1, none between 0 and 1."""
    numbers = [number for number in map(_bare_number, cells) if number is not None]
    return any(number > 1 for number in numbers) and not any(0 < number < 1 for number in numbers)


def scale_of_head(head: str) -> int:
    """What a head multiplies its column by: 10 000 for 合同金额（万元）."""
    told = unicodedata.normalize("NFKC", head[:200]).lower()
    remarks = "".join(re.findall(r"[(\[](.*?)[)\]]", told))
    end = _UNIT_AT_THE_END.search(told)
    return _scale(remarks) or (_scale(end[0]) if end else None) or 1


def names_unit(head: str) -> bool:
    """Whether a head says in what unit its amounts are, be it the plain one."""
    return re.search("[元万萬亿億]", head) is not None


def without_unit(head: str) -> str:
    """A head without the unit at its end: 合同金额/万元 → 合同金额."""
    return _UNIT_AT_THE_END.sub("", unicodedata.normalize("NFKC", head[:200]))


def scale_of_title(text: str) -> int | None:
    """What a line above the head says of all bare amounts below it: 10 000 for 单位：万元."""
    found = _UNIT_OF_THE_SHEET.search(unicodedata.normalize("NFKC", text[:200]))
    return _scale(found["unit"]) if found else None


def _scale(remark: str) -> int | None:
    remark = remark.translate(_SIMPLIFIED)
    return next((scale for word, scale in _HEAD_SCALES if word in remark), None)


def _bare_number(cell: Cell) -> float | None:
    if not is_figure(cell):
        return None
    try:
        return float(cell)
    except ValueError:
        return None


def _written(text: str, scale: int) -> Decimal:
    """The sum that a text names, below zero for a minus, 负 or brackets around the figure."""
    told = unicodedata.normalize("NFKC", text).strip().lower().replace("−", "-")
    if told.startswith("(") and told.endswith(")"):
        return -abs(_written(told[1:-1], scale))
    unsigned = told.lstrip("-负負").strip()
    if len(unsigned) < len(told):
        return -abs(_written(unsigned, scale))
    wrapped = _WRAPPING.match(told.replace(" ", "") if not re.search(r"\d \d", told) else told)
    bare = wrapped["bare"].strip() if wrapped else told
    if bare.startswith("-"):
        return -abs(_written(bare[1:], scale))
    if yuan := _YUAN.fullmatch(bare):
        cents = _DIGITS.get(yuan["jiao"] or "零", 0) * 10 + _DIGITS.get(yuan["fen"] or "零", 0)
        return _whole(yuan["yuan"], scale) + Decimal(cents) / 100
    return _whole(bare, scale)


def _whole(text: str, scale: int) -> Decimal:
    if latin := _LATIN.fullmatch(text):
        return _figure(latin["number"]) * _latin_unit(latin["unit"])
    tokens = list(_tokens(text))
    if len(tokens) == 1 and isinstance(tokens[0], Decimal) and text[0].isdigit():
        return tokens[0] * scale
    return _spoken(tokens)


def _latin_unit(unit: str) -> int:
    if unit not in _LATIN_UNITS:
        raise ValueError(unit)
    return _LATIN_UNITS[unit]


def _tokens(text: str) -> Iterator[Decimal | str]:
    """Figures as numbers, Chinese digits as numbers, units as themselves."""
    if not text:
        raise ValueError(text)
    for token in _TOKEN.finditer(text):
        sign = token["sign"]
        if token["number"]:
            yield _figure(token["number"])
        elif sign in _DIGITS:
            yield Decimal(_DIGITS[sign])
        elif sign in _SMALL_UNITS or sign in _BIG_UNITS:
            yield sign
        else:
            raise ValueError(text)


def _spoken(tokens: list[Decimal | str]) -> Decimal:
    """The number that digits and units name together: 三千二百万, 1亿2000万, 两万五 (25 000)."""
    total = section = Decimal(0)
    digit: Decimal | None = None
    unit, biggest = 0, 10**12
    for token in tokens:
        if isinstance(token, Decimal):
            if digit:
                raise ValueError(tokens)
            if token == 0 and len(tokens) > 1:
                unit = 0  # 一万零五: the five stands for itself
            digit = token
        elif token in _SMALL_UNITS:
            unit = _SMALL_UNITS[token]
            section += (1 if digit is None else digit) * unit
            digit = None
        else:
            unit = _BIG_UNITS[token]
            if digit is None and not section and not total:
                raise ValueError(tokens)
            section += digit or 0
            if unit > biggest:
                total, section = (total + section) * unit, Decimal(0)
            else:
                total, section = total + section * unit, Decimal(0)
            biggest, digit = unit, None
    if digit is None:
        return total + section
    is_short_for_more = unit >= 100 and digit < 10 and digit == int(digit)
    return total + section + digit * (unit // 10 if is_short_for_more else 1)


def _figure(text: str) -> Decimal:
    """A number in figures with its separators: 1,234.50, 1 234 567, 1'234 or 1.234.567,89."""
    text = text.strip()
    if text.count(".") > 1 or ("," in text and "." in text and text.rindex(",") > text.rindex(".")):
        text = text.replace(".", " ").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", text):
        text = text.replace(",", ".")
    whole, point, rest = text.partition(".")
    if not _GROUPED.fullmatch(whole) or (point and not re.fullmatch(r"\d+", rest, re.ASCII)):
        raise ValueError(text)
    return Decimal(re.sub(r"[, ']", "", whole) + point + rest)
