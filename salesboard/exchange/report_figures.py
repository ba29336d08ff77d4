"""The figures of a report as a table: a line for each metric, whole and for each value of each cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from flask_babel import gettext as _

from salesboard.exchange.export_tables import Line, OutColumn, OutTable, Type, Value
from salesboard.exchange.report_paper import Paper
from salesboard.insight.facts import Cut
from salesboard.insight.wording import CUT_NAMES, METRIC_NAMES, cut_label


def figures_table(paper: Paper) -> OutTable:
    """Values are plain numbers: shares between 0 and 1, amounts in the currency, days. A value that has parts, such as
    a conversion by stage, has a line for each of them."""
    number = Type.NUMBER
    columns = (
        OutColumn(_("Code")),
        OutColumn(_("Figure")),
        OutColumn(_("Part")),
        OutColumn(_("Cut by")),
        OutColumn(_("Code of the value")),
        OutColumn(_("Value of the cut")),
        OutColumn(_("This period"), number),
        OutColumn(paper.names.before, number),
        OutColumn(paper.names.wider or _("Compared with"), number),
        OutColumn(_("Numerator"), number),
        OutColumn(_("Denominator"), number),
        OutColumn(_("Rows"), number),
        OutColumn(_("Likely at least"), number),
        OutColumn(_("Likely at most"), number),
    )
    return OutTable(_("Figures"), columns, _lines(paper.result))


def _lines(result: Mapping[str, Any]) -> Iterator[Line]:
    yield from _lines_of(("", None, ""), result["metrics"])
    for cut in Cut:
        for part in result["by"].get(cut.value, ()):
            label = cut_label(cut, part["key"], {part["key"]: part["label"]})
            yield from _lines_of((str(CUT_NAMES[cut]), part["key"], label), part["metrics"])


def _lines_of(whose: Line, metrics: Mapping[str, Any]) -> Iterator[Line]:
    for code, figure in metrics.items():
        name = str(METRIC_NAMES.get(code, code))
        low, high = figure.get("interval") or (None, None)
        behind = [figure["numerator"], figure["denominator"], figure["n"], low, high]
        for part, value in _parts(figure["value"]):
            of_part = [value, _at(figure["previous"], part), _at(figure["team"], part), *behind]
            yield [code, name, ".".join(part), *whose, *map(_number, of_part)]


def _parts(value: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The single numbers of a value, each with where it stands; a value that is one number stands nowhere."""
    if not isinstance(value, dict):
        yield path, value
        return
    for key, part in value.items():
        yield from _parts(part, (*path, key))


def _at(value: Any, path: tuple[str, ...]) -> Any:
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return None if isinstance(value, dict) else value


def _number(value: Any) -> Value:
    return value if value is None or isinstance(value, int) else Decimal(str(value))
