"""What happened, told in the same transaction to whoever keeps something in step with it.

A lower concept tells; what listens stands above it and is connected once by `create_app`.
"""

from __future__ import annotations

from blinker import Signal

talked_or_planned = Signal()
"""A customer was talked with, or what comes next with them changed. Sent with `deal` (or None), `note` (the follow-up
that was written or taken back, or None), `by_id` and `now`; the sender is the customer's id. All is flushed."""

handed_over = Signal()
"""Somebody else looks after a customer, or after what one person had to do about its `deal`. Sent with `deal` (or
None), `earlier_id`, `person_id`, `by_id` and `now`; the sender is the customer's id."""
