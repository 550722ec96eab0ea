"""Whose work a scenario is: claimed by one process at a time, kept by a heartbeat, taken over when that stops."""

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, or_, select, tuple_, update
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import session_scope
from app.runs.heartbeat import MOST_ATTEMPTS, Heartbeat, unheard
from app.scenarios.models import Scenario, ScenarioState, Study


@dataclass(frozen=True, eq=False)
class Claim:
    """The right to work on a scenario; ``attempt`` and ``started_at`` tell it from one that was lost to another."""

    study_id: UUID
    number: int
    attempt: int
    started_at: datetime
    time_limit_s: int
    strategy: dict[str, Any]
    weight: str | None
    problem_sha256: str

    @property
    def key(self) -> tuple[UUID, int, int, datetime]:
        """What tells this claim from all others."""
        return self.study_id, self.number, self.attempt, self.started_at

    def holds(self) -> ColumnElement[bool]:
        """That the scenario is still this claim's."""
        return and_(Scenario.state == ScenarioState.RUNNING, KEY.in_([self.key]))


KEY = tuple_(Scenario.study_id, Scenario.number, Scenario.attempts, Scenario.started_at)


def lost() -> ColumnElement[bool]:
    """That a scenario is being worked on by nobody, though it says that it is."""
    return and_(Scenario.state == ScenarioState.RUNNING, unheard(Scenario.heartbeat_at))


def claim(session: Session, study_id: UUID) -> Claim | None:
    """Claim the next scenario of a prepared study that waits, or whose worker was lost; None without any.

    The caller commits. A scenario that has lost too many workers is given up.
    """
    session.execute(
        update(Scenario)
        .where(Scenario.study_id == study_id, lost(), Scenario.attempts >= MOST_ATTEMPTS)
        .values(
            state=ScenarioState.FAILED,
            failure={"code": "scenario_workers_lost", "params": {"n": MOST_ATTEMPTS}},
            finished_at=func.now(),
        )
    )
    following = (
        select(Scenario.number)
        .join(Study, Study.id == Scenario.study_id)
        .where(
            Scenario.study_id == study_id,
            or_(Scenario.state == ScenarioState.QUEUED, lost()),
            Scenario.problem_sha256.is_not(None),
            Study.cancel_requested_at.is_(None),
        )
        .order_by(Scenario.number)
        .limit(1)
        .with_for_update(of=Scenario, skip_locked=True)
    )
    number = session.scalar(following)
    if number is None:
        return None
    taken = (
        update(Scenario)
        .where(Scenario.study_id == study_id, Scenario.number == number)
        .values(
            state=ScenarioState.RUNNING,
            attempts=Scenario.attempts + 1,
            started_at=func.now(),
            heartbeat_at=func.clock_timestamp(),
        )
        .returning(Scenario.attempts, Scenario.started_at, Scenario.strategy, Scenario.weight, Scenario.problem_sha256)
    )
    row = session.execute(taken).one()
    limit = session.scalar(select(Study.time_limit_s).where(Study.id == study_id))
    assert row.started_at is not None and row.problem_sha256 is not None and limit is not None
    return Claim(study_id, number, row.attempts, row.started_at, limit, row.strategy, row.weight, row.problem_sha256)


def release(session: Session, claim: Claim) -> None:
    """Give a scenario back unfinished, because whoever works on it stops; it does not count as an attempt."""
    _unclaim(session, claim, claim.attempt - 1)


def put_back(session: Session, claim: Claim) -> None:
    """Have a scenario done again that came to nothing; the attempt counts."""
    _unclaim(session, claim, claim.attempt)


def _unclaim(session: Session, claim: Claim, attempts: int) -> None:
    session.execute(
        update(Scenario)
        .where(claim.holds())
        .values(state=ScenarioState.QUEUED, attempts=attempts, started_at=None, heartbeat_at=None)
    )


class Pulse(Heartbeat):
    """Beats for all the scenarios that a process works on, in one thread; hears of cancellation and of losses."""

    def __init__(self, engine: Engine) -> None:
        super().__init__()
        self._engine = engine
        self._guard = threading.Lock()
        self._claims: dict[Claim, str | None] = {}

    def begin(self, claim: Claim) -> Callable[[], str | None]:
        """Beat for a claim; returns what tells why work on it must stop, as a code, or None while it may go on."""
        with self._guard:
            self._claims[claim] = None
        return lambda: self._claims.get(claim)

    def end(self, claim: Claim) -> None:
        """Beat for a claim no more."""
        with self._guard:
            del self._claims[claim]

    def beat(self) -> None:
        """Keep all the claims; hear which are lost, and whose study is cancelled."""
        with self._guard:
            claims = list(self._claims)
        if not claims:
            return
        beat = (
            update(Scenario)
            .where(Scenario.state == ScenarioState.RUNNING, KEY.in_([claim.key for claim in claims]))
            .values(heartbeat_at=func.clock_timestamp())
            .returning(Scenario.study_id, Scenario.number)
        )
        cancelled = select(Study.id).where(
            Study.id.in_({claim.study_id for claim in claims}), Study.cancel_requested_at.is_not(None)
        )
        with session_scope(self._engine) as session:
            held = {(row.study_id, row.number) for row in session.execute(beat)}
            stopped = set(session.scalars(cancelled))
            session.commit()
        with self._guard:
            for claim in claims:
                if claim in self._claims:
                    self._claims[claim] = self._why(claim, held, stopped)

    @staticmethod
    def _why(claim: Claim, held: set[tuple[UUID, int]], stopped: set[UUID]) -> str | None:
        if (claim.study_id, claim.number) not in held:
            return "taken_over"
        return "scenario_cancelled" if claim.study_id in stopped else None
