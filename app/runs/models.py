"""Runs: one solve of one snapshot under one strategy version, with what it proposed and why."""

from datetime import datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, UniqueConstraint, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base, coded, key
from app.strategies.models import Strategy


class RunState(StrEnum):
    """Where a run stands."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Run(Base):
    """A quarter's run. The same quarter has one run, and revisions of it, each with a reason."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("quarter", "revision"),
        CheckConstraint("quarter ~ '^[0-9]{4}-Q[1-4]$'", name="quarter_form"),
        CheckConstraint("revision >= 1 AND (revision = 1) = (revision_reason IS NULL)", name="revision_has_reason"),
        CheckConstraint("progress BETWEEN 0 AND 1", name="progress_range"),
    )
    id: Mapped[UUID] = key()
    reference: Mapped[str] = mapped_column(unique=True)
    quarter: Mapped[str]
    revision: Mapped[int]
    revision_reason: Mapped[str | None]
    cut_off: Mapped[datetime]
    known_at: Mapped[datetime | None]
    strategy_id: Mapped[UUID] = mapped_column(ForeignKey("strategies.id"))
    time_limit_s: Mapped[int]
    state: Mapped[RunState] = mapped_column(coded(RunState, "run_state"), default=RunState.QUEUED)
    stage: Mapped[str | None]
    progress: Mapped[float] = mapped_column(default=0)
    #: Moves while somebody works on the run. Left behind, it tells that whoever did was killed.
    heartbeat_at: Mapped[datetime | None]
    #: How often somebody has begun to work on it.
    attempts: Mapped[int] = mapped_column(default=0, server_default="0")
    cancel_requested_at: Mapped[datetime | None]
    failure: Mapped[dict[str, Any] | None]
    status: Mapped[str | None]
    input_hash: Mapped[str | None]
    result_hash: Mapped[str | None]
    summary: Mapped[dict[str, Any] | None]
    #: Versions of what took part, host and times: beside the hashes, in neither.
    circumstances: Mapped[dict[str, Any] | None]
    chain_head: Mapped[dict[str, Any] | None]
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    strategy: Mapped[Strategy] = relationship(lazy="raise")


class RunDocument(Base):
    """A document of a run, whole, as gzipped canonical JSON.

    The snapshot (the canonical problem), the result, the checker's verdict or the explanation.
    """

    __tablename__ = "run_documents"
    __table_args__ = (CheckConstraint("kind IN ('problem', 'result', 'verdict', 'explanation')", name="kind"),)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str]
    content: Mapped[bytes] = mapped_column(LargeBinary)


class Pairing(Base):
    """A proposed need-offer pair with its units, points by term, and the inferred or assumed facts it rests on."""

    __tablename__ = "pairings"
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    need_reference: Mapped[str] = mapped_column(primary_key=True)
    #: ISO 3166 code of the member that is served, where a group need is met member by member; else empty.
    member: Mapped[str] = mapped_column(primary_key=True)
    offer_reference: Mapped[str] = mapped_column(primary_key=True, index=True)
    requester: Mapped[str]
    states: Mapped[list[str]]
    domain: Mapped[str]
    provider: Mapped[str]
    units: Mapped[int]
    points: Mapped[int] = mapped_column(BigInteger)
    terms: Mapped[dict[str, Any]]
    rests_on: Mapped[list[dict[str, str]]] = mapped_column(JSONB)
    conditions: Mapped[str | None]
    #: Offers and needs next in line, as `matching.insight.explanation` has them; NULL where the explanation lacks them.
    runner_ups: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    rivals: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    alternates: Mapped[list[dict[str, Any]] | None] = mapped_column(JSONB(none_as_null=True))
    #: Under how many settings of the weights it stays, as `matching.studies.solved_again` has it; NULL likewise.
    firmness: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))


class Unmatched(Base):
    """A need with units that the run leaves unserved, and why."""

    __tablename__ = "unmatched"
    run_id: Mapped[UUID] = mapped_column(ForeignKey("runs.id"), primary_key=True)
    need_reference: Mapped[str] = mapped_column(primary_key=True)
    member: Mapped[str] = mapped_column(primary_key=True)
    requester: Mapped[str]
    states: Mapped[list[str]]
    domain: Mapped[str]
    units: Mapped[int]
    code: Mapped[str]
    #: Offers that no rule kept from the need.
    eligible: Mapped[int]
    rules: Mapped[dict[str, Any]]
    taken_by: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    #: The smallest change that would get it served; NULL where the explanation lacks it.
    change: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
