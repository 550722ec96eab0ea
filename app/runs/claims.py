"""Whose work a run is: claimed by one process at a time, kept by a heartbeat, taken over when that stops."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import session_scope
from app.runs.heartbeat import MOST_ATTEMPTS, Heartbeat, unheard
from app.runs.models import Run, RunState
from app.strategies.models import Strategy


@dataclass(frozen=True)
class Claim:
    """The right to work on a run.

    ``attempt`` and ``started_at`` tell this claim from one that was lost to somebody else. Attempts are counted anew
    when a run without a result begins again, so the number alone would not do.
    """

    run_id: UUID
    attempt: int
    started_at: datetime
    quarter: str
    cut_off: datetime
    time_limit_s: int
    strategy: dict[str, Any]

    def holds(self) -> ColumnElement[bool]:
        """That the run is still this claim's."""
        return and_(
            Run.id == self.run_id,
            Run.state == RunState.RUNNING,
            Run.attempts == self.attempt,
            Run.started_at == self.started_at,
        )


def lost() -> ColumnElement[bool]:
    """That a run is being worked on by nobody, though it says that it is."""
    return and_(Run.state == RunState.RUNNING, unheard(Run.heartbeat_at))


def claim(session: Session, run_id: UUID) -> Claim | None:
    """Claim a run that waits, or whose worker was lost; None when there is nothing to do. The caller commits."""
    given_up = (
        update(Run)
        .where(Run.id == run_id, lost(), Run.attempts >= MOST_ATTEMPTS)
        .values(
            state=RunState.FAILED,
            failure={"code": "workers_lost", "params": {"n": MOST_ATTEMPTS}},
            finished_at=func.now(),
        )
    )
    session.execute(given_up)
    taken = (
        update(Run)
        .where(Run.id == run_id, or_(Run.state == RunState.QUEUED, lost()))
        .values(
            state=RunState.RUNNING,
            attempts=Run.attempts + 1,
            started_at=func.now(),
            heartbeat_at=func.clock_timestamp(),
            stage="snapshot",
            progress=0,
        )
        .returning(Run.id)
    )
    if session.scalar(taken) is None:
        return None
    found = session.execute(
        select(Run.attempts, Run.started_at, Run.quarter, Run.cut_off, Run.time_limit_s, Strategy.document)
        .join(Strategy, Strategy.id == Run.strategy_id)
        .where(Run.id == run_id)
    ).one()
    return Claim(
        run_id=run_id,
        attempt=found.attempts,
        started_at=found.started_at,
        quarter=found.quarter,
        cut_off=found.cut_off,
        time_limit_s=found.time_limit_s,
        strategy=found.document,
    )


def release(session: Session, claim: Claim) -> None:
    """Give a run back unfinished, because whoever works on it stops; it does not count as an attempt."""
    session.execute(
        update(Run)
        .where(claim.holds())
        .values(state=RunState.QUEUED, attempts=Run.attempts - 1, started_at=None, heartbeat_at=None, stage=None)
    )


class Heart(Heartbeat):
    """Beats for a claimed run in a thread of its own: shows progress, hears of cancellation and of the loss."""

    def __init__(self, engine: Engine, claim: Claim) -> None:
        super().__init__()
        self.engine = engine
        self.claim = claim
        self.stage, self.share = "snapshot", 0.0
        self.cancelled = False
        self.taken_over = False

    def report(self, stage: str, share: float) -> None:
        """Show this with the next beat."""
        self.stage, self.share = stage, share

    def must_stop(self) -> str | None:
        """Why work on the run must stop, as a code; None while it may go on."""
        if self.taken_over:
            return "taken_over"
        return "cancelled" if self.cancelled else None

    def beat(self) -> None:
        """Keep the claim and show how far the work is; hear of cancellation and of the loss."""
        beat = (
            update(Run)
            .where(self.claim.holds())
            .values(heartbeat_at=func.clock_timestamp(), stage=self.stage, progress=min(max(self.share, 0), 1))
            .returning(Run.cancel_requested_at)
        )
        with session_scope(self.engine) as session:
            row = session.execute(beat).one_or_none()
            session.commit()
        self.taken_over = row is None
        self.cancelled = row is not None and row.cancel_requested_at is not None
