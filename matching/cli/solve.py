"""``matching solve``: the parent of the process that solves, which it ends when time is up or somebody says so."""

import argparse
import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, NamedTuple

from matching.cli.endings import STATUS, Failed, WrongInput

SOLVERS = ("lemon", "networkx", "highs", "ortools")

GRACE_S = 0.5
"""Seconds beyond the limit in which the solver may still say what it has found, before it is ended."""

PACKAGE = Path(__file__).parents[2]


def declare(parser: argparse.ArgumentParser) -> None:
    """The arguments of the command."""
    parser.add_argument("problem", help="a problem file (.json or .json.gz), or - for standard input")
    parser.add_argument(
        "--time-limit", type=_seconds, metavar="S", help="answer after so many seconds with the best found"
    )
    parser.add_argument("--solver", choices=SOLVERS, default="lemon", help="what solves flows; all give one result")
    parser.add_argument("--progress", action="store_true", help="tell the stages even if no terminal reads them")


def run(arguments: argparse.Namespace) -> int:
    """Solve, print the answer on standard output, and return the exit code of its status."""
    began = time.monotonic()
    tells = arguments.progress or sys.stderr.isatty()
    with _solver(arguments.problem, arguments.solver, arguments.time_limit) as (process, lines):
        final = _listen(process, lines, began, tells)
    sys.stdout.buffer.write(final.text)
    sys.stdout.buffer.write(b"\n")
    sys.stdout.flush()
    return STATUS[final.status]


class Answer(NamedTuple):
    """An answer as it is to be printed, and the status it tells."""

    text: bytes
    status: str


def _seconds(text: str) -> float:
    seconds = float(text)
    if not (seconds > 0 and math.isfinite(seconds)):
        raise ValueError
    return seconds


_seconds.__name__ = "number of seconds"  # what argparse calls a value that is none


@contextmanager
def _solver(path: str, solver: str, limit: float | None) -> Iterator[tuple[subprocess.Popen[bytes], "Lines"]]:
    """The process that solves, and the lines it says; it never outlives the context, nor this process."""
    task = json.dumps({"path": path, "solver": solver, "time_limit_s": limit})
    held, alive = os.pipe()  # the other end closes when this process ends, however it does
    search = os.pathsep.join(filter(None, (str(PACKAGE), os.environ.get("PYTHONPATH"))))
    with _uninterrupted():  # Ctrl-C is for this process, which then ends the other
        process = subprocess.Popen(  # noqa: S603 - our own program, no shell
            [sys.executable, "-m", "matching.cli.solving", task, str(held)],
            stdin=None if path == "-" else subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            env=os.environ | {"PYTHONPATH": search},
            pass_fds=[held],
        )
    os.close(held)
    assert process.stdout is not None
    try:
        yield process, _lines(process.stdout)
    finally:
        process.kill()
        process.wait()
        os.close(alive)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Blocks Ctrl-C: for the moment here, and for good in a process started meanwhile."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


Lines = queue.SimpleQueue[bytes | None]


def _lines(said: IO[bytes]) -> Lines:
    """What the process says, line by line, None last; an answer is the line after the one that announces it."""
    lines: Lines = queue.SimpleQueue()

    def listen() -> None:
        with suppress(ValueError, OSError):
            for line in said:
                lines.put(line)
        lines.put(None)

    threading.Thread(target=listen, daemon=True).start()
    return lines


def _listen(process: subprocess.Popen[bytes], lines: Lines, began: float, tells: bool) -> Answer:
    """The last answer that is given in time. Raises WrongInput or Failed where there will be none."""
    deadline, answer, stage = math.inf, None, ""
    while True:
        try:
            line = lines.get(timeout=_wait(deadline if answer else math.inf))
        except queue.Empty:
            assert answer is not None
            return answer
        if line is None:
            raise _died(process)
        said = json.loads(line)
        if "limit_s" in said:
            deadline = began + said["limit_s"] + GRACE_S
        elif "stage" in said:
            if tells and said["stage"] != stage:
                stage = said["stage"]
                print(f"matching: {stage}", file=sys.stderr, flush=True)
        elif "faults" in said:
            raise WrongInput(said["refused"], said["faults"])
        elif "failed" in said:
            raise Failed(said["failed"])
        else:
            text = lines.get()
            if text is None:
                raise _died(process)
            answer = Answer(text.rstrip(b"\n"), said["status"])
            if said["final"]:
                return answer


def _wait(deadline: float) -> float | None:
    return None if deadline == math.inf else max(0.0, deadline - time.monotonic())


def _died(process: subprocess.Popen[bytes]) -> Failed:
    status = process.wait()
    if status == -signal.SIGKILL:
        return Failed("the process that solves was killed, most likely for want of memory")
    return Failed(f"the process that solves ended without an answer (status {status})")
