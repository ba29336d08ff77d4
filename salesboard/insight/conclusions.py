"""What people conclude from a report: what worked, what did not, why; and what those say whom it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, ColumnElement, ForeignKey, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import Viewer, guarded
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Refused
from salesboard.insight.models import Report
from salesboard.versioned import Versioned

RECORDED_AGAIN_AFTER = timedelta(minutes=10)
"""What one person types is saved every second; the audit log hears of it so often."""


class Part(StrEnum):
    """The fields that people fill in beside the measures (PRODUCT.md 6), in their order."""

    WORKED = "worked"
    FAILED = "failed"
    CAUSES = "causes"


def _with_report(report_id: object, viewer: Viewer) -> ColumnElement[bool]:
    return report_id.in_(select(Report.id).where(Report.visible_to(viewer)))  # type: ignore[attr-defined]


@guarded
class Conclusion(Versioned, Base):
    """One field of one report, as it was last written. Whoever may read the report may write."""

    __tablename__ = "conclusions"
    __table_args__ = (UniqueConstraint("report_id", "part"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    part: Mapped[Part] = mapped_column(choice(Part, "part"))
    words: Mapped[str] = mapped_column(Text, default="")
    updated_at: Mapped[datetime] = mapped_column(UtcDateTime)
    updated_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    version: Mapped[int] = mapped_column(default=0)

    updated_by: Mapped[User | None] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _with_report(cls.report_id, viewer)

    @classmethod
    def of(cls, report: Report) -> dict[Part, Conclusion]:
        """What was concluded so far. One SELECT."""
        written = select(cls).where(cls.report_id == report.id).options(joinedload(cls.updated_by))
        return {each.part: each for each in db.session.scalars(written)}

    @classmethod
    def write(
        cls, report: Report, part: Part, words: str, *, by: User, now: datetime, expected_version: int
    ) -> Conclusion:
        """Writes the field anew. The same words again change nothing, whoever wrote them.

        `expected_version` is 0 where nobody had written. Raises Conflict when it changed since, Refused when the
        report is not done.
        """
        if report.is_under_way or report.result is None:
            raise Refused(_("This report is not done yet."))
        of_part = cls.report_id == report.id, cls.part == part
        held = db.session.scalar(select(cls).where(*of_part).with_for_update(of=cls))
        if held is None:
            held = cls(report_id=report.id, part=part, words="", version=0, updated_at=report.requested_at)
            db.session.add(held)
        if held.words == words:
            return held
        held.expect_version(expected_version, _("Somebody wrote here meanwhile."))
        is_told = held.updated_by_id == by.id and now - held.updated_at < RECORDED_AGAIN_AFTER
        held.words = words
        held.changed(by.id, now)
        if not is_told:
            audit.record("report.concluded", report.label, actor_id=by.id, at=now, part=part)
        return held


@guarded
class ReportComment(Base):
    """What somebody says about a report: the person whom it evaluates, or who looks after them."""

    __tablename__ = "report_comments"
    __table_args__ = (CheckConstraint("words <> ''", name="told"), Index(None, "report_id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    report_id: Mapped[int] = mapped_column(ForeignKey("reports.id", ondelete="CASCADE"))
    words: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))

    by: Mapped[User] = relationship()

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        return _with_report(cls.report_id, viewer)

    @classmethod
    def of(cls, report: Report) -> Sequence[ReportComment]:
        """Everything that was said, the earliest first. One SELECT."""
        said = select(cls).where(cls.report_id == report.id).options(joinedload(cls.by)).order_by(cls.id)
        return db.session.scalars(said).all()

    @classmethod
    def say(cls, report: Report, words: str, *, by: User, now: datetime) -> None:
        """Adds to what is said; the same words sent twice in a row are said once."""
        last = select(cls).where(cls.report_id == report.id).order_by(cls.id.desc()).limit(1)
        said = db.session.scalar(last)
        if said is not None and (said.by_id, said.words) == (by.id, words):
            return
        db.session.add(cls(report_id=report.id, words=words, at=now, by_id=by.id))
        audit.record("report.commented", report.label, actor_id=by.id, at=now)
