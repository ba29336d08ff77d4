"""The grid of targets as a form: a row for each team or person, a cell for each period; filled by hand or pasted."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DecimalField, Field, FieldList
from wtforms.validators import InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import HiddenInput, TextInput

from salesboard.fields import Line, PageForm, Words, all_valid, at_most, read_amount
from salesboard.insight.attainment import TargetMetric, pasted_rows, target_of
from salesboard.insight.periods import Period
from salesboard.insight.scopes import Scope
from salesboard.insight.targets import Change, scope_key

LONGEST_PASTE = 20_000
LARGEST_COUNT = 1_000_000
_GAP = "|"
"""Between what the cells of a row said when they were opened."""


def plain(value: Decimal | None, metric: TargetMetric) -> str:
    """A target as it stands in its cell: 486000, 12, and 95 for 95 %."""
    if value is None:
        return ""
    return f"{(value * 100 if metric.is_rate else value).normalize():f}"


def read_value(text: str, metric: TargetMetric) -> Decimal:
    """The target that somebody wrote; raises ValidationError for what is none."""
    if metric.is_money:
        return read_amount(text)
    written = text.strip().replace(",", "").replace("，", "").replace("％", "%")
    try:
        number = Decimal(written.removesuffix("%").strip() if metric.is_rate else written)
    except InvalidOperation:
        number = Decimal("NaN")
    if metric.is_rate:
        if not number.is_finite() or not 0 <= number <= 100:
            raise ValidationError(_("Write a share from 0 to 100 percent."))
        return (number / 100).quantize(Decimal("0.0001"))
    if not number.is_finite() or number != number.to_integral_value() or not 0 <= number <= LARGEST_COUNT:
        raise ValidationError(_("Write a whole number."))
    return Decimal(int(number))


class Cell(Field):
    """A target of one period, in the metric's own unit; empty for none."""

    widget = TextInput()
    data: Decimal | None

    def __init__(self, label: object = None, *, metric: TargetMetric, **options: Any) -> None:
        self._metric = metric
        super().__init__(label, validators=[Optional()], **options)

    def _value(self) -> str:
        return str(self.raw_data[0]) if self.raw_data else plain(self.data, self._metric)

    def process_formdata(self, valuelist: list[str]) -> None:
        self.data = None
        if valuelist and valuelist[0].strip():
            self.data = read_value(valuelist[0], self._metric)


class _RowForm(PageForm):
    was = Line(
        widget=HiddenInput(),
        validators=[InputRequired(_l("Open this form again, it is incomplete.")), at_most(2_000)],
    )


@cache
def _row_form(metric: TargetMetric, count: int) -> type[_RowForm]:
    cells = {f"c{place}": Cell(metric=metric) for place in range(count)}
    return type("TargetRowForm", (_RowForm,), cells)


@dataclass
class Row:
    """One team or person of the grid; `derived` are what larger periods come to where nothing was set for them."""

    scope: Scope
    form: Any
    derived: list[Decimal | None]

    @property
    def cells(self) -> list[Any]:
        return [self.form[f"c{place}"] for place in range(len(self.derived))]

    @property
    def effective(self) -> list[Decimal | None]:
        """What counts for each period: what stands in the cell, else what its parts come to."""
        pairs = zip(self.cells, self.derived, strict=True)
        return [cell.data if cell.data is not None else derived for cell, derived in pairs]

    @property
    def errors(self) -> list[str]:
        found = [error for field in (self.form.was, *self.cells) for error in field.errors]
        return [str(error) for error in dict.fromkeys(found)]


class Grid:
    """The rows of some teams and people over the periods of a year, as they stand or as they were sent."""

    def __init__(
        self,
        metric: TargetMetric,
        scopes: Sequence[Scope],
        periods: Sequence[Period],
        known: Mapping[tuple[str, int], Mapping[str, Decimal]],
        sent: MultiDict[str, str] | None = None,
    ) -> None:
        self.metric, self.periods = metric, periods
        self.rows = [self._row(scope, known.get(scope_key(scope), {}), sent) for scope in scopes]

    def __iter__(self) -> Iterator[Row]:
        return iter(self.rows)

    def _row(self, scope: Scope, known: Mapping[str, Decimal], sent: MultiDict[str, str] | None) -> Row:
        set_ = [known.get(period.key) for period in self.periods]
        values = {f"c{place}": value for place, value in enumerate(set_)}
        values |= {"was": _GAP.join(plain(value, self.metric) for value in set_)}  # type: ignore[dict-item]
        form_of = _row_form(self.metric, len(self.periods))
        form = form_of(formdata=sent, prefix=prefix_of(scope), data=values)
        without = [
            {key: value for key, value in known.items() if key != period.key} for period in self.periods
        ]
        derived = [
            target_of(period, rest, self.metric) for period, rest in zip(self.periods, without, strict=True)
        ]
        return Row(scope, form, derived)

    def validate(self) -> bool:
        return all_valid(*(row.form for row in self.rows))

    def changes(self) -> list[Change]:
        """The cells that say something else than when they were opened, once the grid is valid.

        Raises ValidationError where what they said is not told for each.
        """
        return [change for row in self.rows for change in self._changes_of(row)]

    def _changes_of(self, row: Row) -> Iterator[Change]:
        told = (row.form.was.data or "").split(_GAP)
        if len(told) != len(self.periods):
            raise ValidationError(_("Open this form again, it is incomplete."))
        for period, cell, text in zip(self.periods, row.cells, told, strict=True):
            was = read_value(text, self.metric) if text else None
            if cell.data != was:
                yield Change(row.scope, period, was, cell.data)


class PasteForm(PageForm):
    """Rows copied from a spreadsheet: a name, then a cell for each period."""

    pasted = Words(_l("Rows from Excel"), validators=[at_most(LONGEST_PASTE)])


class SharesForm(PageForm):
    """How a year is spread over its months: a share of any size for each."""

    replace = BooleanField(_l("Replace months that are set already"))
    shares = FieldList(
        DecimalField(
            _l("Share of the year"),
            places=None,
            validators=[
                InputRequired(_l("Enter a share.")),
                NumberRange(0, 1_000_000, _l("A share is a number from 0 on.")),
            ],
        ),
        default=[Decimal(1)] * 12,
        min_entries=12,
        max_entries=12,
    )

    def validate(self, extra_validators: Any = None) -> bool:
        if not super().validate(extra_validators):
            return False
        if not any(self.shares.data):
            self.form_errors.append(_("At least one month takes a share."))
            return False
        return True


def prefix_of(scope: Scope) -> str:
    kind, number = scope_key(scope)
    return f"{kind}{number}-"


def filled_with(
    sent: MultiDict[str, str], pasted: str, scopes: Sequence[Scope], periods: Sequence[Period]
) -> tuple[MultiDict[str, str], int, list[list[str]]]:
    """What was sent with the pasted rows in their cells, how many cells that were, and the rows of nobody here.

    A first line of nobody is taken as the table's head.
    """
    by_name = {_folded(name): scope for scope in scopes for name in _names_of(scope)}
    filled, count = sent.copy(), 0
    unknown: list[list[str]] = []
    for place, (name, *cells) in enumerate(pasted_rows(pasted)):
        scope = by_name.get(_folded(name))
        if scope is None:
            if place:
                unknown.append([name, *cells])
            continue
        for column, text in enumerate(cells[: len(periods)]):
            if text:
                filled[f"{prefix_of(scope)}c{column}"] = text
                count += 1
    return filled, count, unknown


def _names_of(scope: Scope) -> list[str]:
    return [scope.name, scope.person.email] if scope.person else [scope.name]


def _folded(name: str) -> str:
    return "".join(name.split()).casefold()
