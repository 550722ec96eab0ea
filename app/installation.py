"""Making a database ready for use: schema, reference data, default strategy, job queue."""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy.engine import Engine

from app.database import session_scope
from app.events.service import Head, seal
from app.migration import newest, upgrade
from app.records import sign
from app.reference.loading import LoadReport, load_reference
from app.runs import queue
from app.strategies.schemas import StrategyRead
from app.strategies.service import ensure_default
from app.visibility import Viewer

#: Told of each step and of the share that is done (0 to 1).
Report = Callable[[str, float | None], None]

#: Under this name the event log keeps what an installation writes.
INSTALLER = Viewer("installation", sees_all=True)


@dataclass(frozen=True)
class Installation:
    """What a database holds after ``install``."""

    revision: str
    reference: LoadReport
    strategy: StrategyRead
    head: Head


def install(engine: Engine, report: Report) -> Installation:
    """Bring the database to this version. Idempotent: what an interruption left undone is done the next time.

    Raises UnusableDatabase where the server is too old or the database is of a newer version, and
    ReferenceDataRefused where its code lists contradict the shipped ones.
    """
    report("migrating the schema", 0.0)
    upgrade(engine)
    report("making the job queue", 0.3)
    queue.install(engine.url.render_as_string(hide_password=False))
    report("loading the reference data", 0.4)
    with session_scope(engine) as session:
        sign(session, INSTALLER)
        reference = load_reference(session)
        strategy = ensure_default(session, INSTALLER)
        session.commit()
    report("sealing the log", 0.9)
    with session_scope(engine) as session:
        head = seal(session)
        session.commit()
    return Installation(newest(), reference, strategy, head)
