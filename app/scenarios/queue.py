"""Studies in the queue of runs: several jobs for each, that workers take turns at, behind the runs that wait."""

from datetime import timedelta
from uuid import UUID

from sqlalchemy import and_, func, or_, select, text
from sqlalchemy.orm import Session

from app.runs.heartbeat import LOST_AFTER_S
from app.runs.queue import put
from app.scenarios.claims import lost
from app.scenarios.models import Scenario, ScenarioState, Study

TASK = "work_on_study"
#: Workers that may be at one study together.
PLACES = 16
#: Runs come first: somebody waits for them.
PRIORITY = -10


def defer(session: Session, study_id: UUID) -> None:
    """Put jobs for a study into the queue when the session's transaction commits, unless they wait there already.

    Before it is prepared it gets one: all others would have to wait.
    """
    prepared = session.scalar(select(Study.prepared_at).where(Study.id == study_id))
    waiting = select(func.count()).where(Scenario.study_id == study_id, Scenario.state == ScenarioState.QUEUED)
    places = 1 if prepared is None else min(session.scalar(waiting) or 0, PLACES)
    for place in range(places):
        defer_turn(session, study_id, place)


def defer_turn(session: Session, study_id: UUID, place: int) -> None:
    """Put one of the jobs for a study into the queue when the session's transaction commits."""
    lock = f"study:{study_id}:{place}"
    put(session, TASK, lock, alone=False, priority=PRIORITY, study_id=str(study_id), place=place)


def defer_orphans(session: Session) -> list[UUID]:
    """Put back into the queue every study with scenarios that nobody works on and no job waits for.

    The caller commits.
    """
    waits_for_none = text(
        "NOT EXISTS (SELECT FROM procrastinate_jobs AS job WHERE job.status IN ('todo', 'doing')"
        " AND job.queueing_lock LIKE 'study:' || studies.id || ':%')"
    )
    untouched = Study.created_at < func.now() - timedelta(seconds=LOST_AFTER_S)
    unfinished = (
        select(Scenario.number)
        .where(Scenario.study_id == Study.id, or_(Scenario.state == ScenarioState.QUEUED, lost()))
        .exists()
    )
    orphans = session.scalars(select(Study.id).where(and_(Study.in_queue, untouched, unfinished), waits_for_none))
    found = list(orphans.all())
    for study_id in found:
        defer(session, study_id)
    return found
