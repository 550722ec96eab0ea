"""Workers as processes: killed, stopped, cut off from the database; each run ends, and only once."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy import func, select, update
from sqlalchemy.engine import Engine, make_url

from app.database import session_scope
from app.runs import service
from app.runs.jobs import run_in_process, work
from app.runs.models import Run, RunDocument
from app.runs.schemas import RunStart
from app.visibility import LOCAL
from tests.commands import COMMAND, environment

pytestmark = pytest.mark.once


@contextmanager
def running(*command: str, url: str) -> Iterator[subprocess.Popen[str]]:
    """A worker as a process of its own."""
    process = subprocess.Popen(
        command,
        env=environment(url) | {"PLANTED_SLOW_S": "600"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


SLOW_WORKER = (sys.executable, "-m", "tests.app.runs.slow_worker")


def queue(engine: Engine) -> None:
    with session_scope(engine) as session:
        service.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=120)
        session.commit()


def state(engine: Engine) -> tuple[str, str | None, int]:
    with session_scope(engine) as session:
        return tuple(session.execute(select(Run.state, Run.stage, Run.attempts)).one())  # type: ignore[return-value]


def until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.1)


def children(pid: int) -> list[int]:
    """Processes that a process has started and that still live."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = entry.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(entry.parent.name))
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_the_run_of_a_killed_worker_is_done_once_by_the_next_one(engine: Engine, recorded_url: str) -> None:
    queue(engine)
    with running(*SLOW_WORKER, recorded_url, url=recorded_url) as worker:
        until(lambda: state(engine)[:2] == ("running", "reading"))
        solvers = children(worker.pid)
        worker.send_signal(signal.SIGKILL)
        worker.wait()
    assert solvers
    until(lambda: not any(alive(pid) for pid in solvers), 10)
    with running(*COMMAND, "worker", url=recorded_url) as worker:
        until(lambda: state(engine)[0] == "done")
        assert state(engine)[2] == 2
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(20) == 0
    with session_scope(engine) as session:
        assert session.scalar(select(func.count()).select_from(RunDocument)) == 4
    with psycopg.connect(recorded_url) as connection:
        jobs = connection.execute("SELECT status::text, count(*) FROM procrastinate_jobs GROUP BY 1 ORDER BY 1")
        assert jobs.fetchall() == [("failed", 1), ("succeeded", 1)]


def test_a_worker_that_is_asked_to_stop_gives_its_run_back(engine: Engine, recorded_url: str) -> None:
    queue(engine)
    with running(*SLOW_WORKER, recorded_url, url=recorded_url) as worker:
        until(lambda: state(engine)[:2] == ("running", "reading"))
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
    assert state(engine) == ("queued", None, 0)
    work(recorded_url, once=True)
    assert state(engine) == ("done", None, 1)


@contextmanager
def outage(server_url: str, url: str) -> Iterator[None]:
    """The database ends all connections and takes no new ones."""
    name = sql.Identifier(str(make_url(url).database))
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS false").format(name))
        connection.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [make_url(url).database]
        )
        try:
            yield
        finally:
            connection.execute(sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS true").format(name))


def test_a_run_survives_a_database_that_goes_away_and_comes_back(
    engine: Engine, recorded_url: str, server_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(os.environ, "PLANTED_SLOW_S", "1.5")
    with session_scope(engine) as session:
        started = service.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=120, queue=False)
        session.commit()
    slow = (sys.executable, "-m", "tests.app.runs.planted", "slow")
    solving = threading.Event()
    stored = threading.Event()

    def report(stage: str, _share: float) -> None:
        if stage == "reading":
            solving.set()
        if stage == "storing":
            stored.set()

    worker = threading.Thread(target=run_in_process, args=(engine, started.run_id, report), kwargs={"command": slow})
    worker.start()
    assert solving.wait(30)
    with outage(server_url, recorded_url):
        assert stored.wait(30)
        time.sleep(1.5)
    worker.join(30)
    assert state(engine) == ("done", None, 1)


def test_a_worker_waits_for_a_database_that_is_away(engine: Engine, recorded_url: str, server_url: str) -> None:
    with running(*COMMAND, "worker", url=recorded_url) as worker:
        until(lambda: workers(recorded_url) == 1)
        engine.dispose()
        with outage(server_url, recorded_url):
            time.sleep(3)
            assert worker.poll() is None
        queue(engine)
        until(lambda: state(engine)[0] == "done")


def workers(url: str) -> int:
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM procrastinate_workers").fetchone()
        assert row is not None
        return int(row[0])


def test_a_run_that_nobody_works_on_is_taken_up_by_a_worker(engine: Engine, recorded_url: str) -> None:
    with session_scope(engine) as session:
        service.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=120, queue=False)
        session.execute(update(Run).values(created_at=func.now() - func.make_interval(0, 0, 0, 0, 0, 1)))
        session.commit()
    work(recorded_url, once=True)
    assert state(engine)[0] == "done"
