"""What an import made or changed, and from which row: the way back, and the way on after it was broken off."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ForeignKey, Index, String, insert, select
from sqlalchemy.orm import Mapped, mapped_column

from salesboard.database import Base, db
from salesboard.exchange.bundles import Place
from salesboard.sealed import SealedJson


class ImportTrace(Base):
    """A record that an import made or changed, and the row that says so.

    `before` is what was there before, None for a record that the import made; `version` the one it left it in.
    """

    __tablename__ = "import_traces"
    __table_args__ = (Index(None, "import_id", "kind"), Index(None, "kind", "record_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)
    sheet: Mapped[str | None] = mapped_column(String(120))
    row: Mapped[int | None]
    before: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("import_traces.before"))


@dataclass(frozen=True)
class Trace:
    """A trace to be written; `place` is None for what no row names, such as an account."""

    kind: str
    record_id: int
    version: int = 0
    place: Place | None = None
    before: dict[str, Any] | None = None


def leave_traces(import_id: int, traces: Iterable[Trace]) -> None:
    """Writes them in the transaction under way."""
    rows = [
        {
            "import_id": import_id,
            "kind": trace.kind,
            "record_id": trace.record_id,
            "version": trace.version,
            "sheet": trace.place.sheet[:120] if trace.place else None,
            "row": trace.place.row if trace.place else None,
            "before": trace.before,
        }
        for trace in traces
    ]
    if rows:
        db.session.execute(insert(ImportTrace), rows)


@dataclass(frozen=True)
class Brought:
    """What an import that was broken off has brought in or changed already, by kind and row."""

    records: dict[tuple[str, str, int], int] = field(default_factory=dict)

    @classmethod
    def by(cls, import_id: int) -> Brought:
        columns = (ImportTrace.kind, ImportTrace.sheet, ImportTrace.row, ImportTrace.record_id)
        traces = select(*columns).where(ImportTrace.import_id == import_id, ImportTrace.row.is_not(None))
        return cls(
            {(trace.kind, trace.sheet, trace.row): trace.record_id for trace in db.session.execute(traces)}
        )

    def id_of(self, kind: str, place: Place) -> int | None:
        """The record that came of this row, if it is in already."""
        return self.records.get((kind, place.sheet[:120], place.row))
