"""Bodies of strategies."""

from datetime import datetime
from typing import Any

from pydantic import Field

from app.schemas import Answer


class StrategySummary(Answer):
    """One version of a strategy, without its document."""

    name: str
    version: int
    title: str
    sha256: str = Field(description="Of the document in canonical form; equal documents have equal hashes")
    recorded_at: datetime


class StrategyRead(StrategySummary):
    """One version of a strategy. It never changes: a run names the version that it used."""

    document: dict[str, Any] = Field(description="Rules, weights, fairness and objective, each number with its reason")
