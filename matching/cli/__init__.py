"""The command line ``matching``: problems and answers as JSON files, whatever else the application around it does."""

import signal
import sys
from types import FrameType
from typing import NoReturn


def main() -> NoReturn:
    """Run the command that the arguments name and exit as it ended.

    Everything is imported below the handlers, so that Ctrl-C while libraries load is met as well.
    """
    for asked_to_stop in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(asked_to_stop, _interrupt)
    try:
        from matching.cli.endings import guarded

        status = guarded(sys.argv[1:])
    except KeyboardInterrupt:
        print("matching: interrupted", file=sys.stderr)
        status = 1
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # what is done is done; leaving takes a moment
    sys.exit(status)


def _interrupt(_signal: int, _frame: FrameType | None) -> NoReturn:
    """Unwind as Ctrl-C does, so that the solver's process is stopped too."""
    raise KeyboardInterrupt
