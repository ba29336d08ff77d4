"""A table as CSV: UTF-8 with its mark, or GB18030 for programs that know nothing else; no cell is ever a formula."""

from __future__ import annotations

import codecs
import csv
from datetime import datetime
from decimal import Decimal
from io import TextIOWrapper
from typing import IO

from salesboard.exchange.escaping import escaped
from salesboard.exchange.export_tables import Line, OutTable, Type, Value

UTF8, GB18030 = "utf-8-sig", "gb18030"
_VISIBLE = "salesboard.visible"


def _show_gap(error: UnicodeError) -> tuple[str | bytes, int]:
    """What an encoding lacks is replaced by a sign that is seen, one for each."""
    assert isinstance(error, UnicodeEncodeError)
    return "□" * (error.end - error.start), error.end


codecs.register_error(_VISIBLE, _show_gap)


def write_csv(table: OutTable, target: IO[bytes], encoding: str = UTF8) -> None:
    """Writes the table; `target` stays open. What Excel would run as a formula is escaped (see `escaping`)."""
    text = TextIOWrapper(target, encoding=encoding, errors=_VISIBLE, newline="", write_through=False)
    writer = csv.writer(text)
    if table.title:
        writer.writerow([escaped(table.title)])
    writer.writerow([escaped(head) for head in table.heads])
    kinds = [column.type for column in table.columns]
    writer.writerows(_written(line, kinds) for line in table.rows)
    if table.foot is not None:
        writer.writerow(_written(table.foot(), kinds))
    text.detach()


def _written(line: Line, kinds: list[Type]) -> list[str]:
    return [_cell(value, kind) for value, kind in zip(line, kinds, strict=True)]


def _cell(value: Value, kind: Type) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, datetime):
        return f"{value:%Y-%m-%d %H:%M}"
    if isinstance(value, Decimal):
        return f"{value:f}" if kind is Type.NUMBER else f"{value:.2f}"
    return f"{value}%" if kind is Type.SHARE else str(value)
