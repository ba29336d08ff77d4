"""How tables of one shape were matched before, for the whole installation: offered when such a table comes again."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String, delete, select
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.database import Base, UtcDateTime, db
from salesboard.exchange.fields import BY_KEY, Kind, field_of
from salesboard.exchange.heads import first_rows
from salesboard.exchange.meanings import Sure, shape_of
from salesboard.exchange.models import Import
from salesboard.exchange.options import Remembered, ValueMap
from salesboard.exchange.reading import Book
from salesboard.sealed import SealedJson


class ImportShape(Base):
    """What the columns and words of tables with the same heads mean. `digest` is of the heads; `said` has `kind`,
    `columns` by place, `values` and `people`."""

    __tablename__ = "import_shapes"

    id: Mapped[int] = mapped_column(primary_key=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    said: Mapped[dict[str, Any]] = mapped_column(SealedJson("import_shapes.said"))
    made_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    made_at: Mapped[datetime] = mapped_column(UtcDateTime)
    made_by: Mapped[User | None] = relationship()

    @property
    def remembered(self) -> Remembered:
        """Without the fields that are no more."""
        columns = {
            int(place): tuple(key for key in keys if field_of(key))
            for place, keys in self.said["columns"].items()
        }
        values = tuple(ValueMap(*value) for value in self.said["values"] if value[0] in BY_KEY)
        return Remembered(self.id, Kind(self.said["kind"]), columns, values, self.said["people"])

    def forget(self, by: User, now: datetime) -> None:
        """The next such table is matched by its names alone."""
        audit.record("import_shape.forgotten", f"import shape {self.id}", actor_id=by.id, at=now)
        db.session.delete(self)


def remembered_for(book: Book) -> dict[str, Remembered]:
    """The matchings remembered for any row of the book that could be a head."""
    digests = {shape_of(row) for sheet in book.sheets if not sheet.is_hidden for row in first_rows(sheet)}
    wanted = select(ImportShape).where(ImportShape.digest.in_(digests))
    return {shape.digest: shape.remembered for shape in db.session.scalars(wanted)}


def shapes_by_id(ids: Iterable[int]) -> dict[int, ImportShape]:
    """Those that are still there, each with who made it."""
    wanted = select(ImportShape).where(ImportShape.id.in_(list(ids))).options(joinedload(ImportShape.made_by))
    return {shape.id: shape for shape in db.session.scalars(wanted)}


def remember(found: Import, by: User | None, now: datetime) -> None:
    """Keeps how the sheets of a confirmed import were matched, where a person had a hand in it."""
    for sheet in found.sheets:
        if sheet["columns"] and _is_by_hand(found, sheet):
            db.session.execute(delete(ImportShape).where(ImportShape.digest == sheet["shape"]))
            db.session.add(
                ImportShape(
                    digest=sheet["shape"],
                    said=_said(found, sheet),
                    made_by_id=by.id if by else None,
                    made_at=now,
                )
            )


def _is_by_hand(found: Import, sheet: dict[str, Any]) -> bool:
    fields = {key for column in sheet["columns"] for key in column["fields"]}
    return (
        bool(found.options.get("sheets", {}).get(sheet["name"], {}))
        or any(word["field"] in fields for word in found.options.get("words", ()))
        or (
            bool(found.options.get("people"))
            and any(BY_KEY[key].is_person for key in fields if key in BY_KEY)
        )
    )


def _said(found: Import, sheet: dict[str, Any]) -> dict[str, Any]:
    own = [column for column in sheet["columns"] if column["sure"] != Sure.OURS]
    fields = {key for column in own for key in column["fields"]}
    words = [word for word in found.words if word["field"] in fields and word["ours"]]
    people = {each["name"]: each["person"] for each in found.people if each["person"] and each["is_said"]}
    return {
        "kind": sheet["kind"],
        "columns": {str(place): column["fields"] for place, column in enumerate(own)},
        "values": [[word["field"], word["said"], word["ours"]] for word in words],
        "people": people,
    }
