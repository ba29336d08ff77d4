"""Exports: what somebody took out or has taken out by a worker, and where the file lies until it expires."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    select,
)
from sqlalchemy.orm import Mapped, mapped_column, relationship

from salesboard import audit, files, outbox
from salesboard.access import WRITERS, Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused

WORK = "export"
LASTS = timedelta(hours=24)
MOST_WAITING = 5


class Form(StrEnum):
    """How what goes out is written."""

    XLSX = "xlsx"
    CSV = "csv"
    CSV_GB18030 = "csv-gb18030"
    ZIP = "zip"

    @property
    def ending(self) -> str:
        return self.value.partition("-")[0]


class ExportState(StrEnum):
    """waiting → running → done → expired; what is taken at once is done with no file to keep."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    EXPIRED = "expired"
    FAILED = "failed"


UNDER_WAY = (ExportState.WAITING, ExportState.RUNNING)


class Failing(StrEnum):
    """Why there is no file."""

    GAVE_UP = "gave_up"
    NO_RIGHT = "no_right"


@dataclass(frozen=True)
class Asked:
    """What somebody wants: a list, sheet or everything, narrowed by the `query` of an address, or None for the whole;
    in which form, language and zone."""

    what: str
    form: Form
    query: str | None
    locale: str
    timezone: str
    file_name: str


@guarded
class Export(Base):
    """One export. Its number is its id.

    `query` is the address's that narrows a list, None for the whole; `owner_ids` are the people whose records the file
    holds, None for everybody's; `done` of `total` rows are written.
    """

    __tablename__ = "exports"
    __table_args__ = (
        CheckConstraint("state <> 'expired' OR file_key IS NULL", name="expired"),
        Index(None, "requested_by_id", "id"),
        Index(None, "state"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    what: Mapped[str] = mapped_column(String(60))
    form: Mapped[Form] = mapped_column(choice(Form, "form"))
    query: Mapped[str | None] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(10))
    timezone: Mapped[str] = mapped_column(String(64))
    state: Mapped[ExportState] = mapped_column(choice(ExportState, "state"), default=ExportState.WAITING)
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    size: Mapped[int | None] = mapped_column(BigInteger)
    file_name: Mapped[str] = mapped_column(String(120))
    file_key: Mapped[str | None] = mapped_column(String(64))
    owner_ids: Mapped[list[int] | None] = mapped_column(JSON(none_as_null=True))
    failing: Mapped[Failing | None] = mapped_column(choice(Failing, "failing"))
    requested_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    requested_at: Mapped[datetime] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    expires_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    requested_by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """One's own; the admin sees everybody's."""
        return cls.requested_by_id == viewer.person_id

    @classmethod
    def ask(
        cls,
        wish: Asked,
        *,
        total: int,
        by: User,
        now: datetime,
    ) -> Export:
        """Has a worker make it; what is being made for the same person already is given back instead.

        Raises Refused when too much is being made for them.
        """
        under_way = cls.requested_by_id == by.id, cls.state.in_(UNDER_WAY)
        waiting = db.session.scalars(select(cls).where(*under_way).order_by(cls.id)).all()
        same = (each for each in waiting if each.asked == wish)
        if found := next(same, None):
            return found
        if len(waiting) >= MOST_WAITING:
            raise Refused(_("Five exports are being made for you. Wait until one is done."))
        begun = cls._begin(wish, total, by, now)
        outbox.promise(WORK, begun.id, now=now)
        return begun

    @classmethod
    def take_at_once(cls, wish: Asked, *, rows: int, by: User | None, now: datetime) -> Export:
        """Notes what was handed over in the same moment, `by` None on the command line."""
        taken = cls._begin(wish, rows, by, now)
        taken.state, taken.done, taken.finished_at = ExportState.DONE, rows, now
        taken._record("export.taken", by, now)
        return taken

    @property
    def label(self) -> str:
        """How the audit log names this export."""
        return f"export {self.id}"

    @property
    def asked(self) -> Asked:
        return Asked(**{each.name: getattr(self, each.name) for each in fields(Asked)})

    @property
    def is_under_way(self) -> bool:
        return self.state in UNDER_WAY

    def lies_ready(self, now: datetime) -> bool:
        """Whether there is a file to fetch."""
        return self.state is ExportState.DONE and self.expires_at is not None and now < self.expires_at

    def may_go_to(self, viewer: Viewer) -> bool:
        """Whether the file holds nothing but what the viewer looks after today."""
        if viewer.owner_ids is None:
            return True
        return self.owner_ids is not None and viewer.owner_ids.issuperset(self.owner_ids)

    @property
    def has_right(self) -> bool:
        """Whether whoever asked may still take records out."""
        person = self.requested_by
        return person is not None and person.is_active and person.role in WRITERS

    def begin(self, viewer: Viewer) -> str:
        """Notes through whose eyes it is made; the key under which the file will lie, the same at every try."""
        self.state, self.done = ExportState.RUNNING, 0
        self.owner_ids = None if viewer.owner_ids is None else sorted(viewer.owner_ids)
        self.file_key = self.file_key or files.new_key()
        return self.file_key

    def advance(self, done: int) -> None:
        self.done, self.total = done, max(done, self.total)

    def finish(self, *, rows: int, size: int, now: datetime) -> None:
        """The file lies ready for a day."""
        self.state, self.size = ExportState.DONE, size
        self.done = self.total = rows
        self.finished_at, self.expires_at = now, now + LASTS
        self._record("export.made", self.requested_by, now)

    def fail(self, why: Failing, now: datetime) -> None:
        self.state, self.failing, self.finished_at = ExportState.FAILED, why, now
        self._record("export.failed", self.requested_by, now)

    def fetch(self, *, by: User, now: datetime) -> None:
        """Notes who got the file."""
        self._record("export.fetched", by, now)

    def let_go(self) -> None:
        """The file is gone; that it was made stays known."""
        self.file_key = None
        if self.state is ExportState.DONE:
            self.state = ExportState.EXPIRED

    @classmethod
    def _begin(cls, wish: Asked, total: int, by: User | None, now: datetime) -> Export:
        begun = cls(**asdict(wish), total=total, requested_by_id=by.id if by else None, requested_at=now)
        db.session.add(begun)
        db.session.flush()
        return begun

    def _record(self, verb: str, by: User | None, now: datetime) -> None:
        told = {"what": self.what, "form": self.form.value, "query": self.query, "rows": self.done}
        audit.record(verb, self.label, actor_id=by.id if by else None, at=now, **told)
