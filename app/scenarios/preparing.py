"""Taking the snapshots of a backtest: every quarter as the record stands at one and the same instant."""

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import session_scope
from app.quarters import Quarter
from app.runs.jobs import WORKER
from app.runs.snapshot import frozen, take
from app.scenarios.models import Scenario, Study, StudyProblem
from app.scenarios.service import stored_problem

#: Told of how many snapshots have been taken, and of how many there will be.
Told = Callable[[int, int], None]


def prepare(engine: Engine, study_id: UUID, told: Told) -> bool:
    """Give every scenario of a study its snapshot, in one transaction; False where they had theirs.

    A refusal keeps a pair apart for as many quarters as the strategy says. So the scenarios of a quarter share one
    snapshot unless their strategies differ in that.
    """
    with session_scope(engine) as session:
        if _is_prepared(session, study_id):
            return False
        wanted = session.execute(
            select(Scenario.number, Scenario.quarter, Scenario.strategy)
            .where(Scenario.study_id == study_id)
            .order_by(Scenario.number)
        ).all()
    groups: dict[tuple[str, int], list[int]] = {}
    strategy_of = {row.number: row.strategy for row in wanted}
    for row in wanted:
        groups.setdefault((row.quarter, row.strategy["rules"]["declined_quarters"]["value"]), []).append(row.number)
    rows = []
    with frozen(engine) as still:
        for n_taken, ((text, _), numbers) in enumerate(groups.items()):
            told(n_taken, len(groups))
            quarter = Quarter.parse(text)
            snapshot = take(still, WORKER, quarter, quarter.last_instant, strategy_of[numbers[0]])
            known_at = snapshot.known_at
            rows.append((stored_problem(study_id, snapshot.document), numbers))
    with session_scope(engine) as session:
        session.execute(select(Study.id).where(Study.id == study_id).with_for_update())
        if _is_prepared(session, study_id):
            return False  # another worker was as quick
        for problem, numbers in rows:
            session.execute(insert(StudyProblem).values(problem).on_conflict_do_nothing())
            session.execute(
                update(Scenario)
                .where(Scenario.study_id == study_id, Scenario.number.in_(numbers))
                .values(problem_sha256=problem["sha256"])
            )
        session.execute(update(Study).where(Study.id == study_id).values(prepared_at=known_at))
        session.commit()
    return True


def _is_prepared(session: Session, study_id: UUID) -> bool:
    return session.scalar(select(Study.prepared_at).where(Study.id == study_id)) is not None
