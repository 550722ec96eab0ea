"""The event log and the history: written by triggers, numbered and chained by the sealer."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, LargeBinary, Text, text
from sqlalchemy.orm import Mapped, mapped_column
from sqlalchemy.types import UserDefinedType

from app.database import Base


class TransactionId(UserDefinedType[int]):
    """PostgreSQL's ``xid8``: the number of a transaction, never used twice."""

    cache_ok = True

    def get_col_spec(self, **_kw: Any) -> str:
        """The SQL name of the type."""
        return "xid8"


class Event(Base):
    """Something that happened to a record. Sealed events have a number and a link to the one before."""

    __tablename__ = "events"
    __table_args__ = (
        CheckConstraint("(number IS NULL) = (link IS NULL)", name="sealed_whole"),
        Index("ix_events_unsealed", "xid", "id", postgresql_where=text("number IS NULL")),
        Index("ix_events_entity", "entity", "entity_key"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    xid: Mapped[int] = mapped_column(TransactionId(), server_default=text("pg_current_xact_id()"))
    at: Mapped[datetime] = mapped_column(server_default=text("clock_timestamp()"))
    actor: Mapped[str] = mapped_column(
        server_default=text("coalesce(nullif(current_setting('assist1540.actor', true), ''), 'system')")
    )
    entity: Mapped[str]
    entity_key: Mapped[str]
    action: Mapped[str]
    #: SHA-256 over the salt and the payload's text; the payload may be disposed of, the digest stays.
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    number: Mapped[int | None] = mapped_column(BigInteger, unique=True)
    link: Mapped[bytes | None] = mapped_column(LargeBinary)


class EventPayload(Base):
    """What an event says, beside the chain: a row here can be disposed of by rule without breaking it."""

    __tablename__ = "event_payloads"
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"), primary_key=True, autoincrement=False)
    salt: Mapped[bytes] = mapped_column(LargeBinary)
    payload: Mapped[str] = mapped_column(Text)


class History(Base):
    """Every version of every row of the record, with the time in which it was what we knew."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_entity_known", "entity", "entity_key", "known_from"),
        CheckConstraint("known_until >= known_from", name="period"),
    )
    id: Mapped[int] = mapped_column(BigInteger, Identity(always=True), primary_key=True)
    entity: Mapped[str]
    entity_key: Mapped[str]
    known_from: Mapped[datetime]
    known_until: Mapped[datetime | None]
    event_id: Mapped[int] = mapped_column(ForeignKey("events.id"))
    row: Mapped[dict[str, Any]]
