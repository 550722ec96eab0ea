"""Scenarios on a Dask cluster of this machine: the same results, and a worker that is killed costs none."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from distributed import LocalCluster
from sqlalchemy.engine import Engine

from app.runs.child import SolveFailed
from app.scenarios.jobs import work_here
from app.scenarios.solvers import NoCluster, cluster_solvers
from tests.app.scenarios.studying import begin, read, scenarios

pytestmark = pytest.mark.once


@pytest.fixture(scope="module")
def cluster() -> Iterator[Any]:
    """Two workers of one thread each, replaced when they are killed."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster:  # type: ignore[no-untyped-call]
        yield cluster


def test_a_killed_worker_of_the_cluster_costs_no_result(cluster: Any, engine: Engine) -> None:
    started = begin(engine, grid={"urgency.waiting.per_quarter.value": ["0", "1", "2"]})

    def kill() -> None:
        while not read(engine, started).scenarios.running:
            time.sleep(0.05)
        os.kill(cluster.workers[0].pid, signal.SIGKILL)

    killer = threading.Thread(target=kill)
    with cluster_solvers(cluster.scheduler_address) as solvers:
        assert len(solvers) == 2
        killer.start()
        work_here(engine, started.study_id, solvers, lambda _stage, _share: None)
    killer.join()
    assert read(engine, started).state == "done"
    base, *others = (scenario.figures for scenario in scenarios(engine, started))
    assert base is not None and others[-1] is not None
    assert others[-1].result_hash == base.result_hash, "the last value is the one that was run"


def test_a_scenario_on_the_cluster_ends_at_its_time_limit_and_when_it_is_cancelled(cluster: Any) -> None:
    task: dict[str, Any] = {"document": {}, "weight": None}
    with cluster_solvers(cluster.scheduler_address) as solvers:
        with pytest.raises(SolveFailed, match="time_limit"):
            solvers[0].solve(task, 0, lambda _stage, _share: None, lambda: None)
        with pytest.raises(SolveFailed, match="scenario_cancelled"):
            solvers[0].solve(task, 60, lambda _stage, _share: None, lambda: "scenario_cancelled")
        with pytest.raises(SolveFailed, match="problem_refused"):
            solvers[0].solve(task, 60, lambda _stage, _share: None, lambda: None)


def test_a_scheduler_that_does_not_answer_is_named() -> None:
    with pytest.raises(NoCluster, match="nonsense"), cluster_solvers("nonsense"):
        pass
