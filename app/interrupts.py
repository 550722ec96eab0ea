"""Stretches of work that Ctrl-C may not tear apart."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

#: What asks a process to stop, and can be put off.
ASKING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextmanager
def unbroken() -> Iterator[None]:
    """Puts off signals that ask to stop until the context has been left. For stretches of a few seconds."""
    if threading.current_thread() is not threading.main_thread():
        yield  # signals are handled in the main thread, so they cannot strike here
        return
    asked: list[int] = []

    def remember(number: int, _frame: FrameType | None) -> None:
        asked.append(number)

    before = {number: signal.signal(number, remember) for number in ASKING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if asked:
            signal.raise_signal(asked[0])
