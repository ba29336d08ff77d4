"""Two customers that are one: what is chosen of each, what goes along, and the way back."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import JSON, CheckConstraint, ColumnElement, ForeignKey, Index, String, select, update
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from salesboard import audit
from salesboard.access import WITH_SET_ASIDE, Viewer, acting_as_system, guarded
from salesboard.accounts.models import User
from salesboard.customers import strays  # noqa: F401 - its watch belongs to every merge
from salesboard.customers.belongings import clear_strangers, give_back_all, move_all
from salesboard.customers.changes import note_changes
from salesboard.customers.custom_rules import Subject
from salesboard.customers.custom_values import set_values, values_of
from salesboard.customers.models import Contact, Customer
from salesboard.customers.rules import Attitude, Need, Priority
from salesboard.customers.since import came_since, gone_since
from salesboard.customers.twins import filled_by, twins_of
from salesboard.database import Base, UtcDateTime, db
from salesboard.errors import Refused
from salesboard.sealed import SealedJson
from salesboard.snapshots import as_json, restore

COLUMNS = (
    "name", "industry", "main_business", "region", "source", "first_contact_date", "employees", "annual_revenue",
    "level", "owner_id", "remarks", "external_id",
)  # fmt: skip
"""Facts of which one is chosen, besides needs, status and the fields of the installation's own."""

BESIDES = ("status", "status_is_set")
"""What an undo gives back too; after a merge the status follows the deals, or is chosen where there is none."""

OWN = "own:"
"""Before the id of a field of the installation's own."""


class Pick(StrEnum):
    """Whose value is taken. `BOTH` goes for words alone."""

    SURVIVOR = "survivor"
    LOSER = "loser"
    BOTH = "both"


def facts_of(customer: Customer) -> dict[str, Any]:
    """Everything of a customer of which one can be chosen, as JSON values, by name."""
    own = values_of(Subject.CUSTOMER, [customer.id]).get(customer.id, {})
    return {
        **as_json(customer, (*COLUMNS, "status")),
        "needs": [[need.text, need.priority.value] for need in customer.needs_told] or None,
        **{f"{OWN}{field_id}": text for field_id, text in own.items()},
    }


def chosen(mine: Mapping[str, Any], theirs: Mapping[str, Any], picks: Mapping[str, Pick]) -> dict[str, Any]:
    """What the survivor's facts `mine` become; a fact of which nothing was picked stays as it is."""
    facts = dict(mine)
    for name, pick in picks.items():
        kept, other = mine.get(name), theirs.get(name)
        if pick is Pick.LOSER:
            facts[name] = other
        elif pick is Pick.BOTH and other and kept:
            facts[name] = (
                [*kept, *(n for n in other if n not in kept)] if name == "needs" else f"{kept}\n{other}"
            )
        elif pick is Pick.BOTH:
            facts[name] = kept or other
    return facts


@dataclass(frozen=True)
class Since:
    """What happened to the customer since a merge, and stays as it is when that is undone."""

    facts: tuple[str, ...] = ()
    """Names of facts that were changed again."""
    came: tuple[tuple[str, int], ...] = ()
    """By table how many rows came to the survivor itself."""
    gone: tuple[tuple[str, int], ...] = ()
    """By table how many rows of the other one are not there any more."""


@guarded
class Merge(Base):
    """One customer taken into another. The one that is set aside keeps its own facts for an undo.

    `facts` are those of the survivor that the merge changed, before and after; `moved` the keys of all rows that went
    along, by table and column, `led` by a doubled contact the ones who report to its twin since.
    """

    __tablename__ = "merges"
    __table_args__ = (
        Index(None, "survivor_id"),
        Index(None, "loser_id"),
        CheckConstraint("survivor_id <> loser_id", name="of_two"),
        CheckConstraint("(undone_at IS NULL) = (undone_by_id IS NULL)", name="undone_whole"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    survivor_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    loser_id: Mapped[int] = mapped_column(ForeignKey("customers.id"))
    by_id: Mapped[int] = mapped_column(ForeignKey("users.id"))
    at: Mapped[datetime] = mapped_column(UtcDateTime)
    picks: Mapped[dict[str, str]] = mapped_column(JSON)
    facts: Mapped[dict[str, Any]] = mapped_column(SealedJson("merges.facts"))
    moved: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    led: Mapped[dict[str, list[int]]] = mapped_column(JSON)
    learnt: Mapped[dict[str, dict[str, Any]]] = mapped_column(SealedJson("merges.learnt"))
    undone_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    undone_by_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    kept: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    loser_name: Mapped[str] = mapped_column(String(200))
    survivor: Mapped[Customer] = relationship(foreign_keys=survivor_id)
    by: Mapped[User] = relationship(foreign_keys=by_id)
    undone_by: Mapped[User | None] = relationship(foreign_keys=undone_by_id)

    @classmethod
    def visible_to(cls, viewer: Viewer) -> ColumnElement[bool]:
        """To whoever sees the customer that was kept."""
        return cls.survivor_id.in_(select(Customer.id).where(Customer.visible_to(viewer)))

    @classmethod
    def carry_out(
        cls,
        survivor: Customer,
        loser: Customer,
        picks: Mapping[str, Pick],
        *,
        by: User,
        now: datetime,
        expected_versions: tuple[int, int],
    ) -> Merge:
        """Takes the loser into the survivor: its facts as picked, everything that belongs to it, nobody doubled.

        Both are held by the caller. Raises Conflict when either was changed since its expected version. The names and
        stages of the deals are followed up by `deals.of_customers.follow_merge`.
        """
        if survivor.id == loser.id:
            raise Refused(_("A customer cannot be merged into itself."))
        for customer, version in zip((survivor, loser), expected_versions, strict=True):
            customer.expect(version)
        mine, theirs = facts_of(survivor), facts_of(loser)
        twins = twins_of(loser.contacts, survivor.contacts)
        before = {**mine, **as_json(survivor, BESIDES)}
        with acting_as_system("everything of the two customers goes along, whoever owns it"):
            made = cls(
                survivor_id=survivor.id,
                loser_id=loser.id,
                loser_name=loser.name,
                by_id=by.id,
                at=now,
                picks={name: pick.value for name, pick in picks.items()},
                moved=move_all(loser.id, survivor.id, twins),
                led={str(twin): _lead(twin, other) for twin, other in twins.items()},
                facts={},
                learnt={},
            )
            db.session.expire(survivor, ["contacts"])
            db.session.expire(loser, ["contacts"])
            survivor.version = _beyond(survivor, loser)
            _take(survivor, mine, chosen(mine, theirs, picks), by, now)
            after = {**facts_of(survivor), **as_json(survivor, BESIDES)}
            made.facts = {
                name: [before.get(name), after.get(name)]
                for name in before.keys() | after.keys()
                if before.get(name) != after.get(name) or name in BESIDES
            }
            made.learnt = {str(other): _learn(twin, other) for twin, other in twins.items()}
            _tell(survivor, {}, {"merged": f"{loser.name} ({loser.number})"}, by, now)
            loser.merged_into_id = survivor.id
            loser.touch(now)
            db.session.add(made)
            db.session.flush()
        audit.record("customer.merged", survivor.label, actor_id=by.id, at=now, other=loser.number)
        audit.record("customer.merged_away", loser.label, actor_id=by.id, at=now, into=survivor.number)
        return made

    @classmethod
    def into(cls, customer: Customer) -> Sequence[Merge]:
        """The merges into this customer, the latest first. One SELECT."""
        made = select(cls).where(cls.survivor_id == customer.id).options(joinedload(cls.by))
        return db.session.scalars(made.order_by(cls.id.desc())).all()

    @property
    def loser(self) -> Customer:
        """The one that was set aside: whoever sees this merge may see what it was of."""
        with acting_as_system("a merge shows both customers"):
            return db.session.get_one(Customer, self.loser_id, execution_options=WITH_SET_ASIDE)

    @property
    def is_undone(self) -> bool:
        return self.undone_at is not None

    def undo(self, *, by: User, now: datetime, expected_version: int) -> None:
        """Parts the two again. What was changed since stays as it is, and is named in `kept`; what came to a deal or
        a contact that goes back goes with it. Done twice it changes nothing.

        The survivor is held by the caller. Raises Conflict when it was changed since `expected_version`, and Refused
        where it was itself merged into another since.
        """
        if self.is_undone:
            return
        survivor, loser = self.survivor, self.loser
        survivor.expect(expected_version)
        with acting_as_system("everything goes back to where it was, whoever owns it"):
            since = self.since()
            give_back_all(self.moved, survivor.id, loser.id)
            survivor.version = loser.version = _beyond(survivor, loser)
            loser.merged_into_id = None
            db.session.flush()
            self._lead_back()
            self._unlearn()
            for customer in (survivor, loser):
                db.session.expire(customer, ["contacts"])
            now_is, facts = facts_of(survivor), {}
            for name, (before, _after) in self.facts.items():
                if name not in BESIDES and name not in since.facts:
                    facts[name] = before
            _take(survivor, now_is, {**now_is, **facts}, by, now)
            if "status" not in since.facts:
                restore(survivor, {name: self.facts[name][0] for name in BESIDES})
            _tell(survivor, {"merged": f"{loser.name} ({loser.number})"}, {"merged": None}, by, now)
            if not loser.owner.is_active:
                loser.owner_id = survivor.owner_id
            _tell(loser, {"merged": survivor.number}, {"merged": None}, by, now)
            self.undone_at, self.undone_by_id = now, by.id
            self.kept = {"facts": list(since.facts), "came": dict(since.came), "gone": dict(since.gone)}
            db.session.flush()
        for customer, other in ((survivor, loser), (loser, survivor)):
            audit.record(
                "customer.parted", customer.label, actor_id=by.id, at=now, other=other.number, kept=self.kept
            )

    def since(self) -> Since:
        """What was changed since, and stays as it is. Six SELECTs."""
        now_is, survivor = facts_of(self.survivor), self.survivor
        changed = {name: after for name, (_before, after) in self.facts.items() if name not in BESIDES}
        again = [name for name, after in changed.items() if now_is.get(name) != after]
        if survivor.status_is_set and as_json(survivor, BESIDES) != {
            name: self.facts[name][1] for name in BESIDES
        }:
            again.append("status")
        return Since(tuple(sorted(again)), came_since(self), gone_since(self))

    def _unlearn(self) -> None:
        """What the merge filled in at a contact goes again, as far as it is as it was filled in."""
        for contact_id, told in self.learnt.items():
            contact = db.session.get(Contact, int(contact_id))
            if contact is not None:
                still = [name for name, value in told.items() if as_json(contact, [name])[name] == value]
                restore(contact, {name: Attitude.UNKNOWN if name == "attitude" else None for name in still})

    @property
    def left(self) -> Since:
        """What an undo left as it was."""
        kept = self.kept or {}
        return Since(
            tuple(kept.get("facts", ())),
            tuple(kept.get("came", {}).items()),
            tuple(kept.get("gone", {}).items()),
        )

    def _lead_back(self) -> None:
        """Who reports to the twin of a doubled contact reports to the one it was again; nobody to strangers."""
        for leader, led in self.led.items():
            own = Contact.id.in_(led), Contact.customer_id == self.loser_id
            db.session.execute(update(Contact).where(*own).values(reports_to_id=int(leader)))
        for customer_id in (self.survivor_id, self.loser_id):
            clear_strangers(customer_id)


def _learn(twin_id: int, other_id: int) -> dict[str, Any]:
    """What only the doubled contact told is filled in at its twin; the answer keeps it."""
    person, other = (
        db.session.get_one(Contact, each, execution_options=WITH_SET_ASIDE) for each in (twin_id, other_id)
    )
    told = as_json(person, filled_by(person, other))
    restore(other, told)
    return told


def _beyond(*customers: Customer) -> int:
    """A version that no change of either was made in: whoever has a form of before open is told of everything."""
    return max(customer.version for customer in customers) + 1


def _lead(twin_id: int, other_id: int) -> list[int]:
    """Who reports to a contact that is left behind reports to its twin from now on; the answer names them."""
    led = update(Contact).where(Contact.reports_to_id == twin_id).values(reports_to_id=other_id)
    fetch = {"synchronize_session": False, **WITH_SET_ASIDE}
    return sorted(db.session.scalars(led.returning(Contact.id), execution_options=fetch))


def _take(
    customer: Customer, mine: Mapping[str, Any], facts: Mapping[str, Any], by: User, now: datetime
) -> None:
    """Sets the facts that are other than `mine`, and writes down from what to what."""
    changed = {name: value for name, value in facts.items() if mine.get(name) != value}
    own = {int(name.removeprefix(OWN)): value for name, value in changed.items() if name.startswith(OWN)}
    columns = {name: value for name, value in changed.items() if name in (*COLUMNS, "status")}
    before = {name: getattr(customer, name) for name in columns if name != "owner_id"}
    owner = customer.owner.name
    needs = customer.needs_told
    restore(customer, columns)
    if "status" in columns:
        customer.status_is_set = True
    if "needs" in changed:
        before["needs"] = needs
        setattr(customer, "needs", needs_told(changed["needs"]))  # noqa: B010 - mypy knows one type of a hybrid
    customer.rename(customer.name)
    db.session.flush()
    after = {name: customer.needs_told if name == "needs" else getattr(customer, name) for name in before}
    if "owner_id" in columns:
        db.session.expire(customer, ["owner"])
        before["owner"], after["owner"] = owner, customer.owner.name
    if after:
        _tell(customer, before, after, by, now)
    set_values(customer, own, by=by, now=now)


def needs_told(kept: Iterable[Sequence[str]] | None) -> tuple[Need, ...]:
    """Needs as `facts_of` keeps them."""
    return tuple(Need(text, Priority(priority)) for text, priority in kept or ())


def _tell(customer: Customer, before: dict[str, Any], after: dict[str, Any], by: User, now: datetime) -> None:
    customer.touch(now)
    note_changes(before, after, customer_id=customer.id, version=customer.version, by_id=by.id, at=now)
