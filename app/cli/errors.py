"""How a command ends: each kind of failure as one sentence on standard error and an exit code."""

import errno
import logging
import os
import sys
from collections.abc import Iterator, Sequence

import typer

from app.cli import INTERRUPTED
from app.interruption import was_interrupted

DONE, FAILED, WRONG = 0, 1, 2


class Failed(Exception):
    """The command could not do its work; the message says why and what to do. Exit code 1."""


class WrongInput(Exception):
    """What was given cannot be used; the message says why, ``faults`` each thing that is wrong. Exit code 2."""

    def __init__(self, message: str, faults: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.faults = tuple(faults)


def guarded(arguments: list[str]) -> int:
    """Run the command that ``arguments`` name and return its exit code; only a defect of ours shows a traceback."""
    if sys.stdout is None:  # what is opened first would take its place, and be written into
        print("assist1540: standard output is closed; send it to a file, to a pipe or to /dev/null", file=sys.stderr)
        return FAILED
    # What psycopg notes of a lost connection is told in one sentence by the error that follows.
    logging.getLogger("psycopg").setLevel(logging.ERROR)
    # Ctrl-C that strikes while a connection is closed ends the command as always, and is no news of the pool's.
    logging.getLogger("sqlalchemy.pool").setLevel(logging.CRITICAL)
    try:
        status = _run(arguments)
        sys.stdout.flush()
    except KeyboardInterrupt:
        print(INTERRUPTED, file=sys.stderr)
        return FAILED
    except BrokenPipeError:
        # Whoever read our output has left. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return FAILED
    except Exception as error:
        if was_interrupted(error):
            print(INTERRUPTED, file=sys.stderr)
            return FAILED
        ending = _ending(error)
        if ending is None:
            raise
        status, lines = ending
        for line in lines:
            print(line, file=sys.stderr)
    return status


def _run(arguments: list[str]) -> int:
    from app.cli.commands import root

    try:
        with root.make_context("assist1540", arguments or ["--help"]) as context:
            root.invoke(context)
    except typer.Exit as ended:
        return ended.exit_code
    return DONE


def _ending(error: Exception) -> tuple[int, list[str]] | None:
    """Exit code and lines for an error that is foreseen; None for one that is not."""
    if isinstance(error, typer.TyperException):
        return error.exit_code, [f"assist1540: {_sentence(error.format_message())} (--help shows what is possible)"]
    if isinstance(error, WrongInput):
        return WRONG, [f"assist1540: {error}", *(f"  {fault}" for fault in error.faults)]
    if isinstance(error, Failed):
        return FAILED, [f"assist1540: {error}"]
    if isinstance(error, OSError):
        return _system(error)
    return _of_the_application(error)


def _system(error: OSError) -> tuple[int, list[str]]:
    where = f"{error.filename}: " if error.filename else ""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return FAILED, [f"assist1540: {where}the disk is full; nothing was half-written. Free some space and repeat"]
    return FAILED, [f"assist1540: {where}{error.strerror or error}"]


def _of_the_application(error: Exception) -> tuple[int, list[str]] | None:
    """Errors whose classes are costly to import: by the time they are raised, their modules are there."""
    from app.settings import InvalidSettings

    if isinstance(error, InvalidSettings):
        return WRONG, [f"assist1540: {error}"]
    from app.migration import UnusableDatabase
    from app.postgres import PostgresFailed

    if isinstance(error, UnusableDatabase | PostgresFailed):
        return FAILED, [f"assist1540: {error}"]
    from app.problems import Problem

    if isinstance(error, Problem):
        return (FAILED if error.status >= 500 else WRONG), [f"assist1540: {error}", *_faults(error)]
    return _of_the_database(error)


def _faults(problem: Exception) -> Iterator[str]:
    for fault in getattr(problem, "errors", ()):
        place = getattr(fault, "pointer", None) or getattr(fault, "parameter", "")
        yield f"  {place}: {fault.detail} ({fault.code})"


def _of_the_database(error: Exception) -> tuple[int, list[str]] | None:
    """One sentence of the server's or the driver's; it never holds the password, as the address would."""
    import psycopg
    from sqlalchemy.exc import DBAPIError

    cause: BaseException | None = error.orig if isinstance(error, DBAPIError) else error
    if not isinstance(cause, psycopg.Error):
        return None
    reason = _sentence(str(cause).strip().splitlines()[0] if str(cause).strip() else type(cause).__name__)
    # A quota or a limit on the size of files is told by the message alone.
    if isinstance(cause, psycopg.errors.DiskFull) or "could not extend file" in reason:
        return FAILED, [f"assist1540: the disk of the database is full ({reason}); nothing was half-written"]
    if isinstance(cause, psycopg.errors.UndefinedTable | psycopg.errors.UndefinedColumn):
        return FAILED, ["assist1540: the database is not set up for this version; run `assist1540 init`"]
    refusals = (psycopg.OperationalError, psycopg.errors.InsufficientPrivilege, psycopg.errors.ReadOnlySqlTransaction)
    if isinstance(cause, refusals):
        return FAILED, [f"assist1540: the database does not answer as it should: {reason}"]
    return None


def _sentence(message: str) -> str:
    return message.strip().rstrip(".")
