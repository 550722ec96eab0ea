"""A run as a piece of work: claimed, solved in a child process outside any transaction, its outcome stored.

Worked by ``assist1540 worker`` as a job of the queue, or in the process that started the run. Either way a
claim and a heartbeat keep it to one worker at a time, and a run whose worker was killed is taken over.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol
from uuid import UUID

from procrastinate import App, JobContext, PsycopgConnector
from procrastinate.exceptions import ConnectorException, JobAborted
from procrastinate.jobs import Status
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.exc import OperationalError

from app.database import make_engine, session_scope
from app.interruption import was_interrupted
from app.quarters import Quarter
from app.runs.child import SOLVER, Report, SolveFailed, solve
from app.runs.claims import Claim, Heart, claim, release
from app.runs.heartbeat import BEAT_S, LOST_AFTER_S
from app.runs.models import Run, RunState
from app.runs.outcomes import store_failure, store_result
from app.runs.queue import QUEUE, TASK, defer, defer_orphans
from app.runs.snapshot import frozen, take
from app.visibility import Viewer

log = logging.getLogger("assist1540.runs")

#: Who works on runs. A run is about the whole record, whoever started it.
WORKER = Viewer("worker", sees_all=True)
#: Seconds between two looks for runs whose worker was lost.
ROUND_S = 5.0
#: Seconds that a worker which is asked to stop gives the run it is at.
GRACEFUL_S = 2.0
#: Seconds that the outcome of a run is tried to be stored while the database is away.
PATIENCE_S = 120.0
#: Seconds before a database that is away is tried again.
RETRY_S = 1.0

Stopping = Callable[[], bool]


class Duty(Protocol):
    """Further work of the queue's workers."""

    def register(self, app: App, engine: Engine) -> None:
        """Make the tasks known."""

    def recover(self, engine: Engine) -> None:
        """Queue again what workers that were killed have left; called every few seconds."""


def never() -> bool:
    """For work that nobody asks to stop."""
    return False


def run_in_process(engine: Engine, run_id: UUID, report: Report, *, command: Sequence[str] = SOLVER) -> None:
    """Work on a run here and now; while another process works on it, wait until that has ended or is lost."""
    while True:
        execute(engine, run_id, report=report, command=command)
        with session_scope(engine) as session:
            found = session.execute(select(Run.state, Run.stage, Run.progress).where(Run.id == run_id)).one()
        if found.state not in (RunState.QUEUED, RunState.RUNNING):
            return
        report(found.stage or found.state, found.progress)
        time.sleep(BEAT_S)


def execute(
    engine: Engine,
    run_id: UUID,
    *,
    report: Report,
    stopping: Stopping = never,
    command: Sequence[str] = SOLVER,
) -> None:
    """Work on a run until it has ended, unless there is nothing to do or somebody else is at it.

    When ``stopping`` says that this process must end, the run is given back to the queue.
    """
    with session_scope(engine) as session:
        claimed = claim(session, run_id)
        session.commit()
    if claimed is None:
        return
    log.info("run %s, attempt %s: begun", run_id, claimed.attempt)
    try:
        _work_on(engine, claimed, report, stopping, command)
    except SolveFailed as failed:
        _end_without_result(engine, claimed, failed)
    except KeyboardInterrupt:
        _end_without_result(engine, claimed, SolveFailed("interrupted"))
        raise
    except Exception as error:
        crashed = SolveFailed("crashed", reason=f"{type(error).__name__}: {error}")
        _end_without_result(engine, claimed, SolveFailed("interrupted") if was_interrupted(error) else crashed)
        raise


def _work_on(engine: Engine, claimed: Claim, report: Report, stopping: Stopping, command: Sequence[str]) -> None:
    with Heart(engine, claimed) as heart:

        def tell(stage: str, share: float) -> None:
            heart.report(stage, share)
            report(stage, share)

        def must_stop() -> str | None:
            return "stopping" if stopping() else heart.must_stop()

        tell("snapshot", 0)
        began = time.monotonic()
        with frozen(engine) as session:
            snapshot = take(session, WORKER, Quarter.parse(claimed.quarter), claimed.cut_off, claimed.strategy)
        seconds = {"snapshot": round(time.monotonic() - began, 3)}
        solution = solve(
            snapshot.document, claimed.time_limit_s, report=tell, must_stop=must_stop, command=command, explain=True
        )
        tell("storing", 0.95)

        def store() -> None:
            with session_scope(engine) as session:
                if store_result(session, claimed, snapshot, solution, seconds):
                    session.commit()

        _patiently(store)


def _end_without_result(engine: Engine, claimed: Claim, failed: SolveFailed) -> None:
    log.info("run %s: %s %s", claimed.run_id, failed.code, failed.params)

    def store() -> None:
        with session_scope(engine) as session:
            if failed.code == "stopping":
                release(session, claimed)
                defer(session, claimed.run_id)
            else:
                store_failure(session, claimed, failed)
            session.commit()

    if failed.code != "taken_over":
        _patiently(store)


def _patiently(store: Callable[[], None]) -> None:
    """Call ``store`` until the database, which may be restarting, takes what it writes."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        try:
            return store()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            log.warning("the database is away; the run's outcome is tried again")
            time.sleep(RETRY_S)


def work(url: str, *, once: bool = False, command: Sequence[str] = SOLVER, duties: Sequence[Duty] = ()) -> None:
    """Work off the queue of runs until asked to stop by SIGINT or SIGTERM, or, with ``once``, until it is empty.

    ``duties`` are what the queue holds besides runs.
    """
    engine = make_engine(url)
    try:
        asyncio.run(_work(url, engine, once, command, duties))
    finally:
        engine.dispose()


async def _work(url: str, engine: Engine, once: bool, command: Sequence[str], duties: Sequence[Duty]) -> None:
    asked_to_stop = asyncio.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, asked_to_stop.set)
    while not asked_to_stop.is_set():
        try:
            async with make_app(url, engine, command, duties).open_async() as app:
                await _serve(app, engine, once, asked_to_stop, duties)
        except (ConnectorException, OperationalError) as error:
            log.warning("the database is away (%s); trying again", error)
        if once:
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(asked_to_stop.wait(), RETRY_S)


async def _serve(app: App, engine: Engine, once: bool, asked_to_stop: asyncio.Event, duties: Sequence[Duty]) -> None:
    """Work off the queue until asked to stop, or until the worker ends because the database is away."""
    await recover(app, engine, duties)
    worker = asyncio.create_task(
        app.run_worker_async(
            queues=[QUEUE],
            wait=not once,
            install_signal_handlers=False,
            fetch_job_polling_interval=ROUND_S,
            abort_job_polling_interval=BEAT_S,
            update_heartbeat_interval=BEAT_S,
            stalled_worker_timeout=LOST_AFTER_S,
            shutdown_graceful_timeout=GRACEFUL_S,
        )
    )
    rounds = asyncio.create_task(_recover_for_ever(app, engine, duties))
    stop = asyncio.create_task(asked_to_stop.wait())
    await asyncio.wait((worker, stop), return_when=asyncio.FIRST_COMPLETED)
    for task in (stop, rounds, worker):
        task.cancel()
    with suppress(asyncio.CancelledError):
        await worker


def make_app(url: str, engine: Engine, command: Sequence[str] = SOLVER, duties: Sequence[Duty] = ()) -> App:
    """The queue's application with the task of runs and those of the ``duties``."""
    app = App(connector=PsycopgConnector(conninfo=url, min_size=1, max_size=4))

    @app.task(name=TASK, queue=QUEUE, pass_context=True)
    def solve_run(context: JobContext, run_id: str) -> None:
        execute(
            engine,
            UUID(run_id),
            report=lambda _stage, _share: None,
            stopping=context.should_abort,
            command=command,
        )
        if context.should_abort():
            raise JobAborted

    for duty in duties:
        duty.register(app, engine)
    return app


async def recover(app: App, engine: Engine, duties: Sequence[Duty] = ()) -> None:
    """Close the jobs of workers that were killed, and queue again the runs that they left."""
    for job in await app.job_manager.get_stalled_jobs(queue=QUEUE, seconds_since_heartbeat=LOST_AFTER_S):
        await app.job_manager.finish_job(job, Status.FAILED, delete_job=False)
    for run_id in await asyncio.to_thread(_queue_orphans, engine):
        log.warning("run %s had lost its worker; it is queued again", run_id)
    for duty in duties:
        await asyncio.to_thread(duty.recover, engine)


def _queue_orphans(engine: Engine) -> list[UUID]:
    with session_scope(engine) as session:
        found = defer_orphans(session)
        session.commit()
        return found


async def _recover_for_ever(app: App, engine: Engine, duties: Sequence[Duty]) -> None:
    while True:
        await asyncio.sleep(ROUND_S)
        with suppress(ConnectorException, OperationalError):
            await recover(app, engine, duties)
