"""Tests on a copy of a checkout, in a forked process that has the libraries loaded already.

A fork saves each mutant the seconds in which NumPy, SciPy and the test tools are imported. Of the project itself
nothing is loaded before, so that the child imports what is in the copy.
"""

import importlib
import math
import os
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, settings

#: What takes long to import and knows nothing of the project.
LIBRARIES = ("networkx", "numpy", "ortools.graph.python.min_cost_flow", "pydantic", "pylmcf", "scipy.optimize",
             "scipy.sparse.csgraph")  # fmt: skip
#: Bytes of address space: a mutant that takes more fails for it, and not the machine.
MOST_MEMORY = 8 << 30
#: How a child ends in which something other than a test failed.
BROKEN = 70


def prepare() -> None:
    """Settings of this process that its children get: arithmetic in one thread, and the same draws for each mutant."""
    os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    settings.register_profile(
        "mutation",
        database=None,
        deadline=None,
        derandomize=True,
        phases=(Phase.explicit, Phase.generate),  # what fails need not be made smaller
        suppress_health_check=list(HealthCheck),
    )
    settings.load_profile("mutation")


def load(libraries: Iterable[str]) -> None:
    """Import libraries, for all children to come."""
    for name in libraries:
        importlib.import_module(name)


def in_child(root: Path, work: Callable[[], int], output: Path, environment: Mapping[str, str]) -> int:
    """Do ``work`` in a forked process of which ``root`` is the checkout; all that it starts ends with it.

    Returns its exit code, or minus the signal that ended it. ``output`` gets what it prints.
    """
    pid = os.fork()
    if pid == 0:
        status = BROKEN
        try:
            _settle(root, output, environment)
            status = work()
        except BaseException:
            traceback.print_exc()
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)
    with suppress(PermissionError, ProcessLookupError):  # the child may have come first
        os.setpgid(pid, pid)
    ended = None
    try:
        ended = os.waitpid(pid, 0)[1]
    finally:
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        if ended is None:
            os.waitpid(pid, 0)
    return os.waitstatus_to_exitcode(ended)


def _settle(root: Path, output: Path, environment: Mapping[str, str]) -> None:
    """Make this process one of the copy's: its folder, its modules, its output, the usual signals."""
    os.setpgid(0, 0)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    resource.setrlimit(resource.RLIMIT_AS, (MOST_MEMORY, MOST_MEMORY))
    written = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.dup2(written, 1)
    os.dup2(written, 2)
    os.chdir(root)
    os.environ.update(environment)
    sys.path.insert(0, str(root))
    project = {path.stem for path in root.iterdir()}
    for name in list(sys.modules):
        if name.partition(".")[0] in project:
            del sys.modules[name]


def run_tests(root: Path, tests: Path, files: Iterable[str], plugins: Sequence[object]) -> int:
    """pytest's exit code for ``files`` below ``tests``, whose own conftest.py counts and not those above it."""
    arguments = [
        "-q",
        "-p",
        "no:cacheprovider",
        "--import-mode=importlib",
        "--tb=short",
        "--no-header",
        "--disable-warnings",
    ]
    scratch = root.with_suffix(".scratch")  # which pytest empties each time
    places = [f"--rootdir={root}", f"--confcutdir={root / tests}", f"--basetemp={scratch}"]
    return int(pytest.main([*arguments, *places, *files], plugins=plugins))


class Chosen:
    """A plugin that runs these tests in this order, each within its limit of seconds: SIGALRM ends the process."""

    def __init__(self, tests: Sequence[str], seconds: Mapping[str, float], patience: float) -> None:
        self._position = {test: position for position, test in enumerate(tests)}
        self._seconds, self._patience = seconds, patience

    @property
    def files(self) -> list[str]:
        """The files that hold them."""
        return list(dict.fromkeys(test.partition("::")[0] for test in self._position))

    @pytest.hookimpl(trylast=True)
    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave out what was not chosen. What was may be gone, where the package itself says what is tested."""
        chosen = [item for item in items if item.nodeid in self._position]
        items[:] = sorted(chosen, key=lambda item: self._position[item.nodeid])

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Set the alarm for one test: ten times what it took, and some seconds for a machine that is busy."""
        signal.alarm(math.ceil(self._patience + 10 * self._seconds[item.nodeid]))
        try:
            return (yield)
        finally:
            signal.alarm(0)
