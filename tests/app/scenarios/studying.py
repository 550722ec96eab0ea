"""Studies in a few words, worked on here."""

from typing import Any

from sqlalchemy.engine import Engine

from app.database import session_scope
from app.scenarios import results, service
from app.scenarios.jobs import work_here
from app.scenarios.schemas import ScenarioRead, StudyRead, StudyStart
from app.scenarios.service import Started
from app.scenarios.solvers import local_solvers
from app.visibility import LOCAL


def begin(engine: Engine, *, in_queue: bool = False, **given: Any) -> Started:
    """Begin a study; a what-if of RUN-2015-Q1 unless it says otherwise."""
    body = StudyStart.model_validate({"kind": "what_if", "run": "RUN-2015-Q1"} | given)
    with session_scope(engine) as session:
        started = service.start(session, LOCAL, body, time_limit_s=60, in_queue=in_queue)
        session.commit()
    return started


def finish(engine: Engine, started: Started, *command: str) -> StudyRead:
    """Work on a study with one process, to its end; another ``command`` than the usual may do the work."""
    options: dict[str, Any] = {"command": command} if command else {}
    with local_solvers(1, **options) as solvers:
        work_here(engine, started.study_id, solvers, lambda _stage, _share: None)
    return read(engine, started)


def read(engine: Engine, started: Started) -> StudyRead:
    """Where a study stands."""
    with session_scope(engine) as session:
        return service.read(session, LOCAL, started.study.reference)


def scenarios(engine: Engine, started: Started) -> list[ScenarioRead]:
    """The scenarios of a study."""
    query = results.ScenariosQuery.model_validate({"limit": 1000})
    with session_scope(engine) as session:
        return results.scenarios(session, LOCAL, started.study.reference, query)[0]
