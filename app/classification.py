"""What every record carries: its class, where it came from, and on what each coded fact rests."""

from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, func
from sqlalchemy.orm import Mapped, mapped_column

from app.database import coded


class Classification(StrEnum):
    """Class of a record under ST/SGB/2007/6; strictly confidential material is refused at the door."""

    UNCLASSIFIED = "unclassified"
    CONFIDENTIAL = "confidential"


class Basis(StrEnum):
    """On what a coded fact rests."""

    STATED = "stated"
    INFERRED = "inferred"
    ASSUMED = "assumed"
    NOT_STATED = "not_stated"


class Confidence(StrEnum):
    """How far the source of a record bears it out."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"


class DatePrecision(StrEnum):
    """How much of a document's date is known."""

    DAY = "day"
    MONTH = "month"
    YEAR = "year"
    UNKNOWN = "unknown"


def record_checks() -> tuple[CheckConstraint, ...]:
    """What every row of every kind of record fulfils."""
    return (
        CheckConstraint("(withdrawn_on IS NULL) = (withdrawn_reason IS NULL)", name="withdrawal_has_reason"),
        CheckConstraint("withdrawn_on >= dated_on", name="withdrawn_after_date"),
        CheckConstraint("(dated_on IS NULL) = (date_precision = 'unknown')", name="date_has_precision"),
    )


class Recorded:
    """Columns of every record: class, document, provenance and when it became known to us.

    ``dated_on`` is the legal date. Where only the month or the year is known it holds the last day of it, so
    that a record never enters a run before its document can have existed.
    """

    classification: Mapped[Classification] = mapped_column(
        coded(Classification, "classification"), default=Classification.UNCLASSIFIED
    )
    dated_on: Mapped[date | None] = mapped_column(index=True)
    date_precision: Mapped[DatePrecision] = mapped_column(
        coded(DatePrecision, "date_precision"), default=DatePrecision.DAY
    )
    date_note: Mapped[str | None]
    document: Mapped[str | None]
    source_urls: Mapped[list[str]] = mapped_column(default=list)
    confidence: Mapped[Confidence] = mapped_column(coded(Confidence, "confidence"), default=Confidence.HIGH)
    synthetic: Mapped[bool] = mapped_column(default=False)
    summary: Mapped[str | None]
    withdrawn_on: Mapped[date | None]
    withdrawn_reason: Mapped[str | None]
    import_id: Mapped[UUID | None] = mapped_column(ForeignKey("imports.id"))
    import_line: Mapped[int | None]
    content_hash: Mapped[str]
    version: Mapped[int] = mapped_column(default=1)
    recorded_at: Mapped[datetime] = mapped_column(server_default=func.now())
    updated_at: Mapped[datetime] = mapped_column(server_default=func.now())
