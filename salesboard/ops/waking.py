"""Waiting that a signal cuts short at once, without running any code inside the handler."""

from __future__ import annotations

import os
import select
import signal
from types import TracebackType

ENDING = frozenset({signal.SIGINT, signal.SIGTERM, signal.SIGHUP})


class Waking:
    """While entered, the signals asked for no longer interrupt: `wait` reports them. Main thread only."""

    def __init__(self, *signals: signal.Signals) -> None:
        self._signals = signals

    def __enter__(self) -> Waking:
        self._reading, self._writing = os.pipe()
        for end in (self._reading, self._writing):
            os.set_blocking(end, False)
        self._former_handlers = {
            each: signal.signal(each, lambda *_: None) for each in self._signals if not _is_from_nohup(each)
        }
        self._former_wakeup = signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.set_wakeup_fd(self._former_wakeup)
        for each, handler in self._former_handlers.items():
            signal.signal(each, handler)
        os.close(self._reading)
        os.close(self._writing)

    def wait(self, seconds: float) -> set[signal.Signals]:
        """Sleeps up to `seconds`; returns at once with the signals that came, also those that came before."""
        arrived, _, _ = select.select([self._reading], [], [], max(seconds, 0.0))
        return {signal.Signals(number) for number in os.read(self._reading, 512)} if arrived else set()


def _is_from_nohup(each: signal.Signals) -> bool:
    return each == signal.SIGHUP and signal.getsignal(each) is signal.SIG_IGN
