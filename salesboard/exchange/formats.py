"""Files known as a whole: a team's own sheets, other programs' exports. Each adds to `KNOWN` and changes nothing else.

A format tells what its heads mean where the general list would not know or would err.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from salesboard.exchange.values import plain


@dataclass(frozen=True, eq=False)
class Format:
    """A shape of file, recognised when all heads of `known_by` are there."""

    code: str
    label: LazyString
    known_by: frozenset[str]
    heads: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Head → field keys. None at all: the column only repeats what others say."""


def _format(code: str, label: LazyString, known_by: str, heads: Mapping[str, tuple[str, ...]]) -> Format:
    return Format(
        code,
        label,
        frozenset(plain(head) for head in known_by.split()),
        {plain(head): fields for head, fields in heads.items()},
    )


KNOWN: tuple[Format, ...] = (
    _format(
        "performance_sheet",
        _l("Customer performance sheet"),
        "客户名称 本次联系时间 销售目标 完成情况",
        {"销售目标": ("deal.amount",), "完成情况": ()},
    ),
    _format(
        "process_record",
        _l("Sales process record"),
        "客户名称 沟通时间 沟通内容摘要 跟进阶段",
        {"需求痛点": ("customer.needs", "followup.needs")},
    ),
    _format(
        "followup_log",
        _l("Follow-up log"),
        "客户名称 跟进日期 跟进内容 状态是否变更",
        {"状态是否变更": ()},
    ),
)


def recognise(heads: Iterable[str]) -> Format | None:
    """The known format whose heads are all there; of several, the one that asks for most."""
    present = set(heads)
    fitting = [known for known in KNOWN if known.known_by <= present]
    return max(fitting, key=lambda known: len(known.known_by), default=None)
