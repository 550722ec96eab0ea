"""Scenarios as work: solved outside any transaction, each outcome stored at once, whoever is stopped or killed when.

Worked on by the command that started the study, by several processes at once, or in turns by the workers of the queue.
"""

import gzip
import json
import logging
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from procrastinate import App, JobContext
from procrastinate.exceptions import JobAborted
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine

from app.database import session_scope
from app.runs.child import Solution, SolveFailed
from app.runs.heartbeat import BEAT_S, MOST_ATTEMPTS
from app.runs.queue import QUEUE
from app.scenarios.claims import Claim, Pulse, claim, put_back, release
from app.scenarios.figures import outcome
from app.scenarios.models import Scenario, ScenarioState, StudyProblem
from app.scenarios.preparing import prepare
from app.scenarios.queue import TASK, defer, defer_orphans, defer_turn
from app.scenarios.service import UNDER_WAY
from app.scenarios.solvers import LocalSolver, Solver

log = logging.getLogger("assist1540.scenarios")

#: Seconds after which a worker of the queue looks whether a run waits, before it goes on with a study.
TURN_S = 10.0
#: Seconds between two looks at how far a study is.
LOOK_S = 0.2

#: Told what is done, and the share of all that has been.
Report = Callable[[str, float], None]


def work_here(engine: Engine, study_id: UUID, solvers: Sequence[Solver], report: Report) -> None:
    """Work on a study here and now with all ``solvers`` at once, until every scenario has ended.

    Interrupted, it gives back what it is at; what is done is kept. Scenarios that other processes are at are waited
    for, and done here if those are lost.
    """
    prepare(engine, study_id, lambda n, of: report(f"snapshot {n + 1} of {of}", 0))
    asked_to_stop = threading.Event()
    crashes: list[BaseException] = []

    def serve(solver: Solver) -> None:
        try:
            while not asked_to_stop.is_set() and work_on_next(
                engine, study_id, solver, pulse, stopping=asked_to_stop.is_set
            ):
                pass
        except Exception as error:
            crashes.append(error)
            asked_to_stop.set()

    with Pulse(engine) as pulse:
        while True:
            threads = [threading.Thread(target=serve, args=(solver,)) for solver in solvers]
            for thread in threads:
                thread.start()
            try:
                while any(thread.is_alive() for thread in threads):
                    _tell(engine, study_id, report)
                    time.sleep(LOOK_S)
            except BaseException:
                asked_to_stop.set()
                raise
            finally:
                for thread in threads:
                    thread.join()
            if crashes:
                raise crashes[0]
            if not _tell(engine, study_id, report):
                return
            time.sleep(BEAT_S)


def _tell(engine: Engine, study_id: UUID, report: Report) -> bool:
    """Report how far a study is; whether anything is still to do."""
    with session_scope(engine) as session:
        ended = func.count().filter(Scenario.state.not_in(UNDER_WAY))
        n_ended, n = session.execute(select(ended, func.count()).where(Scenario.study_id == study_id)).one()
    report(f"{n_ended} of {n} scenarios", n_ended / n)
    return bool(n_ended < n)


def work_on_next(engine: Engine, study_id: UUID, solver: Solver, pulse: Pulse, stopping: Callable[[], bool]) -> bool:
    """Work on the next scenario of a study; False where none waits."""
    with session_scope(engine) as session:
        claimed = claim(session, study_id)
        session.commit()
    if claimed is None:
        return False
    cancelled = pulse.begin(claimed)
    try:
        _work_on(engine, claimed, solver, lambda: "stopping" if stopping() else cancelled())
    finally:
        pulse.end(claimed)
    return True


def _work_on(engine: Engine, claimed: Claim, solver: Solver, must_stop: Callable[[], str | None]) -> None:
    problem = _problem(engine, claimed)
    task = {"document": {**problem, "strategy": claimed.strategy}, "weight": claimed.weight}
    try:
        solution = solver.solve(task, claimed.time_limit_s, lambda _stage, _share: None, must_stop)
    except SolveFailed as failed:
        _end_without_result(engine, claimed, failed)
    except Exception as error:
        _end_without_result(engine, claimed, SolveFailed("scenario_crashed", reason=f"{type(error).__name__}: {error}"))
        raise
    else:
        _store(engine, claimed, problem, solution)


def _problem(engine: Engine, claimed: Claim) -> dict[str, Any]:
    with session_scope(engine) as session:
        content = session.scalar(
            select(StudyProblem.content).where(
                StudyProblem.study_id == claimed.study_id, StudyProblem.sha256 == claimed.problem_sha256
            )
        )
    assert content is not None
    problem: dict[str, Any] = json.loads(gzip.decompress(content))
    return problem


def _store(engine: Engine, claimed: Claim, problem: dict[str, Any], solution: Solution) -> None:
    found = {"leeway": solution.result} if claimed.weight is not None else outcome(problem, solution.result)
    with session_scope(engine) as session:
        session.execute(
            update(Scenario)
            .where(claimed.holds())
            .values(state=ScenarioState.DONE, outcome=found, failure=None, finished_at=func.clock_timestamp())
        )
        session.commit()


def _end_without_result(engine: Engine, claimed: Claim, failed: SolveFailed) -> None:
    log.info("scenario %s of study %s: %s %s", claimed.number, claimed.study_id, failed.code, failed.params)
    if failed.code == "taken_over":
        return
    with session_scope(engine) as session:
        if failed.code == "stopping":
            release(session, claimed)
        elif failed.code == "solver_died" and claimed.attempt < MOST_ATTEMPTS:
            put_back(session, claimed)  # whatever killed it may have meant somebody else
        else:
            cancelled = failed.code == "scenario_cancelled"
            session.execute(
                update(Scenario)
                .where(claimed.holds())
                .values(
                    state=ScenarioState.CANCELLED if cancelled else ScenarioState.FAILED,
                    failure=failed.document,
                    finished_at=func.clock_timestamp(),
                )
            )
        session.commit()


class Studies:
    """Studies as a duty of the queue's workers: each takes turns, so that a run that waits comes in between."""

    def __init__(self, turn_s: float = TURN_S) -> None:
        self._turn_s = turn_s

    def register(self, app: App, engine: Engine) -> None:
        """Make the task known."""

        @app.task(name=TASK, queue=QUEUE, pass_context=True)
        def work_on_study(context: JobContext, study_id: str, place: int) -> None:
            self.take_turn(engine, UUID(study_id), place, context.should_abort)
            if context.should_abort():
                raise JobAborted

    def take_turn(self, engine: Engine, study_id: UUID, place: int, stopping: Callable[[], bool]) -> None:
        """Prepare a study, or work on its scenarios for a while; queue the next turn where more is to do."""
        deadline = time.monotonic() + self._turn_s
        solver = LocalSolver()
        try:
            if prepare(engine, study_id, lambda _n, _of: None):
                with session_scope(engine) as session:
                    defer(session, study_id)  # now there is work for others too
                    session.commit()
            with Pulse(engine) as pulse:
                while work_on_next(engine, study_id, solver, pulse, stopping):
                    if stopping() or time.monotonic() > deadline:
                        with session_scope(engine) as session:
                            defer_turn(session, study_id, place)
                            session.commit()
                        return
        finally:
            solver.close()

    def recover(self, engine: Engine) -> None:
        """Queue again the studies that workers which were killed have left."""
        with session_scope(engine) as session:
            for study_id in defer_orphans(session):
                log.warning("study %s had lost its workers; it is queued again", study_id)
            session.commit()
