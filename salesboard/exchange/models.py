"""Imports: a file, what will happen to each of its rows, what became of them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, ColumnElement, ForeignKey, Index, String, select, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit, outbox
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused
from salesboard.exchange.reasons import Reason
from salesboard.sealed import SealedJson

PLAN_WORK, APPLY_WORK, UNDO_WORK = "import_plan", "import_apply", "import_undo"


class ImportState(StrEnum):
    """planning → planned → running → done → undoing → undone; what fails on the way is taken back whole."""

    PLANNING = "planning"
    PLANNED = "planned"
    RUNNING = "running"
    DONE = "done"
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"


UNDER_WAY = frozenset({ImportState.PLANNING, ImportState.RUNNING, ImportState.UNDOING})
OVER = frozenset({ImportState.DONE, ImportState.UNDONE, ImportState.FAILED})
"""The states in which the file itself is no longer needed."""


class OnDuplicate(StrEnum):
    """What becomes of a row about a record that is there already."""

    SKIP = "skip"
    FILL = "fill"
    """Only what the record leaves empty is taken from the row."""
    UPDATE = "update"
    CREATE = "create"


class Owners(StrEnum):
    """What becomes of a name that nobody here has."""

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
    """One file brought in. Its number is its id.

    `sheets` say how the file was understood, `words` and `people` what its words and names were taken to mean,
    `strangers` whom it names that nobody here knows, `digest` which plan was shown; `done` of `total` records are in.
    `error` is a packed reason, also while what it stopped is being taken back.
    """

    __tablename__ = "imports"
    __table_args__ = (Index(None, "requested_by_id"), Index(None, "state"))

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(String(255))
    file_key: Mapped[str] = mapped_column(String(64))
    state: Mapped[ImportState] = mapped_column(choice(ImportState, "state"), default=ImportState.PLANNING)
    options: Mapped[dict[str, Any]] = mapped_column(SealedJson("imports.options"))
    on_duplicate: Mapped[OnDuplicate] = mapped_column(choice(OnDuplicate, "on_duplicate"))
    owners: Mapped[Owners] = mapped_column(choice(Owners, "owners"))
    fallback_owner_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    sheets: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("imports.sheets"), default=list)
    counts: Mapped[dict[str, dict[str, int]]] = mapped_column(JSON, default=dict)
    warnings: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("imports.warnings"), default=list)
    strangers: Mapped[list[str]] = mapped_column(SealedJson("imports.strangers"), default=list)
    words: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("imports.words"), default=list)
    people: Mapped[list[dict[str, Any]]] = mapped_column(SealedJson("imports.people"), default=list)
    digest: Mapped[str | None] = mapped_column(String(64))
    has_changed: Mapped[bool] = mapped_column(default=False)
    kept: Mapped[list[dict[str, str]]] = mapped_column(JSON, default=list)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    error: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("imports.error"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_by: Mapped[User | None] = relationship(foreign_keys=requested_by_id)
    fallback_owner: Mapped[User | None] = relationship(foreign_keys=fallback_owner_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own and one's teams' imports; those of the command line are the admin's."""
        return true() if viewer.sees_everything else viewer.sees_owner(cls.requested_by_id)

    @classmethod
    def begin(
        cls,
        file_name: str,
        file_key: str,
        *,
        options: dict[str, Any],
        on_duplicate: OnDuplicate,
        owners: Owners,
        fallback_owner: User | None = None,
        by: User | None,
        now: datetime,
    ) -> Import:
        """A new import of the file that lies under `file_key`, to be tried out first."""
        begun = cls(
            file_name=file_name,
            file_key=file_key,
            state=ImportState.PLANNING,
            options=options,
            on_duplicate=on_duplicate,
            owners=owners,
            fallback_owner=fallback_owner,
            requested_by_id=by.id if by else None,
            requested_at=now,
        )
        db.session.add(begun)
        db.session.flush()
        begun._record("import.begun", by, now, file=file_name)
        return begun

    @classmethod
    def locked(cls, import_id: int) -> Import | None:
        """The import, if visible, held against other writers until the transaction ends."""
        return db.session.scalar(select(cls).where(cls.id == import_id).with_for_update(of=cls))

    @property
    def label(self) -> str:
        """How the audit log names this import."""
        return f"import {self.id}"

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY and not self.is_stalled

    @property
    def is_stalled(self) -> bool:
        """It could not be taken back, and nobody is trying any more."""
        return self.state is ImportState.UNDOING and self.finished_at is not None

    @property
    def reason(self) -> Reason | None:
        """Why it failed."""
        return Reason.unpacked(self.error) if self.error else None

    def ask_for_plan(self, now: datetime) -> None:
        """Lets a worker find out what will happen to each row. Nothing is brought in yet."""
        if self.state not in (ImportState.PLANNING, ImportState.PLANNED):
            raise Refused(_("This import is past its trial run."))
        self.state, self.done, self.total, self.has_changed = ImportState.PLANNING, 0, 0, False
        outbox.promise(PLAN_WORK, self.id, now=now)

    def try_otherwise(
        self,
        *,
        options: dict[str, Any],
        on_duplicate: OnDuplicate,
        owners: Owners,
        fallback_owner: User | None,
        by: User,
        now: datetime,
    ) -> None:
        """Another trial run of the same file. Raises Refused once it is confirmed."""
        if self.state is not ImportState.PLANNED:
            raise Refused(_("This import is past its trial run."))
        self.options, self.on_duplicate, self.owners = options, on_duplicate, owners
        self.fallback_owner = fallback_owner
        self._record("import.tried_otherwise", by, now)
        self.ask_for_plan(now)

    def planned(
        self,
        *,
        sheets: list[dict[str, Any]],
        counts: dict[str, dict[str, int]],
        warnings: list[Reason],
        strangers: list[str],
        words: list[dict[str, Any]],
        people: list[dict[str, Any]],
        digest: str,
        total: int,
        has_changed: bool,
    ) -> None:
        """The trial run is over; `has_changed` when it has to be shown again because records changed since."""
        self.state, self.sheets, self.counts, self.digest = ImportState.PLANNED, sheets, counts, digest
        self.warnings = [warning.packed() for warning in warnings]
        self.strangers, self.words, self.people = strangers, words, people
        self.done, self.total, self.has_changed = 0, total, has_changed

    def confirm(self, *, by: User | None, now: datetime, later: bool = True) -> None:
        """Has the rows brought in, `later` by a worker, else by the caller. Done twice it changes nothing.

        Raises Refused before the trial run.
        """
        if self.state in (ImportState.RUNNING, ImportState.DONE):
            return
        if self.state is not ImportState.PLANNED:
            raise Refused(_("This import has to be tried first."))
        self.state, self.done, self.has_changed = ImportState.RUNNING, 0, False
        self._record("import.confirmed", by, now, file=self.file_name)
        if later:
            outbox.promise(APPLY_WORK, self.id, now=now)

    def finish(self, now: datetime) -> None:
        self.state, self.done, self.finished_at = ImportState.DONE, self.total, now
        self._record("import.done", self.requested_by, now, counts=self.counts)

    def refuse(self, reason: Reason, now: datetime) -> None:
        """The file is not taken at all; nothing of it had come in."""
        self.error = reason.packed()
        self._fail(now)

    def take_back(self, reason: Reason, *, by: User | None, now: datetime, later: bool = True) -> None:
        """Ends an import under way; what had come in is taken back, `later` by a worker, else by the caller."""
        self.error = reason.packed()
        self._record("import.stopped", by, now, code=reason.code)
        self._begin_undo(now, later)

    def ask_for_undo(self, *, by: User | None, now: datetime, later: bool = True) -> None:
        """Has the whole import taken back, also one under way, `later` by a worker, else by the caller.

        Done twice it changes nothing. Raises Refused where there is nothing to take back.
        """
        if self.state is ImportState.UNDONE or (self.state is ImportState.UNDOING and not self.is_stalled):
            return
        if self.state is ImportState.RUNNING:
            self.take_back(Reason("stopped"), by=by, now=now, later=later)
            return
        if self.state is not ImportState.DONE and not self.is_stalled:
            raise Refused(_("Nothing has come in that could be taken back."))
        self._record("import.undo_asked", by, now)
        self._begin_undo(now, later)

    def undone(self, kept: list[dict[str, str]], now: datetime) -> None:
        """`kept` are the records that stay because somebody worked on them since."""
        self.kept = kept
        if self.error is not None:
            self._fail(now)
            return
        self.state, self.finished_at = ImportState.UNDONE, now
        self._record("import.undone", self.requested_by, now, kept=[each["number"] for each in kept])

    def give_up(self, now: datetime) -> None:
        """No worker will try any more: nothing stays half done, and who waits is told."""
        if self.state is ImportState.PLANNING:
            self.refuse(Reason("gave_up"), now)
        elif self.state is ImportState.RUNNING:
            self.take_back(Reason("gave_up"), by=None, now=now)
        elif self.state is ImportState.UNDOING:
            self.finished_at = now

    def expire(self, days: int, now: datetime) -> None:
        """Nobody has confirmed it for so long that the file goes."""
        if self.state is ImportState.PLANNED:
            self.refuse(Reason("waited_too_long", {"days": days}), now)

    def _begin_undo(self, now: datetime, later: bool) -> None:
        self.state, self.finished_at = ImportState.UNDOING, None
        if later:
            outbox.promise(UNDO_WORK, self.id, now=now)

    def _fail(self, now: datetime) -> None:
        self.state, self.finished_at = ImportState.FAILED, now
        self._record("import.failed", self.requested_by, now, code=(self.error or {}).get("code"))

    def _record(self, verb: str, by: User | None, now: datetime, **details: Any) -> None:
        audit.record(verb, self.label, actor_id=by.id if by else None, at=now, **details)


class ImportRow(Base):
    """What the trial run says of one row as far as it is about `kind`; `cells` are kept of rejected ones, to be handed
    back.

    `told` stands in the first of the lines about a row of the file: its values by our fields, and what they lost.
    """

    __tablename__ = "import_rows"
    __table_args__ = (Index(None, "import_id", "fate", "id"), Index(None, "import_id", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(ForeignKey("imports.id", ondelete="CASCADE"))
    sheet: Mapped[str] = mapped_column(String(120))
    row: Mapped[int]
    kind: Mapped[str] = mapped_column(String(20))
    fate: Mapped[Fate] = mapped_column(choice(Fate, "fate"))
    label: Mapped[str] = mapped_column(String(400))
    why: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("import_rows.why"))
    cells: Mapped[list[Any] | None] = mapped_column(SealedJson("import_rows.cells"))
    told: Mapped[dict[str, Any] | None] = mapped_column(SealedJson("import_rows.told"))

    @property
    def reason(self) -> str:
        """In the reader's language; empty where the fate needs no explaining."""
        return Reason.unpacked(self.why).text if self.why else ""
