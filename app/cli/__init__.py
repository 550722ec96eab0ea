"""The command line ``assist1540``: each command parses, calls a service and prints."""

import signal
import sys
from types import FrameType
from typing import TYPE_CHECKING, NoReturn

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

INTERRUPTED = "assist1540: interrupted; nothing was half-written"
#: Long enough for Python to be out of the destructor, too short to be noticed.
STRIKE_AGAIN_S = 0.01


def main() -> NoReturn:
    """Run the command that the arguments name; exit 0 (done), 1 (failed) or 2 (wrong input).

    Everything is imported below the handlers, so that Ctrl-C while the libraries load is met as well.
    """
    sys.unraisablehook = _insist
    for asked_to_stop in (signal.SIGTERM, signal.SIGHUP, signal.SIGALRM):
        signal.signal(asked_to_stop, _interrupt)
    try:
        from app.cli.errors import guarded

        status = guarded(sys.argv[1:])
    except KeyboardInterrupt:
        status = 1
        print(INTERRUPTED, file=sys.stderr)
    for late in (signal.SIGINT, signal.SIGALRM):
        signal.signal(late, signal.SIG_IGN)  # what is done is done; leaving takes a moment
    # Python remembers an interrupt that struck inside exec() of a text (dataclasses are made so), and would end
    # by that signal instead of with our exit code, unless another exec() has gone well.
    exec("")  # noqa: S102
    sys.exit(status)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Unwind as Ctrl-C does, so that transactions are rolled back and an embedded server is stopped."""
    raise KeyboardInterrupt


def _insist(unraisable: "UnraisableHookArgs") -> None:
    """Ctrl-C that struck inside a destructor, where Python drops it, strikes again right after.

    By a timer, because in here Python would drop it again, and print it.
    """
    if isinstance(unraisable.exc_value, KeyboardInterrupt):
        signal.setitimer(signal.ITIMER_REAL, STRIKE_AGAIN_S)
    else:
        sys.__unraisablehook__(unraisable)
