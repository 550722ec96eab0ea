"""What every kind of record does alike: get a reference, keep a version, be withdrawn."""

import calendar
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.classification import DatePrecision, Recorded
from app.content import content_hash
from app.problems import Conflict, Fault, InvalidContent
from app.validation import summary

#: Days of the record are days at United Nations Headquarters.
HEADQUARTERS = ZoneInfo("America/New_York")

#: Columns of every record that its content hash covers. Where a record came from and when is not content.
RECORDED_CONTENT = (
    "classification", "dated_on", "date_precision", "date_note", "document", "source_urls", "confidence",
    "synthetic", "summary", "withdrawn_on", "withdrawn_reason",
)  # fmt: skip


def today() -> date:
    """The day it is at Headquarters."""
    return datetime.now(HEADQUARTERS).date()


def legal_date(dated_on: date | None, precision: DatePrecision) -> tuple[date | None, DatePrecision]:
    """The last day that a date of this precision can mean, and the precision that goes with it.

    A record must never enter a run before its document can have existed.
    """
    if dated_on is None:
        return None, DatePrecision.UNKNOWN
    if precision is DatePrecision.MONTH:
        return dated_on.replace(day=calendar.monthrange(dated_on.year, dated_on.month)[1]), precision
    if precision is DatePrecision.YEAR:
        return date(dated_on.year, 12, 31), precision
    return dated_on, precision


def make_reference(session: Session, column: Any, kind: str) -> str:
    """The next reference of this kind and year, such as ``1540-REQ-2026-0042``.

    Whoever makes references of one kind waits for the one before to commit; who brings a reference does not.
    """
    prefix = f"1540-{kind}-{today().year}-"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"reference {prefix}"))))
    taken = select(column).where(column.regexp_match(f"^{prefix}[0-9]{{4,9}}$"))
    longest = session.scalar(taken.order_by(func.length(column).desc(), column.desc()).limit(1))
    number = int(longest.removeprefix(prefix)) + 1 if longest else 1
    return f"{prefix}{number:04d}"


def content_of(record: object, names: Iterable[str], **more: Any) -> dict[str, Any]:
    """The content of ``record`` in the columns ``names``, the common ones, and ``more``."""
    return {name: getattr(record, name) for name in (*RECORDED_CONTENT, *names)} | more


def keep_version(record: Recorded, content: Mapping[str, Any]) -> bool:
    """Give ``record`` a new version if its content differs from what it was; says whether it does."""
    digest = content_hash(content)
    if record.content_hash == digest:
        return False
    record.version = record.version + 1 if record.content_hash else 1
    record.content_hash = digest
    record.updated_at = datetime.now(UTC)
    return True


def mark_withdrawn(record: Recorded, reference: str, reason: str, on: date | None) -> None:
    """Withdraw ``record`` as of a day (today unless given); raises Conflict when it is withdrawn already."""
    if record.withdrawn_on is not None:
        raise Conflict(f"{reference} was withdrawn on {record.withdrawn_on}: {record.withdrawn_reason}")
    day = on or today()
    if record.dated_on is not None and day < record.dated_on:
        fault = Fault("/withdrawn_on", "before_document", f"must not be before the record's date, {record.dated_on}")
        raise InvalidContent(summary([fault]), [fault])
    record.withdrawn_on, record.withdrawn_reason = day, reason


def require_live(record: Recorded, reference: str) -> None:
    """Raise Conflict when ``record`` is withdrawn: what is withdrawn stays as it was."""
    if record.withdrawn_on is not None:
        raise Conflict(f"{reference} was withdrawn on {record.withdrawn_on} and cannot be amended; submit a new record")


def refuse(faults: Sequence[Fault]) -> None:
    """Raise InvalidContent when there is any fault."""
    if faults:
        raise InvalidContent(summary(faults), faults)
