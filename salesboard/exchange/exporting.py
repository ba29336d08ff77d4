"""Making what is asked for: written under the eyes of whoever asked, at once or by a worker, and audited."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import IO

from flask_babel import force_locale
from sqlalchemy import select

from salesboard import clock, files
from salesboard.access import acting_as
from salesboard.database import db, writing
from salesboard.exchange.export_archive import write_archive
from salesboard.exchange.export_asked import EVERYTHING, tables_asked
from salesboard.exchange.export_csv import GB18030, UTF8, write_csv
from salesboard.exchange.export_models import Asked, Export, ExportState, Failing, Form
from salesboard.exchange.export_tables import Line, OutTable
from salesboard.exchange.export_xlsx import write_xlsx
from salesboard.exchange.workroom import sweep_workroom, workroom

AT_ONCE = 2_000
"""Rows that are written while somebody waits; more are a worker's."""
_ROWS_BETWEEN_SIGNS = 1_000
Transaction = Callable[[], AbstractContextManager[None]]


class Counted:
    """Counts the rows that go by, and tells now and then how many there were."""

    def __init__(self, tell: Callable[[int], None] = lambda rows: None) -> None:
        self.rows = 0
        self._tell = tell

    def table(self, table: OutTable) -> OutTable:
        """The same table, whose rows are counted when they are read."""
        return replace(table, rows=self._lines(table.rows))

    def pulse(self) -> None:
        """A sign of life in between."""
        self._tell(self.rows)

    def _lines(self, lines: Iterable[Line]) -> Iterator[Line]:
        for line in lines:
            yield line
            self.rows += 1
            if self.rows % _ROWS_BETWEEN_SIGNS == 0:
                self._tell(self.rows)


def write(
    wish: Asked, me: int, target: IO[bytes], folder: Path, tell: Callable[[int], None] = lambda rows: None
) -> int:
    """Writes what is asked for as the present viewer sees it; the number of its rows. `folder` is for what the writing
    needs on the way."""
    counted = Counted(tell)
    with force_locale(wish.locale):
        if wish.what == EVERYTHING:
            write_archive(target, counted)
            return counted.rows
        tables = [counted.table(table) for table in tables_asked(wish, me)]
        if wish.form is Form.XLSX:
            write_xlsx(tables, target, folder)
        else:
            write_csv(tables[0], target, GB18030 if wish.form is Form.CSV_GB18030 else UTF8)
    return counted.rows


def make(export: Export, *, transaction: Transaction = writing, last: Transaction = writing) -> None:
    """Makes the file through the eyes of whoever asked, as they are today, and keeps it for a day.

    Begun anew after it was broken off. `transaction` wraps each sign of progress, `last` the end.
    """
    if not export.has_right or export.requested_by is None:
        with last():
            export.fail(Failing.NO_RIGHT, clock.now())
        return
    viewer, me = export.requested_by.viewer(), export.requested_by.id
    wish = export.asked
    with transaction():
        key = export.begin(viewer)

    def tell(rows: int) -> None:
        with transaction():
            export.advance(rows)

    with workroom() as folder, (folder / "made").open("w+b") as made:
        with acting_as(viewer):
            rows = write(wish, me, made, folder, tell)
        size = made.seek(0, 2)
        made.seek(0)
        files.keep(made, key)
    with last():
        export.finish(rows=rows, size=size, now=clock.now())


def clear_out() -> None:
    """Removes the files whose day is over, and what broken-off work left. Done twice it changes nothing."""
    now = clock.now()
    over = (Export.state == ExportState.DONE) & (Export.expires_at <= now)
    in_vain = (Export.state == ExportState.FAILED) & Export.file_key.is_not(None)
    for export_id, key in db.session.execute(select(Export.id, Export.file_key).where(over | in_vain)).all():
        if key is not None:
            files.remove(key)
        with writing():
            db.session.get_one(Export, export_id).let_go()
    sweep_workroom(now)
