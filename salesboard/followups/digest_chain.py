"""The chain of digests over all follow-ups of the installation. Whatever is written joins it in its own transaction.

Each link says that a record was written, taken back or removed. Links are only ever added, and the head says how many
there are: a record that was changed, slipped in or taken out behind the verbs' back no longer fits.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Insert, String, Update, bindparam, insert, update
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.sql.dml import ReturningUpdate

from salesboard.database import Base, built_once, choice, db, insert_into
from salesboard.followups.digests import chained, fingerprint, words_said

HEAD = 1
"""The id of the only head."""


class LinkKind(StrEnum):
    WRITTEN = "written"
    CORRECTED = "corrected"
    OBJECTION = "objection"
    PROMISE = "promise"
    TAKEN_BACK = "taken_back"
    REMOVED = "removed"


class ChainLink(Base):
    """One thing that happened to a follow-up, with the digest that ties it to everything before it."""

    __tablename__ = "followup_links"

    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[LinkKind] = mapped_column(choice(LinkKind, "kind"))
    number: Mapped[str] = mapped_column(String(20))
    said: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class ChainHead(Base):
    """How long the chain is, and the digest of its last link. One row, which whoever adds a link holds."""

    __tablename__ = "followup_chain"

    id: Mapped[int] = mapped_column(primary_key=True)
    length: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64))


_HEAD = ChainHead.metadata.tables[ChainHead.__tablename__]


class Told(NamedTuple):
    """What a link will say; `said` is the fingerprint of the words it stands for."""

    kind: LinkKind
    number: str
    said: str = ""


def written(number: str, said: Mapping[str, object]) -> Told:
    """That a follow-up was written; `said` holds its columns by name."""
    return Told(LinkKind.WRITTEN, number, words_said(said))


def corrected(number: str, said: Mapping[str, object], facts: Mapping[str, object]) -> Told:
    """That a follow-up was corrected; `said` holds its columns as they are from then on, `facts` who, when and why."""
    return Told(LinkKind.CORRECTED, number, fingerprint({**facts, "words": words_said(said)}))


def followed(kind: LinkKind, number: str, position: int, facts: Mapping[str, object]) -> Told:
    """What became of an objection or a promise of a follow-up; `position` is its place there, `facts` say how, by whom
    and when."""
    return Told(kind, number, fingerprint({**facts, kind.value: position}))


def taken_back(number: str, at: object) -> Told:
    """That the move which a follow-up paid for was undone."""
    return Told(LinkKind.TAKEN_BACK, number, fingerprint({"taken_back_at": at}))


def removed(number: str) -> Told:
    """That a follow-up went with the import that had brought it in."""
    return Told(LinkKind.REMOVED, number)


def append(told: Iterable[Told]) -> None:
    """Adds links in the transaction under way, one after the other; other writers wait from here on."""
    links = list(told)
    if not links:
        return
    connection, more = db.session.connection(), {"more": len(links)}
    longer = connection.execute(_longer_chain(), more).one_or_none()
    if longer is None:
        connection.execute(
            insert_into(ChainHead).values(id=HEAD, length=0, digest="").on_conflict_do_nothing()
        )
        longer = connection.execute(_longer_chain(), more).one()
    position, digest, rows = longer.length - len(links), longer.digest, []
    for kind, number, said in links:
        position += 1
        digest = chained(digest, position, kind, number, said)
        link = {"position": position, "kind": kind, "number": number, "said": said, "digest": digest}
        rows.append(link)
    connection.execute(_adding(), rows)
    connection.execute(_ending_chain(), {"ends_in": digest})


@built_once
def _longer_chain() -> ReturningUpdate[int, str]:
    """Holds the head and makes room for so many links; how long the chain is with them, how it ends without them."""
    head = update(_HEAD).where(_HEAD.c.id == HEAD).values(length=_HEAD.c.length + bindparam("more"))
    return head.returning(_HEAD.c.length, _HEAD.c.digest)


@built_once
def _adding() -> Insert:
    return insert(ChainLink.__table__)  # type: ignore[arg-type]


@built_once
def _ending_chain() -> Update:
    return update(_HEAD).where(_HEAD.c.id == HEAD).values(digest=bindparam("ends_in"))
