"""Reads that feed the pages of imports, each in a fixed number of SELECTs."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import joinedload, load_only

from salesboard.access import WRITERS, Viewer
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.exchange.models import Fate, Import, ImportRow, ImportState

IMPORTS_A_PAGE = 30
ROWS_A_PAGE = 50
IMPORTS_OFFERED = 10


def imports_page(page: int) -> tuple[Sequence[Import], bool]:
    """The imports that the viewer may see, the newest first, and whether there are more; pages count from 0."""
    newest = select(Import).options(joinedload(Import.requested_by)).order_by(Import.id.desc())
    listed = db.session.scalars(newest.offset(page * IMPORTS_A_PAGE).limit(IMPORTS_A_PAGE + 1)).all()
    return listed[:IMPORTS_A_PAGE], len(listed) > IMPORTS_A_PAGE


def imports_done() -> Sequence[Import]:
    """The last ones that came in, of those that the viewer may see."""
    newest = select(Import).options(load_only(Import.id, Import.file_name)).order_by(Import.id.desc())
    return db.session.scalars(newest.where(Import.state == ImportState.DONE).limit(IMPORTS_OFFERED)).all()


def import_shown(import_id: int) -> Import | None:
    """One import, if visible."""
    wanted = select(Import).where(Import.id == import_id).options(joinedload(Import.requested_by))
    return db.session.scalar(wanted)


def rows_by_fate(found: Import, sheet: str | None = None) -> dict[Fate, int]:
    """How many rows fare in each way; of one sheet each row counts once, by what it is about first of all."""
    counted = select(ImportRow.fate, func.count(ImportRow.id).label("rows")).where(
        ImportRow.import_id == found.id, *_first_lines(sheet)
    )
    counts = Counter({row.fate: row.rows for row in db.session.execute(counted.group_by(ImportRow.fate))})
    return {fate: counts[fate] for fate in Fate}


def rows_page(found: Import, fate: Fate | None, page: int, sheet: str | None = None) -> Sequence[ImportRow]:
    """Some rows of the trial run, in the order of the file; pages count from 0. Of one sheet each row comes once."""
    rows = (
        select(ImportRow).where(ImportRow.import_id == found.id, *_first_lines(sheet)).order_by(ImportRow.id)
    )
    if fate is not None:
        rows = rows.where(ImportRow.fate == fate)
    return db.session.scalars(rows.offset(page * ROWS_A_PAGE).limit(ROWS_A_PAGE)).all()


def made_besides(found: Import, rows: Sequence[ImportRow]) -> dict[int, list[ImportRow]]:
    """What else becomes of these rows of one sheet, by their numbers."""
    further: dict[int, list[ImportRow]] = defaultdict(list)
    wanted = select(ImportRow).where(
        ImportRow.import_id == found.id,
        ImportRow.sheet.in_({row.sheet for row in rows}),
        ImportRow.row.in_([row.row for row in rows]),
        ImportRow.id.not_in([row.id for row in rows]),
    )
    for line in db.session.scalars(wanted.order_by(ImportRow.id)):
        further[line.row].append(line)
    return further


def _first_lines(sheet: str | None) -> list[ColumnElement[bool]]:
    return [ImportRow.sheet == sheet, ImportRow.told.is_not(None)] if sheet is not None else []


def heirs_of(person: User, viewer: Viewer) -> list[User]:
    """Those to whom the person may give records: oneself first, then whom one looks after."""
    here = select(User).where(
        User.deactivated_at.is_(None), User.role.in_(WRITERS), viewer.sees_owner(User.id)
    )
    others = db.session.scalars(here.where(User.id != person.id).order_by(User.name, User.id)).all()
    return [person, *others]
