"""What every reader of a cell shares: the column's habits, plain words, clean text, and when a cell says nothing."""

from __future__ import annotations

import math
import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, TypeGuard

from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable
from salesboard.private_numbers import private_number_in


class DateOrder(StrEnum):
    """Which of 03/04/2024's first two figures is the day."""

    DAY_FIRST = "dmy"
    MONTH_FIRST = "mdy"


@dataclass(frozen=True)
class Habits:
    """How one column writes its values, where a single cell does not tell."""

    scale: int = 1
    """What the head multiplies bare amounts by: 10 000 for 预算（万元）."""
    whole_percents: bool = False
    """The column's shares are whole percents, so that 1 means one percent and not all."""
    date_order: DateOrder | None = None


NO_HABITS = Habits()

LONGEST_FIGURE = 80
"""No amount, date or count is longer; the patterns that read them are not made for pages of text."""

_NOTHING = frozenset("- -- --- — —— / \\ 无 暂无 無 n/a na #n/a null none 待定 未定 待补充 tbd ?".split())
_EDGES = " \t\r\n\f\v\u00a0\u1680\u2028\u2029\u202f\u205f\u2060\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200C))
)
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SOUNDLESS = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_TRADITIONAL = str.maketrans(
    "專業東丟買爭產價傳關決況準劃創別務動區單參發變號員響場處備復複實審對屬崗應開異當錄歸態戶護報搶擇數時"
    "機來標檔術溝沒潛點狀現電碼確稱競簽類繫係線級約終經結絡統續維編聯職騰範獲營規視觸計訂認討議訊記論設訪"
    "證評識話詳說調談負財責敗購貴資贏輸過進遠選採釘鏈銷鍵長門閉問間階際預項頻題額飛饋驗達無總會與權內後萬"
    "億圖團國華禮節歷勢張穫構層師郵圍種聯註給諾風險優",
    "专业东丢买争产价传关决况准划创别务动区单参发变号员响场处备复复实审对属岗应开异当录归态户护报抢择数时"
    "机来标档术沟没潜点状现电码确称竞签类系系线级约终经结络统续维编联职腾范获营规视触计订认讨议讯记论设访"
    "证评识话详说调谈负财责败购贵资赢输过进远选采钉链销键长门闭问间阶际预项频题额飞馈验达无总会与权内后万"
    "亿图团国华礼节历势张获构层师邮围种联注给诺风险优",
)
"""The letters that our heads and words are written with, not the whole script."""


def plain(text: str) -> str:
    """A word or head as it is compared: width, case, spaces, punctuation and traditional forms do not count."""
    return _SOUNDLESS.sub("", unicodedata.normalize("NFKC", text).casefold()).translate(_TRADITIONAL)


def without_brackets(text: str) -> str:
    """A head without its remarks: 预估金额（元） → 预估金额."""
    return _BRACKETED.sub("", unicodedata.normalize("NFKC", text))


def says_nothing(cell: Cell) -> bool:
    """Whether a cell that should hold a figure, date or word of ours holds only a sign for nothing."""
    return cell is None or (isinstance(cell, str) and cell.strip().lower() in _NOTHING)


def cell_text(cell: Cell) -> str:
    """The cell as a person would read it aloud."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return trimmed(cell)
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return format(Decimal(repr(cell)), "f") if cell == cell and abs(cell) != float("inf") else ""
    if isinstance(cell, datetime):
        return cell.strftime("%Y-%m-%d" if cell.time().isoformat() == "00:00:00" else "%Y-%m-%d %H:%M")
    return cell.isoformat() if isinstance(cell, date) else str(cell)


def trimmed(text: str) -> str:
    """Without white space at the ends, of every kind that files bring."""
    return text.strip(_EDGES).replace("\r\n", "\n").replace("\r", "\n")


def storable(text: str) -> str:
    """Without the characters that no database takes: zero, and halves of surrogate pairs."""
    return _UNSTORABLE.sub("", text)


_SHORTEST_PRIVATE = 10**14
"""Bank-card numbers have fifteen figures or more, identity-card numbers eighteen."""


def is_private(cell: Cell) -> bool:
    """Whether a cell holds a number that must not be recorded, whatever its column is called."""
    if isinstance(cell, str):
        return private_number_in(cell) is not None
    is_long = isinstance(cell, int) and cell >= _SHORTEST_PRIVATE
    return is_long and private_number_in(str(cell)) is not None


def publishable(cells: tuple[Cell, ...]) -> tuple[Cell, ...]:
    """The cells without those that must not be recorded."""
    return tuple([None if is_private(cell) else cell for cell in cells])


def as_json(cell: Cell) -> Any:
    """A cell in a form that every database keeps."""
    if cell is None or isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float) and math.isfinite(cell):
        return cell
    return storable(str(cell))


def is_figure(cell: Cell) -> TypeGuard[int | float | str]:
    """Whether a cell can hold a figure: a number, or text short enough to be one."""
    if isinstance(cell, bool):
        return False
    return isinstance(cell, int | float) or (isinstance(cell, str) and len(cell) <= LONGEST_FIGURE)


def read_count(cell: Cell, habits: Habits = NO_HABITS) -> int:
    """A whole number, such as of employees: 2822, "1,200人", "约50". Raises Unreadable."""
    if not is_figure(cell):
        raise Unreadable("not_a_count", cell)
    if isinstance(cell, str):
        told = re.fullmatch(
            r"(?:约|大约)?(\d{1,3}(?:,\d{3})+|\d{1,9})(?:\.0+)?(?:人|名|个|employees|people)?(?:左右|\+)?",
            unicodedata.normalize("NFKC", cell).strip().lower().replace(" ", ""),
            re.ASCII,
        )
        if told is None:
            raise Unreadable("not_a_count", cell)
        return int(told[1].replace(",", ""))
    if not 0 <= cell < 10**9 or cell != int(cell):
        raise Unreadable("not_a_count", cell)
    return int(cell)
