"""What every reader of a cell shares: the column's habits, plain words, clean text, and when a cell says nothing."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Unreadable


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

_NOTHING = frozenset("- -- --- — —— / \\ 无 暂无 無 n/a na #n/a null none 待定 未定 待补充 tbd ?".split())
_EDGES = " \t\r\n\f\v\u00a0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u2060\u3000\ufeff"
_EDGE = re.compile(f"^[{_EDGES}]+|[{_EDGES}]+$")
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")
_SOUNDLESS = re.compile(r"[\W_]+")
_BRACKETED = re.compile(r"\([^()]*\)|\[[^\[\]]*\]|【[^【】]*】")
_TRADITIONAL = str.maketrans(
    "線談簽約潛價報務後產戶號稱業繫聯絡電話機種類級數員額營範圍區來觸應責創註備驗證職郵規劃進隨記錄訪內"
    "詳饋達識資決據預階計時間際說標單項當輸贏敗競爭對議動續張總結經銷獲與參會議視訊禮節關閉歷勢實務際訂"
    "開國華無",
    "线谈签约潜价报务后产户号称业系联络电话机种类级数员额营范围区来触应责创注备验证职邮规划进随记录访内"
    "详馈达识资决据预阶计时间际说标单项当输赢败竞争对议动续张总结经销获与参会议视讯礼节关闭历势实务际订"
    "开国华无",
)


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
    return _EDGE.sub("", text).replace("\r\n", "\n").replace("\r", "\n")


def storable(text: str) -> str:
    """Without the characters that no database takes: zero, and halves of surrogate pairs."""
    return _UNSTORABLE.sub("", text)


def read_count(cell: Cell, habits: Habits = NO_HABITS) -> int:
    """A whole number, such as of employees: 2822, "1,200人", "约50". Raises Unreadable."""
    if isinstance(cell, bool) or not isinstance(cell, int | float | str):
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
    if cell != int(cell) or not 0 <= cell < 10**9:
        raise Unreadable("not_a_count", cell)
    return int(cell)
