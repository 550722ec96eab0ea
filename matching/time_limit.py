"""Limits of time: what is left of them is asked for, since the engine itself has no clock."""

from collections.abc import Callable

TimeLeft = Callable[[], float | None]
"""Seconds left to work in, None if there is no limit."""


def unlimited() -> None:
    """No limit."""


def is_over(time_left: TimeLeft) -> bool:
    """Whether there was a limit and nothing is left of it."""
    left = time_left()
    return left is not None and left <= 0
