"""The fields that an installation adds to customers and deals, and the verbs by which the admin tends them.

A field is never deleted: a retired one is asked nowhere and keeps every value, so that it can be brought back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, String, select, text
from sqlalchemy.orm import Mapped, mapped_column

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.customers.custom_rules import (
    MOST_FIELDS,
    MOST_LISTED,
    FieldKind,
    FieldShape,
    Subject,
    name_key,
    tidy_choices,
)
from salesboard.database import Base, UtcDateTime, choice, db
from salesboard.errors import Invalid
from salesboard.lasting import lasting


class CustomField(Base):
    """One field of the installation's own."""

    __tablename__ = "custom_fields"
    __table_args__ = (
        CheckConstraint("name <> ''", name="named"),
        Index(
            "uq_custom_fields_in_use",
            "subject",
            "name_key",
            unique=True,
            sqlite_where=text("retired_at IS NULL"),
            postgresql_where=text("retired_at IS NULL"),
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[Subject] = mapped_column(choice(Subject, "subject"))
    name: Mapped[str] = mapped_column(String(60))
    name_key: Mapped[str] = mapped_column(String(200))
    kind: Mapped[FieldKind] = mapped_column(choice(FieldKind, "kind"))
    choices: Mapped[list[str]] = mapped_column(JSON, default=list)
    is_required: Mapped[bool] = mapped_column(default=False)
    is_listed: Mapped[bool] = mapped_column(default=False)
    position: Mapped[int]
    retired_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    created_at: Mapped[datetime] = mapped_column(UtcDateTime)
    changed_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    changed_at: Mapped[datetime] = mapped_column(UtcDateTime)

    @classmethod
    def add(
        cls,
        subject: Subject,
        name: str,
        kind: FieldKind,
        *,
        choices: Iterable[str] = (),
        is_required: bool = False,
        is_listed: bool = False,
        by: User | None,
        now: datetime,
    ) -> CustomField:
        """A new field, asked after those that are there. Raises Invalid by field of the form."""
        others = _in_use(subject)
        if len(others) >= MOST_FIELDS:
            raise Invalid(
                {"name": _("There are %(most)d fields already. Retire one first.", most=MOST_FIELDS)}
            )
        field = cls(
            subject=subject,
            kind=kind,
            name="",
            name_key="",
            choices=tidy_choices(choices) if kind is FieldKind.CHOICE else [],
            is_required=is_required,
            is_listed=False,
            position=max((other.position for other in others), default=0) + 1,
            created_by_id=by.id if by else None,
            created_at=now,
            changed_at=now,
        )
        if kind is FieldKind.CHOICE and not field.choices:
            raise Invalid({"choices": _("Write at least one choice.")})
        field._take_name(name, others)
        field._list(is_listed, others)
        db.session.add(field)
        db.session.flush()
        field._note("field.added", by, now, name=field.name, kind=kind, of=subject)
        return field

    @classmethod
    def locked(cls, field_id: int) -> CustomField | None:
        """The field, held against other writers until the transaction ends."""
        return db.session.get(cls, field_id, with_for_update=True)

    @property
    def label(self) -> str:
        """How the audit log names this field."""
        return f"field {self.id}"

    @property
    def is_retired(self) -> bool:
        return self.retired_at is not None

    @property
    def shape(self) -> FieldShape:
        return FieldShape(
            id=self.id,
            subject=self.subject,
            name=self.name,
            kind=self.kind,
            choices=tuple(self.choices),
            is_required=self.is_required,
            is_listed=self.is_listed,
            is_retired=self.is_retired,
        )

    def change(
        self, *, name: str, is_required: bool, is_listed: bool, by: User | None, now: datetime
    ) -> None:
        """Another name, whether it has to be filled in, whether lists show it. Raises Invalid by field of the form."""
        before = self._facts()
        others = [other for other in _in_use(self.subject) if other.id != self.id]
        self._take_name(name, others)
        self._list(is_listed, others)
        self.is_required = is_required
        self._note_changes(before, by, now)

    def offer(
        self, choices: Iterable[str], *, renamed: Mapping[str, str], by: User | None, now: datetime
    ) -> list[tuple[str, str]]:
        """Other choices. The answer pairs those of `renamed` with their new words, which values have to follow; a
        choice that is offered no more stays where it was chosen. Raises Invalid."""
        before, kept = self._facts(), tidy_choices(choices)
        if not kept:
            raise Invalid({"choices": _("Write at least one choice.")})
        self.choices = kept
        self._note_changes(before, by, now)
        return [(old, new) for old, new in renamed.items() if old != new and new in kept]

    def move(self, *, up: bool, by: User | None, now: datetime) -> None:
        """One place up or down among the fields that are asked; at the edge nothing changes."""
        fields = _in_use(self.subject)
        here = next((place for place, field in enumerate(fields) if field.id == self.id), None)
        there = None if here is None else here + (-1 if up else 1)
        if here is None or there is None or not 0 <= there < len(fields):
            return
        fields[here], fields[there] = fields[there], fields[here]
        for position, field in enumerate(fields, start=1):
            field.position = position
        self._note("field.moved", by, now, position=there + 1)

    def retire(self, *, by: User | None, now: datetime) -> None:
        """Is asked and shown nowhere from now on; its values stay. Done twice it changes nothing."""
        if self.is_retired:
            return
        self.retired_at = now
        self._note("field.retired", by, now, name=self.name)

    def bring_back(self, *, by: User | None, now: datetime) -> None:
        """Asks for it again, after all others. Raises Invalid while another field has its name."""
        if not self.is_retired:
            return
        others = _in_use(self.subject)
        self._take_name(self.name, others)
        self._list(self.is_listed, others)
        self.position = max((other.position for other in others), default=0) + 1
        self.retired_at = None
        self._note("field.brought_back", by, now, name=self.name)

    def _take_name(self, name: str, others: Sequence[CustomField]) -> None:
        words = " ".join(name.split())
        key = name_key(words)[:200]
        if any(sign in words for sign in "=:"):
            # `--map "Their column=x:Its name"` and `--map-value` part at these
            raise Invalid({"name": _("A name cannot hold = or a colon.")})
        if any(other.name_key == key for other in others):
            raise Invalid({"name": _("There is a field of this name already.")})
        self.name, self.name_key = words, key

    def _list(self, is_listed: bool, others: Sequence[CustomField]) -> None:
        if is_listed and sum(other.is_listed for other in others) >= MOST_LISTED:
            raise Invalid(
                {
                    "is_listed": _(
                        "Lists show %(most)d fields already. Take another one out.", most=MOST_LISTED
                    )
                }
            )
        self.is_listed = is_listed

    def _facts(self) -> dict[str, Any]:
        return {
            "name": self.name,
            "is_required": self.is_required,
            "is_listed": self.is_listed,
            "choices": list(self.choices),
        }

    def _note_changes(self, before: dict[str, Any], by: User | None, now: datetime) -> None:
        after = self._facts()
        changed = {name: [before[name], after[name]] for name in after if after[name] != before[name]}
        if changed:
            self._note("field.changed", by, now, changed=changed)

    def _note(self, verb: str, by: User | None, now: datetime, **details: Any) -> None:
        self.changed_by_id, self.changed_at = by.id if by else None, now
        audit.record(verb, self.label, actor_id=self.changed_by_id, at=now, **details)


def fields_of(subject: Subject) -> Sequence[FieldShape]:
    """The fields in use of customers or deals, in their order."""
    return [field for field in every_field() if field.subject is subject and not field.is_retired]


@lasting(CustomField)
def every_field() -> Sequence[FieldShape]:
    """All fields, retired ones too."""
    ordered = select(CustomField).order_by(CustomField.position, CustomField.id)
    return [field.shape for field in db.session.scalars(ordered)]


def _in_use(subject: Subject) -> list[CustomField]:
    """Held together, so that no two of them take one name or one place."""
    held = select(CustomField).where(CustomField.subject == subject, CustomField.retired_at.is_(None))
    return list(
        db.session.scalars(held.order_by(CustomField.position, CustomField.id).with_for_update()).all()
    )
