"""Who solves a scenario: a process on this machine, or a Dask cluster. Both can be stopped at any time without loss."""

import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any, Protocol

from app.runs.child import LOOK_S, Child, Report, Solution, SolveFailed

#: Command of the child process.
WORKER = (sys.executable, "-m", "app.scenarios.working")
#: How often the cluster does a scenario again whose worker it has lost.
RETRIES = 3
#: Seconds that the cluster's scheduler is waited for.
CONNECT_S = 10

MustStop = Callable[[], str | None]


class Solver(Protocol):
    """Works on one scenario after another, each a task as `app.scenarios.working` reads it."""

    def solve(self, task: Mapping[str, Any], time_limit_s: float, report: Report, must_stop: MustStop) -> Solution:
        """What the task comes to; raises SolveFailed."""


class LocalSolver:
    """A child process, kept for the next scenario; one that was stopped or has died is replaced."""

    def __init__(self, command: Sequence[str] = WORKER) -> None:
        self._command = command
        self._child: Child | None = None

    def solve(self, task: Mapping[str, Any], time_limit_s: float, report: Report, must_stop: MustStop) -> Solution:
        """What the task comes to; raises SolveFailed."""
        if self._child is None:
            self._child = Child(self._command)
        try:
            return self._child.work(task, time_limit_s, report=report, must_stop=must_stop)
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """End the child process."""
        if self._child is not None:
            self._child.end()
            self._child = None


@contextmanager
def local_solvers(n: int, command: Sequence[str] = WORKER) -> Iterator[list[Solver]]:
    """``n`` processes on this machine, each started when it gets its first scenario."""
    with ExitStack() as closing:
        solvers = [LocalSolver(command) for _ in range(n)]
        for solver in solvers:
            closing.callback(solver.close)
        yield list(solvers)


class NoCluster(Exception):
    """The Dask cluster cannot be used; the message says why."""


class ClusterSolver:
    """Hands scenarios to a Dask cluster, which does those of a lost worker again on another one."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def solve(self, task: Mapping[str, Any], time_limit_s: float, report: Report, must_stop: MustStop) -> Solution:
        """What the task comes to; raises SolveFailed."""
        deadline = time.monotonic() + time_limit_s
        future = self._client.submit(on_cluster, dict(task), time_limit_s, retries=RETRIES, pure=False)
        try:
            while not future.done():
                if (code := must_stop()) is not None:
                    raise SolveFailed(code)
                if time.monotonic() > deadline:
                    raise SolveFailed("time_limit", seconds=time_limit_s)
                time.sleep(LOOK_S)
            try:
                answer = future.result()
            except Exception as error:
                raise SolveFailed("solver_failed", reason=f"{type(error).__name__}: {error}") from error
        finally:
            future.cancel()
        if isinstance(answer, Solution):
            return answer
        raise SolveFailed(answer["code"], **answer["params"])


def on_cluster(task: dict[str, Any], time_limit_s: float) -> Solution | dict[str, Any]:
    """On a worker of the cluster: what a task comes to, or why it came to nothing.

    In a process of its own there too, so that a solver which crashes takes no worker with it.
    """
    with Child(WORKER) as child:
        try:
            return child.work(task, time_limit_s, report=lambda _stage, _share: None)
        except SolveFailed as failed:
            return failed.document


@contextmanager
def cluster_solvers(address: str) -> Iterator[list[Solver]]:
    """One solver for each thread of the cluster whose scheduler is at ``address``; raises NoCluster."""
    try:
        from distributed import Client
    except ImportError:
        raise NoCluster("DASK_SCHEDULER is set, and Dask is not installed: pip install 'assist1540[dask]'") from None
    try:
        client: Any = Client(address, timeout=CONNECT_S)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise NoCluster(f"the Dask scheduler at {address} does not answer: {error}") from error
    with client:
        n = sum(client.nthreads().values())
        if not n:
            raise NoCluster(f"the Dask scheduler at {address} has no workers")
        yield [ClusterSolver(client) for _ in range(n)]
