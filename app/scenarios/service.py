"""Starting, reading, cancelling and resuming studies."""

import gzip
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, insert, select, update
from sqlalchemy.orm import Session

from app.content import canonical
from app.identifiers import uuid7
from app.paging import Page, PageQuery, page
from app.problems import Conflict, NotFound, suggest
from app.records import take_references
from app.scenarios.models import Scenario, ScenarioState, Study, StudyKind, StudyProblem
from app.scenarios.plans import Plan, plan
from app.scenarios.queue import defer
from app.scenarios.schemas import Counts, StudyRead, StudyStart
from app.visibility import Viewer, visible

#: States from which a scenario goes on by itself.
UNDER_WAY = (ScenarioState.QUEUED, ScenarioState.RUNNING)
#: States without a result, from which a scenario can be done again.
WITHOUT_RESULT = (ScenarioState.FAILED, ScenarioState.CANCELLED)


@dataclass(frozen=True)
class Started:
    """A study that has begun."""

    study_id: UUID
    study: StudyRead


def start(session: Session, viewer: Viewer, body: StudyStart, *, time_limit_s: int, in_queue: bool = True) -> Started:
    """Store a study with its scenarios; the caller commits.

    ``time_limit_s`` is the limit of each scenario where the body sets none. With ``in_queue`` workers do the work,
    otherwise the caller does. Raises what `plan` raises.
    """
    made = plan(session, viewer, body)
    [reference] = take_references(session, Study.__table__.c.reference, "STUDY", [body.reference])
    study = Study(
        id=uuid7(),
        reference=reference,
        kind=StudyKind(body.kind),
        asked=body.model_dump(mode="json", exclude_defaults=True),
        run=made.run,
        time_limit_s=body.time_limit_s or time_limit_s,
        in_queue=in_queue,
        prepared_at=func.now() if all(planned.problem for planned in made.scenarios) else None,
    )
    session.add(study)
    session.flush()
    _store(session, study.id, made)
    if in_queue:
        defer(session, study.id)
    return Started(study.id, read(session, viewer, reference))


def stored_problem(study_id: UUID, problem: Mapping[str, Any]) -> dict[str, Any]:
    """A row of study_problems: a problem document without its strategy, which scenarios do not share."""
    content = canonical({name: part for name, part in problem.items() if name != "strategy"})
    return {
        "study_id": study_id,
        "sha256": sha256(content).hexdigest(),
        "content": gzip.compress(content, mtime=0),
    }


def _store(session: Session, study_id: UUID, made: Plan) -> None:
    #: Scenarios share one document in memory, so that it is written once.
    problems = {id(planned.problem): planned.problem for planned in made.scenarios if planned.problem}
    rows = {key: stored_problem(study_id, problem) for key, problem in problems.items()}
    if rows:
        session.execute(insert(StudyProblem), list({row["sha256"]: row for row in rows.values()}.values()))
    session.execute(
        insert(Scenario),
        [
            {
                "study_id": study_id,
                "number": number,
                "name": planned.name,
                "quarter": planned.quarter,
                "strategy": planned.strategy,
                "strategy_sha256": planned.strategy_sha256,
                "weight": planned.weight,
                "baseline": None if planned.baseline is None else planned.baseline + 1,
                "problem_sha256": rows[id(planned.problem)]["sha256"] if planned.problem else None,
            }
            for number, planned in enumerate(made.scenarios, 1)
        ],
    )


def read(session: Session, viewer: Viewer, reference: str) -> StudyRead:
    """The study called ``reference``; raises NotFound."""
    study = found(session, viewer, reference)
    return _read(study, _counts(session, [study.id])[study.id])


def found(session: Session, viewer: Viewer, reference: str) -> Study:
    """The row of the study called ``reference``; raises NotFound."""
    study = session.scalar(visible(select(Study), viewer).where(Study.reference == reference))
    if study is None:
        known = session.scalars(visible(select(Study.reference), viewer)).all()
        raise NotFound(f"there is no study {reference}; {suggest(reference, known)}")
    return study


def studies(
    session: Session, viewer: Viewer, query: PageQuery, kinds: Sequence[StudyKind], runs: Sequence[str]
) -> tuple[list[StudyRead], Page[Any]]:
    """One page of the studies of some kinds, or of all, about some runs, or any; the newest first."""
    statement: Select[Any] = visible(select(Study), viewer)
    if kinds:
        statement = statement.where(Study.kind.in_(kinds))
    if runs:
        statement = statement.where(Study.run.in_(runs))
    columns = Study.__table__.c
    shown = page(session, statement, [columns.created_at, columns.reference], query, descending=True)
    counts = _counts(session, [row[0].id for row in shown.rows])
    return [_read(row[0], counts[row[0].id]) for row in shown.rows], shown


def cancel(session: Session, viewer: Viewer, reference: str) -> StudyRead:
    """Cancel what a study has still to do; what is done is kept. The caller commits.

    Scenarios that wait are cancelled at once, those under way at their worker's next heartbeat. Raises NotFound, and
    Conflict for a study that has ended.
    """
    study = found(session, viewer, reference)
    if not _under_way(session, study.id):
        raise Conflict(f"{reference} has ended; only a study that waits or is under way can be cancelled")
    session.execute(
        update(Study)
        .where(Study.id == study.id)
        .values(cancel_requested_at=func.coalesce(Study.cancel_requested_at, func.now()))
    )
    session.execute(
        update(Scenario)
        .where(Scenario.study_id == study.id, Scenario.state == ScenarioState.QUEUED)
        .values(
            state=ScenarioState.CANCELLED,
            finished_at=func.now(),
            failure={"code": "scenario_cancelled", "params": {}},
        )
    )
    session.expire_all()
    return read(session, viewer, reference)


def resume(session: Session, viewer: Viewer, reference: str, *, in_queue: bool = True) -> Started:
    """Put scenarios without a result back to their beginning; the caller commits. What is done stays done.

    With ``in_queue`` workers go on with the study, otherwise the caller does. Raises NotFound.
    """
    study = found(session, viewer, reference)
    session.execute(update(Study).where(Study.id == study.id).values(cancel_requested_at=None, in_queue=in_queue))
    session.execute(
        update(Scenario)
        .where(Scenario.study_id == study.id, Scenario.state.in_(WITHOUT_RESULT))
        .values(
            state=ScenarioState.QUEUED, attempts=0, failure=None, started_at=None, heartbeat_at=None, finished_at=None
        )
    )
    session.expire_all()
    if in_queue and _under_way(session, study.id):
        defer(session, study.id)
    return Started(study.id, read(session, viewer, reference))


def _under_way(session: Session, study_id: UUID) -> bool:
    counts = _counts(session, [study_id])[study_id]
    return counts.queued + counts.running > 0


def _counts(session: Session, study_ids: Sequence[UUID]) -> dict[UUID, Counts]:
    grouped = (
        select(Scenario.study_id, Scenario.state, func.count().label("n"))
        .where(Scenario.study_id.in_(study_ids))
        .group_by(Scenario.study_id, Scenario.state)
    )
    counts = {study_id: dict.fromkeys(ScenarioState, 0) for study_id in study_ids}
    for row in session.execute(grouped):
        counts[row.study_id][row.state] = row.n
    return {
        study_id: Counts(**{state.value: n for state, n in by_state.items()}) for study_id, by_state in counts.items()
    }


def _read(study: Study, counts: Counts) -> StudyRead:
    ended = counts.done + counts.failed + counts.cancelled
    told = {"state", "progress", "scenarios"}
    return StudyRead(
        **{name: getattr(study, name) for name in StudyRead.model_fields if name not in told},
        state=_state(counts, ended),
        progress=ended / (ended + counts.queued + counts.running),
        scenarios=counts,
    )


def _state(counts: Counts, ended: int) -> str:
    """Where a study stands, as its scenarios do."""
    if counts.running or (counts.queued and ended):
        return "running"
    if counts.queued:
        return "queued"
    if counts.cancelled:
        return "cancelled"
    return "failed" if counts.failed else "done"
