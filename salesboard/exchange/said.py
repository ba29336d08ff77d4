"""What an import was told, as it is kept with it (`Import.options`): by the command's options or on the page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from salesboard.exchange.options import Options, Remembered, read_options

PAGE = {"is_on_page": True}
"""The options of a file that somebody drops on the page: a person will look at what is made of it."""


@dataclass(frozen=True)
class Said:
    """`people` and `rows` are what was said of single names and rows, `words` of single words."""

    is_on_page: bool = False
    encoding: str | None = None
    separator: str | None = None
    kind: str = "auto"
    sheet: str | None = None
    columns: list[str] = field(default_factory=list)
    values: list[str] = field(default_factory=list)
    defaults: list[str] = field(default_factory=list)
    sheets: Mapping[str, Any] = field(default_factory=dict)
    words: list[dict[str, str]] = field(default_factory=list)
    people: Mapping[str, int | None] = field(default_factory=dict)
    rows: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    remembers: bool = True

    def options(self, shapes: Mapping[str, Remembered] | None = None) -> Options:
        """Raises FileRefused for one of the wrong form. The command knows no matchings but the ones it is given."""
        said = [f"{word['field']}:{word['said']}={word['ours']}" for word in self.words]
        return read_options(
            kind=self.kind,
            sheet=self.sheet,
            columns=self.columns,
            values=[*self.values, *said],
            defaults=self.defaults,
            sheets=self.sheets,
            shapes=shapes if self.is_on_page else {},
        )


def asked_of(options: Mapping[str, Any]) -> Said:
    """Raises TypeError for an option that there is not."""
    return Said(**options)
