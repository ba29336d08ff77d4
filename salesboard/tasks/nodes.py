"""The key nodes of a deal as tasks: each with its day and who is responsible."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select

from salesboard import audit
from salesboard.accounts.models import User
from salesboard.database import db
from salesboard.deals.models import Deal
from salesboard.tasks.models import Task
from salesboard.tasks.rules import KeyNode, TaskKind, TaskState


class Milestone(NamedTuple):
    """By when a node is to be reached, and who sees to it."""

    due_on: date
    owner: User


def nodes_of(deal: Deal) -> dict[KeyNode, Task]:
    """The nodes that were set and not dropped; of one that was reached and set again the latest."""
    kept = Task.deal_id == deal.id, Task.kind == TaskKind.NODE, Task.state != TaskState.DROPPED
    tasks: Sequence[Task] = db.session.scalars(select(Task).where(*kept).order_by(Task.id)).all()
    return {task.node: task for task in tasks if task.node is not None}


def set_nodes(
    deal: Deal, wanted: Mapping[KeyNode, Milestone | None], reason: str, *, by: User, now: datetime
) -> None:
    """Sets, moves or drops the nodes that are still open; one that is reached stays as it is.

    A later day is counted as put off, with `reason`, which the audit log keeps too.
    """
    days = {node.value: str(each.due_on) for node, each in wanted.items() if each is not None}
    audit.record("deal.nodes_set", deal.label, actor_id=by.id, at=now, nodes=days, reason=reason)
    kept = nodes_of(deal)
    for node, milestone in wanted.items():
        task = kept.get(node)
        if task is not None and not task.is_open:
            continue
        if milestone is None:
            if task is not None:
                task.drop(by=by, now=now, expected_version=task.version)
        elif task is None:
            Task.set(
                node,
                kind=TaskKind.NODE,
                node=node,
                customer=deal.customer,
                deal=deal,
                owner=milestone.owner,
                due_on=milestone.due_on,
                by=by,
                now=now,
            )
        else:
            _change(task, milestone, reason, by, now)


def _change(task: Task, milestone: Milestone, reason: str, by: User, now: datetime) -> None:
    if task.owner_id != milestone.owner.id:
        task.revise(
            what=task.what,
            owner=milestone.owner,
            due_at=task.due_at,
            method=task.method,
            goal=task.goal,
            by=by,
            now=now,
            expected_version=task.version,
        )
    if task.due_on != milestone.due_on:
        task.postpone(milestone.due_on, reason, by=by, now=now, expected_version=task.version)
