"""Which tests reach which lines, and how long each takes: measured once, without any mutant."""

import json
import os
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import coverage
import pytest

from tests.mutation.mutants import Mutant
from tests.mutation.trial import LIBRARIES, in_child, run_tests

STARTUP = Path(__file__).parent / "startup"
TOLD = "told.json"


class WrongCopy(Exception):
    """The tests did not import the package from the copy."""


class Failing(Exception):
    """The tests cannot be run at all; the message is the end of their output."""


@dataclass(frozen=True)
class Reach:
    """Seconds of each test, by its id, the libraries that tests load, and the tests that reach each line of modules.

    Those that fail without any mutant tell nothing about one: they are ``failing``, and take no part. What is executed
    for the ``unseen`` ones is not known: they start programs that get no environment, or run from another place.
    """

    tests: Path
    seconds: Mapping[str, float]
    failing: Sequence[str]
    libraries: Sequence[str]
    unseen: Sequence[str]
    at: Mapping[Path, Mapping[int, frozenset[str]]]

    def reaching(self, mutant: Mutant) -> frozenset[str]:
        """The tests that are known to execute what is changed; all, where that is done on import."""
        if mutant.mutation.at_import:
            return frozenset(self.seconds)
        lines, (first, last) = self.at.get(mutant.path, {}), mutant.mutation.lines
        return frozenset[str]().union(*(lines.get(line, ()) for line in range(first, last + 1)))

    def choose(self, mutant: Mutant, wider: float) -> list[str]:
        """The tests that a mutant has to pass: those of its package's folder, then quick ones of other folders.

        Of its own folder each file that reaches the changed lines runs as a whole, since what a file's tests share is
        charged to the first of them. Of others, those that reach the lines, ``wider`` seconds of them at most. What is
        executed on import may have its effect anywhere: any test may see it, those that reach the module first. Where
        no test is known to reach the lines, those may of which it is not known what they reach.
        """
        of_module = frozenset[str]().union(*self.at.get(mutant.path, {}).values())
        seen = self.reaching(mutant) or frozenset(self.unseen)
        home = str(Path(self.tests, *mutant.package.parts[1:]))
        own_files = {file for test in seen if os.path.dirname(file := _file(test)) == home}
        own = [test for test in self.seconds if _file(test) in own_files]
        others = sorted(seen - set(own), key=lambda test: (test not in of_module, self.seconds[test], test))
        left = wider
        quick: list[str] = []
        for test in others:
            left -= self.seconds[test]
            if left < 0 and (own or quick):
                break
            quick.append(test)
        return self._by_file(own) + self._by_file(quick)

    def _by_file(self, tests: list[str]) -> list[str]:
        """Tests of a file together, as they share what it prepares; the quickest file first."""
        total: dict[str, float] = defaultdict(float)
        for test in tests:
            total[_file(test)] += self.seconds[test]
        order = {test: position for position, test in enumerate(self.seconds)}
        return sorted(tests, key=lambda test: (total[_file(test)], _file(test), order[test]))


def measure(root: Path, package: str, tests: Path, folder: Path, environment: Mapping[str, str]) -> Reach:
    """Run all tests once in the copy ``root``; ``folder`` is for what is written down meanwhile. Raises Failing."""
    output = folder / "output"
    source = str(root / package)
    programs = {
        "MUTATION_REACH": str(folder),
        "MUTATION_SOURCE": source,
        "PYTHONPATH": os.pathsep.join([str(root), str(STARTUP)]),
    }

    def work() -> int:
        plugin = _Measuring(package, folder, source)
        return run_tests(root, tests, [str(tests)], [plugin])

    ended = in_child(root, work, output, {**environment, **programs})
    if ended not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        raise Failing("\n".join(output.read_text(errors="replace").splitlines()[-30:]))
    told = json.loads((folder / TOLD).read_text())
    told["unseen"] = sorted(set(told.pop("starting")) & told["seconds"].keys() - _seen(folder))
    return Reach(tests, **told, at=_lines(root, folder, frozenset(told["seconds"])))


def _seen(folder: Path) -> set[str]:
    """The tests whose programs were measured."""
    return {context for data in _measured(folder, "program.*") for context in data.measured_contexts()}


def _lines(root: Path, folder: Path, tests: frozenset[str]) -> dict[Path, dict[int, frozenset[str]]]:
    """The tests at each line, from what was measured in this process and in the programs that tests started."""
    found: dict[Path, dict[int, frozenset[str]]] = defaultdict(dict)
    for data in [*_measured(folder, "lines"), *_measured(folder, "program.*")]:
        for name in data.measured_files():
            lines = found[Path(name).relative_to(root)]
            for line, contexts in data.contexts_by_lineno(name).items():
                lines[line] = lines.get(line, frozenset()) | tests.intersection(contexts)
    return found


def _measured(folder: Path, files: str) -> Iterator[coverage.CoverageData]:
    for file in sorted(folder.glob(files)):
        data = coverage.CoverageData(str(file))
        data.read()
        yield data


def _file(test: str) -> str:
    return test.partition("::")[0]


class _Measuring:
    """A plugin that times each test and charges it with the lines that it executes."""

    def __init__(self, package: str, folder: Path, source: str) -> None:
        self._package, self._folder, self._source = package, folder, source
        self._seconds: dict[str, float] = defaultdict(float)
        self._failing: set[str] = set()
        self._test = ""
        self._starting: set[str] = set()
        sys.addaudithook(self._notice)
        data_file = str(folder / "lines")
        self._coverage = coverage.Coverage(data_file=data_file, source=[source], config_file=False)

    def _notice(self, event: str, _arguments: object) -> None:
        if event == "subprocess.Popen":
            self._starting.add(self._test)

    def pytest_collection(self) -> None:
        self._coverage.start()

    def pytest_collection_finish(self) -> None:
        loaded = getattr(sys.modules.get(self._package), "__file__", None) or self._source
        if not loaded.startswith(self._source):
            raise WrongCopy(f"{self._package} was imported from {loaded}, not from the copy")

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        self._test = item.nodeid
        self._coverage.switch_context(item.nodeid)
        try:
            return (yield)
        finally:
            self._coverage.switch_context("")

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self._seconds[report.nodeid] += report.duration
        if report.failed:
            self._failing.add(report.nodeid)

    def pytest_sessionfinish(self) -> None:
        self._coverage.stop()
        self._coverage.save()
        libraries = [name for name in LIBRARIES if name in sys.modules]
        seconds = {test: taken for test, taken in self._seconds.items() if test not in self._failing}
        starting = sorted(self._starting)
        told = {"seconds": seconds, "failing": sorted(self._failing), "libraries": libraries, "starting": starting}
        (self._folder / TOLD).write_text(json.dumps(told))
