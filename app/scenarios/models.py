"""Studies: what somebody wants to know, as scenarios that are each one solve and independent of each other."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, LargeBinary, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, coded, key


class StudyKind(StrEnum):
    """What a study asks."""

    WHAT_IF = "what_if"
    BACKTEST = "backtest"
    FIRMNESS = "firmness"
    SENSITIVITY = "sensitivity"


class ScenarioState(StrEnum):
    """Where a scenario stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Study(Base):
    """Several scenarios that answer one question. It decides nothing and is no part of the record."""

    __tablename__ = "studies"
    __table_args__ = (UniqueConstraint("reference"),)
    id: Mapped[UUID] = key()
    reference: Mapped[str]
    kind: Mapped[StudyKind] = mapped_column(coded(StudyKind, "study_kind"))
    #: What was asked, as it was sent.
    asked: Mapped[dict[str, Any]]
    #: Run whose snapshot it is about; a study of several quarters has none.
    run: Mapped[str | None]
    #: Seconds that each scenario may take.
    time_limit_s: Mapped[int]
    #: Whether workers of the queue take part, or only the command that started it.
    in_queue: Mapped[bool]
    #: When every scenario had its snapshot; the record was read as it was known at this instant.
    prepared_at: Mapped[datetime | None]
    cancel_requested_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())


class StudyProblem(Base):
    """A problem document of a study without its strategy, as gzipped canonical JSON."""

    __tablename__ = "study_problems"
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Scenario(Base):
    """One problem under one strategy; or, of a sensitivity study, with one number of the strategy moved."""

    __tablename__ = "scenarios"
    __table_args__ = (
        ForeignKeyConstraint(["study_id", "problem_sha256"], ["study_problems.study_id", "study_problems.sha256"]),
        ForeignKeyConstraint(["study_id", "baseline"], ["scenarios.study_id", "scenarios.number"]),
        CheckConstraint("number >= 1 AND baseline <> number", name="numbers"),
        CheckConstraint("(state = 'done') = (outcome IS NOT NULL)", name="done_has_outcome"),
    )
    study_id: Mapped[UUID] = mapped_column(ForeignKey("studies.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    quarter: Mapped[str]
    strategy: Mapped[dict[str, Any]]
    strategy_sha256: Mapped[str]
    #: Place of the number that is moved, in a sensitivity study.
    weight: Mapped[str | None]
    #: Number of the scenario that this one is compared with.
    baseline: Mapped[int | None]
    #: None until the snapshot of its quarter has been taken.
    problem_sha256: Mapped[str | None]
    state: Mapped[ScenarioState] = mapped_column(coded(ScenarioState, "scenario_state"), default=ScenarioState.QUEUED)
    #: How often somebody has begun to work on it.
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    started_at: Mapped[datetime | None]
    #: Moves while somebody works on it. Left behind, it tells that whoever did was killed.
    heartbeat_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    #: Figures and pairings of the result, or how far the weight can be moved.
    outcome: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
