"""What happens to each row of a file, and why."""

from __future__ import annotations

from dataclasses import dataclass

from salesboard.exchange.bundles import Place
from salesboard.exchange.fields import Kind
from salesboard.exchange.models import Fate
from salesboard.exchange.reading import Cell
from salesboard.exchange.reasons import Reason
from salesboard.exchange.values import publishable


@dataclass(frozen=True, slots=True)
class Verdict:
    """What happens to one row as far as it is about `kind`, and why where that is not plain.

    `cells` are those of a rejected row, to be handed back.
    """

    sheet: str
    row: int
    kind: Kind
    fate: Fate
    label: str
    reason: Reason | None = None
    cells: tuple[Cell, ...] | None = None


class Verdicts(list[Verdict]):
    """In the order in which they were passed."""

    def create(self, place: Place, kind: Kind, label: str, why: Reason | None = None) -> None:
        self.append(Verdict(place.sheet, place.row, kind, Fate.CREATE, label, why))

    def update(self, place: Place, kind: Kind, label: str, why: Reason) -> None:
        self.append(Verdict(place.sheet, place.row, kind, Fate.UPDATE, label, why))

    def skip(self, place: Place, kind: Kind, label: str, why: Reason) -> None:
        self.append(Verdict(place.sheet, place.row, kind, Fate.SKIP, label, why))

    def reject(self, place: Place, kind: Kind, label: str, why: Reason) -> None:
        cells = publishable(place.cells)
        self.append(Verdict(place.sheet, place.row, kind, Fate.REJECT, label, why, cells))
