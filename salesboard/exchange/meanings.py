"""What a head stands for, and how sure that is. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from salesboard.exchange.amounts import without_unit
from salesboard.exchange.channels import is_address, is_mobile
from salesboard.exchange.fields import OWN, own_code
from salesboard.exchange.formats import Format
from salesboard.exchange.headings import GUESSES, HEADS, REASON_HEADS
from salesboard.exchange.options import Options
from salesboard.exchange.reading import Cell, Row
from salesboard.exchange.values import cell_text, is_private, plain, without_brackets


class Sure(StrEnum):
    """Where a column's meaning comes from."""

    HAND = "hand"
    REMEMBERED = "remembered"
    FORMAT = "format"
    NAME = "name"
    GUESS = "guess"
    NONE = "none"
    REPEATS = "repeats"
    """Known to say only what other columns say."""
    PRIVATE = "private"
    """Holds numbers that are not to be recorded."""
    OURS = "ours"
    """Written before a row that was handed back; not the file's own."""


@dataclass(frozen=True)
class Meaning:
    """The codes of our fields; none at all where nothing is taken from the column."""

    codes: tuple[str, ...] = ()
    sure: Sure = Sure.NONE

    @property
    def is_known(self) -> bool:
        return self.sure not in (Sure.NONE, Sure.GUESS, Sure.PRIVATE)


UNKNOWN = Meaning()
_PREFIX = re.compile(
    r"^(?:客户|联系人|联络人|商机|机会|项目|公司|企业|单位|跟进"
    r"|customer|contact|deal|opportunity|account|company|organization|person|lead|primary|main)"
)
_SUFFIX = re.compile(r"(?:[0-9]+|信息|说明)$")
_NOT_GUESSED = frozenset(("external_id", "number", "name", "status", "occurred_at", "created_date"))
"""What a part of a head says too little for."""
_PRIVATE_HEAD = re.compile(
    "身份证|银行卡|银行账号|开户账号|护照|idcard|identitycard|bankcard|bankaccount|passport|家庭住址|homeaddress"
)
_ENOUGH = 0.8
"""The share of a column's cells that tells what it holds."""


def meaning_of(
    head: str, known_as: Format | None, options: Options, marked: frozenset[str] = frozenset()
) -> Meaning:
    """By what the person said, by the format of the file, else by the general list.

    Beside a head that is `marked` as a field of the installation's own, the same without the mark is none.
    """
    if not head:
        return UNKNOWN
    given = [each.field for each in options.columns if is_named(head, each.column)]
    if given:
        return Meaning(tuple(field for field in given if field), Sure.HAND)
    if OWN + head not in marked and (own := own_code(head)):
        return Meaning((own,), Sure.NAME)
    for name in (plain(head), plain(without_brackets(head)), plain(without_unit(head))):
        if known_as is not None and name in known_as.heads:
            codes = known_as.heads[name]
            return Meaning(codes, Sure.FORMAT if codes else Sure.REPEATS)
        if name in HEADS:
            return Meaning(HEADS[name], Sure.NAME)
    return UNKNOWN


def guess(head: str, samples: Sequence[Cell]) -> Meaning:
    """What a head that nobody knows seems to hold: by a part of its name, else by what stands below it."""
    name = plain(without_brackets(head.removesuffix("__c")))
    if _PRIVATE_HEAD.search(name) or (samples and sum(map(is_private, samples)) >= _ENOUGH * len(samples)):
        return Meaning((), Sure.PRIVATE)
    if name in GUESSES:
        return Meaning((GUESSES[name],), Sure.GUESS)
    for part in _parts(name):
        codes = HEADS.get(part, ())
        if codes and not _NOT_GUESSED.intersection(codes):
            return Meaning(codes, Sure.GUESS)
    for code, fits in (("contact.email", is_address), ("contact.phone", is_mobile)):
        if len(samples) > 1 and sum(map(fits, samples)) >= _ENOUGH * len(samples):
            return Meaning((code,), Sure.GUESS)
    return UNKNOWN


def is_named(head: str, name: str) -> bool:
    return head == name or (plain(head) == plain(name) != "")


def ours_before(cells: Sequence[Cell]) -> int:
    """How many columns stand before the file's own, because its rows were handed back."""
    return 2 if cells and plain(cell_text(cells[0])) in REASON_HEADS else 0


def shape_of(row: Row) -> str:
    """The same for two tables with the same heads in the same order, also when rows of one were handed back."""
    heads = [plain(cell_text(cell)) for cell in row.cells[ours_before(row.cells) :]]
    while heads and not heads[-1]:
        heads.pop()
    return hashlib.sha256("\n".join(heads).encode()).hexdigest()


def _parts(name: str) -> Iterable[str]:
    bare = _SUFFIX.sub("", name)
    return (bare, _PREFIX.sub("", name), _PREFIX.sub("", bare))
