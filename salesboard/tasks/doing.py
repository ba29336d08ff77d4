"""A task is done by writing the follow-up: both in one transaction, once however often it is sent."""

from __future__ import annotations

from salesboard import clock
from salesboard.accounts.models import User
from salesboard.database import db, writing
from salesboard.followups.models import FollowUp
from salesboard.followups.rules import Note
from salesboard.installation import installation
from salesboard.tasks.models import Task


def do_with_note(task_id: int, told: Note, request_key: str | None, by: User) -> FollowUp | None:
    """Writes the note about the task's customer, or deal, and with it does the task; None where nobody sees the task,
    or where it is about no customer.

    What comes next becomes the deal's next step, or without a deal a task of its own. The same request again changes
    nothing. Raises Conflict when the request was sent before with other words.
    """
    now, day = clock.now(), installation().today
    with writing(keeping=by):
        task = Task.locked(task_id)
        customer = task.customer if task is not None else None
        if task is None or customer is None:
            return None
        sent = FollowUp.of_request(request_key, by) if request_key else None
        if sent is not None:
            if sent.content != told.content or sent.customer_id != task.customer_id:
                raise sent.conflict()
            return sent
        note = FollowUp.write(told, by=by, now=now, day=day, request_key=request_key)
        note.customer_id, note.deal_id = customer.id, task.deal_id
        db.session.add(note)
        db.session.flush()
        task.do(
            note,
            done_on=clock.local_date(note.occurred_at, installation().timezone),
            by_id=by.id,
            now=now,
        )
        note.file(customer, task.deal)
        return note
