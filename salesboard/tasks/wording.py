"""What tasks say, in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from salesboard.tasks.models import Task
from salesboard.tasks.rules import Bucket, KeyNode, TaskKind

NODE_NAMES = {
    KeyNode.FIRST_TALK: _l("First talk"),
    KeyNode.NEEDS: _l("Needs found out"),
    KeyNode.PROPOSAL: _l("Proposal handed over"),
    KeyNode.NEGOTIATION: _l("Terms negotiated"),
}
BUCKET_NAMES = {
    Bucket.LATE: _l("Late"),
    Bucket.TODAY: _l("Today"),
    Bucket.TOMORROW: _l("Tomorrow"),
    Bucket.WEEK: _l("This week"),
    Bucket.LATER: _l("Later on"),
}


def task_words(task: Task) -> str:
    """What is to be done: what somebody wrote, else what the cadence or the key node stands for."""
    if task.kind is TaskKind.CADENCE:
        return _("Get in touch again")
    return str(NODE_NAMES[task.node]) if task.node is not None and task.what == task.node else task.what
