"""How a command ends: each kind of failure as sentences on standard error and an exit code."""

import errno
import os
import sys
from collections.abc import Sequence

DONE, FAILED, WRONG, INFEASIBLE, TIME_LIMIT = 0, 1, 2, 3, 4

STATUS = {"optimal": DONE, "infeasible": INFEASIBLE, "time_limit": TIME_LIMIT}
"""Exit code for how a search ended."""

TOLD = 50
"""Faults that are printed one by one."""


class Failed(Exception):
    """The command could not do its work; the message says why and what to do."""


class WrongInput(Exception):
    """What was given cannot be used; the message says why, ``faults`` each thing that is wrong."""

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


def guarded(arguments: Sequence[str]) -> int:
    """Run the command that ``arguments`` name; its exit code. Only a defect of ours shows a traceback."""
    if sys.stdout is None:
        print("matching: standard output is closed; send it to a file, to a pipe or to /dev/null", file=sys.stderr)
        return FAILED
    try:
        from matching.cli.commands import run

        status = run(arguments)
        sys.stdout.flush()
    except WrongInput as wrong:
        _complain(str(wrong), wrong.faults)
        return WRONG
    except Failed as failed:
        _complain(str(failed))
        return FAILED
    except BrokenPipeError:
        _abandon_output()  # whoever read our output has left
        return FAILED
    except OSError as error:
        _abandon_output()
        where = f"{error.filename}: " if error.filename else ""
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        _complain(where + ("the disk is full; free some space and repeat" if full else error.strerror or str(error)))
        return FAILED
    except MemoryError:
        _complain("there is too little memory for this problem")
        return FAILED
    return status


def _complain(message: str, faults: Sequence[str] = ()) -> None:
    print(f"matching: {message}", file=sys.stderr)
    for fault in faults[:TOLD]:
        print(f"  {fault}", file=sys.stderr)
    if len(faults) > TOLD:
        print(f"  … and {len(faults) - TOLD} more", file=sys.stderr)


def _abandon_output() -> None:
    """Send what is still unwritten nowhere: Python would complain once more when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
