"""Mutants tried one after another, by as many processes as are asked for, each in a copy of its own."""

import multiprocessing
import os
import signal
import sys
import tempfile
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from pathlib import Path
from types import FrameType

import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.reach import Reach
from tests.mutation.trial import Chosen, in_child, run_tests
from tests.mutation.workshop import Workshop


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMED_OUT = "timed out"
    SURVIVED = "survived"
    UNREACHED = "unreached"

    @property
    def is_noticed(self) -> bool:
        """Whether a test fails, or does not end, with the mutant."""
        return self in (Verdict.KILLED, Verdict.TIMED_OUT)


class Broken(Exception):
    """Something other than a test failed; the message is the end of the output."""


@dataclass(frozen=True)
class Judge:
    """What a mutant is tried with.

    ``wider`` are the seconds of tests from other folders than its own, ``patience`` those that a test may take beyond
    ten times what it took without a mutant.
    """

    workshop: Workshop
    reach: Reach
    wider: float
    patience: float
    environment: Mapping[str, str]

    def judge(self, mutant: Mutant) -> Verdict:
        """Try one mutant. Raises Broken."""
        chosen = Chosen(self.reach.choose(mutant, self.wider), self.reach.seconds, self.patience)
        if not chosen.files:
            return Verdict.UNREACHED
        output, root = self.workshop.root.with_suffix(".output"), self.workshop.root

        def work() -> int:
            sys.dont_write_bytecode = True
            return run_tests(root, self.reach.tests, ["-x", *chosen.files], [chosen])

        programs = {"PYTHONPATH": str(root), "PYTHONDONTWRITEBYTECODE": "1"}
        with self.workshop.holding(mutant):
            status = in_child(root, work, output, {**self.environment, **programs})
        if status in (pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED):
            return Verdict.SURVIVED if self.reach.reaching(mutant) else Verdict.UNREACHED
        if status == -signal.SIGALRM:
            return Verdict.TIMED_OUT
        # A mutant may fail as it is imported or shake the test tool itself, and may be ended by the system.
        failures = (pytest.ExitCode.TESTS_FAILED, pytest.ExitCode.INTERRUPTED, pytest.ExitCode.INTERNAL_ERROR)
        if status < 0 or status in failures:
            return Verdict.KILLED
        raise Broken("\n".join(output.read_text(errors="replace").splitlines()[-30:]))


_mine: Judge
"""The judge of this process."""


def judged(judge: Judge, mutants: Sequence[Mutant], processes: int) -> Generator[tuple[Mutant, Verdict], None, None]:
    """The verdict on each mutant, as it is found. Closing it ends what is being tried."""
    with tempfile.TemporaryDirectory(prefix="mutation-") as folder:
        pool = multiprocessing.get_context("fork").Pool(processes, _prepare, (judge, Path(folder)))
        with pool:
            yield from pool.imap_unordered(_judge, mutants)
        pool.join()


def _prepare(judge: Judge, folder: Path) -> None:
    """Make a copy for this process, which ends in order when it is told to: with it the tests that it runs."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the first process hears it too, and ends the others
    signal.signal(signal.SIGTERM, _end)
    global _mine
    copy = judge.workshop.another(folder / str(os.getpid()) / "checkout")
    _mine = replace(judge, workshop=copy)


def _end(number: int, frame: FrameType | None) -> None:
    sys.exit(128 + number)


def _judge(mutant: Mutant) -> tuple[Mutant, Verdict]:
    return mutant, _mine.judge(mutant)
