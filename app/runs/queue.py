"""The queue of runs in PostgreSQL: its tables, and jobs that are deferred in the caller's own transaction."""

import logging
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import psycopg
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import AlreadyEnqueued
from procrastinate.schema import SchemaManager
from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from app.migration import UnusableDatabase
from app.runs.claims import lost
from app.runs.heartbeat import LOST_AFTER_S
from app.runs.models import Run, RunState

log = logging.getLogger("assist1540.runs")

QUEUE = "runs"
TASK = "solve_run"

#: Jobs are deferred on connections of ours, so this application opens none.
_deferring = App(connector=PsycopgConnector())


def queueing_lock(run_id: UUID) -> str:
    """The lock that keeps a run from waiting in the queue twice."""
    return f"run:{run_id}"


def defer(session: Session, run_id: UUID) -> bool:
    """Put a run into the queue when the session's transaction commits; False if it waits there already."""
    return put(session, TASK, queueing_lock(run_id), alone=True, run_id=str(run_id))


def put(session: Session, task: str, queueing_lock: str, *, alone: bool, priority: int = 0, **arguments: Any) -> bool:
    """Put a job into the queue when the session's transaction commits; False if one of this lock waits there already.

    ``alone`` keeps it from being worked on beside another of its lock. Of the jobs that wait, the one of the highest
    priority comes first.
    """
    try:
        with session.begin_nested():
            # Asked for inside: the savepoint is set when its transaction first uses the connection.
            connection = session.connection().connection.driver_connection
            _deferring.configure_task(
                task,
                queue=QUEUE,
                queueing_lock=queueing_lock,
                lock=queueing_lock if alone else None,
                priority=priority,
                connection=connection,
            ).defer(**arguments)
    except AlreadyEnqueued:
        return False
    return True


def defer_orphans(session: Session) -> list[UUID]:
    """Put back into the queue every run that nobody works on and no job waits for. The caller commits.

    Left behind by a worker that was killed, or by a command that was killed before it could begin.
    """
    waits_for_none = text(
        "NOT EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.status = 'todo'"
        " AND job.queueing_lock = 'run:' || runs.id)"
    )
    # Who starts a new run to work on it itself is given a moment to begin. A run begun again gets none, and needs
    # none: whoever claims it first works on it.
    untouched = Run.created_at < func.now() - timedelta(seconds=LOST_AFTER_S)
    orphans = session.scalars(
        select(Run.id).where(or_(lost(), and_(Run.state == RunState.QUEUED, untouched)), waits_for_none)
    )
    return [run_id for run_id in orphans.all() if defer(session, run_id)]


def install(conninfo: str) -> None:
    """Make the queue's tables, or bring those of an older Procrastinate up to date; idempotent.

    The version is kept as a comment on the table of jobs, since Procrastinate itself does not keep it.
    """
    with psycopg.connect(conninfo) as connection:
        connection.execute("SELECT pg_advisory_xact_lock(1540, 2)")
        steps = _steps()
        at = _version(connection)
        if at is None:
            connection.execute(SchemaManager.get_schema().encode())
        elif at > steps[-1].stem:
            raise UnusableDatabase(
                f"the job queue is at {at}, which this version of Procrastinate does not know; use a newer assist1540"
            )
        else:
            for step in steps:
                if step.stem > at:
                    connection.execute(step.read_bytes())
        connection.execute(
            psycopg.sql.SQL("COMMENT ON TABLE procrastinate_jobs IS {}").format(psycopg.sql.Literal(steps[-1].stem))
        )


def _steps() -> Sequence[Path]:
    """Procrastinate's migrations in order; their names begin with the version they belong to."""
    return sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))


def _version(connection: psycopg.Connection[Any]) -> str | None:
    """The newest step that the queue's tables contain; None where there are none."""
    row = connection.execute(
        "SELECT obj_description(to_regclass('procrastinate_jobs')), to_regclass('procrastinate_jobs') IS NULL"
    ).fetchone()
    assert row is not None
    comment, absent = row
    if absent:
        return None
    if comment is None:
        raise UnusableDatabase(
            "the database has a job queue that assist1540 did not make; give it a database of its own"
        )
    return str(comment)
