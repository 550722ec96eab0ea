"""Strategies: named, versioned documents of rules, weights, fairness and objective."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column

from app.database import Base, key


class Strategy(Base):
    """One version of a strategy. Never changed: a run names the version that it used."""

    __tablename__ = "strategies"
    __table_args__ = (UniqueConstraint("name", "version"),)
    id: Mapped[UUID] = key()
    name: Mapped[str]
    version: Mapped[int]
    document: Mapped[dict[str, Any]]
    sha256: Mapped[str]
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
