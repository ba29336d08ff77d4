"""Imports: a file, what will happen to each of its rows, what became of them, and the way back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, Text, insert, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit, outbox
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused


class ImportState(StrEnum):
    """planning → planned → running → done; a running one that fails is taken back whole."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    UNDOING = "undoing"
    UNDONE = "undone"


class OnDuplicate(StrEnum):
    """What becomes of a row about a record that is there already."""

    SKIP = "skip"
    UPDATE = "update"
    CREATE = "create"


class Owners(StrEnum):
    """What becomes of an owner's name that nobody here has."""

    MATCH = "match"
    CREATE = "create"


class Fate(StrEnum):
    """What happens to a row."""

    CREATE = "create"
    UPDATE = "update"
    SKIP = "skip"
    REJECT = "reject"


@guarded
class Import(Base):
    """One file brought in. Its number is its id."""

    __tablename__ = "imports"
    __table_args__ = (Index(None, "requested_by_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    file_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "state"), default=ImportState.PLANNING)
    options: Mapped[dict[str, Any]] = mapped_column(JSON)
    on_duplicate: Mapped[OnDuplicate] = mapped_column(choice(OnDuplicate, "on_duplicate"))
    owners: Mapped[Owners] = mapped_column(choice(Owners, "owners"))
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[str]] = mapped_column(JSON, default=list)
    kept: Mapped[list[str]] = mapped_column(JSON, default=list)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[str | None] = mapped_column(Text)
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own and one's teams' imports; those of the command line are the admin's."""
        return true() if viewer.sees_everything else viewer.sees_owner(cls.requested_by_id)

    @property
    def label(self) -> str:
        """How the audit log names this import."""
        return f"import {self.id}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (ImportState.PLANNING, ImportState.RUNNING, ImportState.UNDOING)

    def ask_for_plan(self, now: datetime) -> None:
        """Lets a worker find out what will happen to each row. Nothing is brought in yet."""
        self.state, self.done, self.total, self.error = ImportState.PLANNING, 0, 0, None
        outbox.promise("import_plan", self.id, now=now)

    def planned(self, counts: dict[str, dict[str, int]], warnings: list[str], total: int) -> None:
        self.state, self.counts, self.warnings, self.total = ImportState.PLANNED, counts, warnings, total

    def confirm(self, *, by: User | None, now: datetime, later: bool = True) -> None:
        """Has the rows brought in, `later` by a worker, else by the caller. Done twice it changes nothing.

        Raises Refused before the trial run.
        """
        if self.state in (ImportState.RUNNING, ImportState.DONE):
            return
        if self.state is not ImportState.PLANNED:
            raise Refused(_("This import has to be tried first."))
        self.state, self.done = ImportState.RUNNING, 0
        audit.record(
            "import.confirmed", self.label, actor_id=by.id if by else None, at=now, file=self.file_name
        )
        if later:
            outbox.promise("import_apply", self.id, now=now)

    def finish(self, now: datetime) -> None:
        self.state, self.finished_at = ImportState.DONE, now
        audit.record("import.done", self.label, actor_id=self.requested_by_id, at=now, counts=self.counts)

    def fail(self, error: str, now: datetime) -> None:
        """Says why it went wrong; whatever had come in has been taken back."""
        self.state, self.error, self.finished_at = ImportState.FAILED, error, now
        audit.record("import.failed", self.label, actor_id=self.requested_by_id, at=now)

    def ask_for_undo(self, *, by: User | None, now: datetime, later: bool = True) -> None:
        """Has the whole import taken back, `later` by a worker, else by the caller. Done twice it changes nothing."""
        if self.state in (ImportState.UNDOING, ImportState.UNDONE):
            return
        if self.state is not ImportState.DONE:
            raise Refused(_("Only a finished import can be undone."))
        self.state = ImportState.UNDOING
        audit.record("import.undo_asked", self.label, actor_id=by.id if by else None, at=now)
        if later:
            outbox.promise("import_undo", self.id, now=now)

    def undone(self, kept: list[str], now: datetime) -> None:
        """`kept` names the records that stay because somebody worked on them since."""
        self.state, self.kept, self.finished_at = ImportState.UNDONE, kept, now
        audit.record("import.undone", self.label, actor_id=self.requested_by_id, at=now, kept=kept)


class ImportRow(Base):
    """What the trial run says of one row; `cells` are kept of rejected ones, to be handed back."""

    __tablename__ = "import_rows"
    __table_args__ = (Index(None, "import_id", "fate", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(String(120))
    row: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    fate: Mapped[Fate] = mapped_column(choice(Fate, "fate"))
    label: Mapped[str] = mapped_column(String(400))
    reason: Mapped[str] = mapped_column(Text, default="")
    cells: Mapped[list[Any] | None] = mapped_column(JSON)


class ImportTrace(Base):
    """A record that an import made or changed: the way back."""

    __tablename__ = "import_traces"
    __table_args__ = (Index(None, "import_id", "kind"), Index(None, "kind", "record_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    kind: Mapped[str] = mapped_column(String(20))
    record_id: Mapped[int]
    version: Mapped[int] = mapped_column(default=0)
    before: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    """What was there before; None for a record that the import made."""


def trace_made(import_id: int, kind: str, records: dict[int, int]) -> None:
    """Notes records that the import made, with the version they had, in the transaction under way."""
    _trace(import_id, kind, [{"record_id": key, "version": version} for key, version in records.items()])


def trace_changed(import_id: int, kind: str, record_id: int, version: int, before: dict[str, Any]) -> None:
    """Notes a record that the import changed: the version it has now, and what was there before."""
    _trace(import_id, kind, [{"record_id": record_id, "version": version, "before": before}])


def _trace(import_id: int, kind: str, rows: list[dict[str, Any]]) -> None:
    if rows:
        same = {"import_id": import_id, "kind": kind, "before": None}
        db.session.execute(insert(ImportTrace), [{**same, **row} for row in rows])
