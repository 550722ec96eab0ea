"""What every kind of record does alike: get a reference, be signed, keep a version, be withdrawn.

Records are handled as rows: mappings from column to value, as the database gives and takes them.
"""

import calendar
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Table, bindparam, func, insert, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.classification import DatePrecision
from app.content import content_hash
from app.database import Base, violated_constraint
from app.faults import summary
from app.identifiers import uuid7
from app.problems import Conflict, Fault, InvalidContent, Problem, ReferenceTaken
from app.schemas import RecordedAmend, RecordedSubmit, Withdrawal
from app.visibility import Viewer

Row = dict[str, Any]
Made = TypeVar("Made")
#: Constraint -> makes the problem that its violation is. Made each time: a raised exception keeps its traceback alive.
Refusals = Mapping[str, Callable[[], Problem]]

#: Days of the record are days at United Nations Headquarters.
HEADQUARTERS = ZoneInfo("America/New_York")

#: The day on which the Charter came into force: no document here is older.
FOUNDED = date(1945, 10, 24)

#: Columns of every record that its content hash covers. Where a record came from and when is not content.
RECORDED_CONTENT = (
    "classification", "dated_on", "date_precision", "date_note", "document", "source_urls", "confidence",
    "synthetic", "summary", "withdrawn_on", "withdrawn_reason",
)  # fmt: skip


@dataclass(frozen=True)
class Origin:
    """The imported file and the line of it that a record comes from."""

    import_id: UUID
    line: int


class Outcome(StrEnum):
    """What came of stating a record that may be stored already."""

    CREATED = "created"
    AMENDED = "amended"
    UNCHANGED = "unchanged"


def table_of(model: type[Base]) -> Table:
    """The table of ``model``, for statements on rows."""
    table = model.__table__
    assert isinstance(table, Table)
    return table


def today() -> date:
    """The day it is at Headquarters."""
    return datetime.now(HEADQUARTERS).date()


def legal_date(dated_on: date | None, precision: DatePrecision) -> tuple[date | None, DatePrecision]:
    """The last day that a date of this precision can mean, and the precision that goes with it.

    A record must never enter a run before its document can have existed. An unknown precision unsays the date.
    """
    if dated_on is None or precision is DatePrecision.UNKNOWN:
        return None, DatePrecision.UNKNOWN
    if precision is DatePrecision.MONTH:
        return dated_on.replace(day=calendar.monthrange(dated_on.year, dated_on.month)[1]), precision
    if precision is DatePrecision.YEAR:
        return date(dated_on.year, 12, 31), precision
    return dated_on, precision


def earliest(dated_on: date, precision: DatePrecision) -> date:
    """The first day that a date of this precision can mean."""
    if precision is DatePrecision.YEAR:
        return date(dated_on.year, 1, 1)
    return dated_on.replace(day=1) if precision is DatePrecision.MONTH else dated_on


def day_faults(day: date | None, place: str, *, synthetic: bool) -> Iterator[Fault]:
    """What is wrong with a day, at the JSON pointer ``place``, on which something is said to have happened.

    What is made up may happen in years to come.
    """
    if day is not None and day > today() and not synthetic:
        yield Fault(place, "in_the_future", f"{day} has not come yet: at Headquarters it is {today()}")
    elif day is not None and day < FOUNDED:
        yield Fault(place, "too_early", f"{day} was before the United Nations, which began on {FOUNDED}")


def dating_faults(row: Mapping[str, Any]) -> Iterator[Fault]:
    """What is wrong with the date of a record: of a month or a year, a part at least must have been."""
    dated_on = row["dated_on"]
    if dated_on is not None:
        first = earliest(dated_on, row["date_precision"])
        yield from day_faults(min(dated_on, max(first, today())), "/dated_on", synthetic=row["synthetic"])


def hold(session: Session, table: Table, reference: str) -> None:
    """Keep the record called ``reference`` from changing until the transaction ends, if there is one.

    Before it is read, not while: a snapshot taken while waiting for the lock would still show the version before.
    """
    # FOR NO KEY UPDATE: its key stays, so whoever writes a record that refers to this one need not wait.
    session.execute(select(table.c.id).where(table.c.reference == reference).with_for_update(key_share=True))


def sign(session: Session, viewer: Viewer) -> None:
    """Tell the event log's triggers who writes, until the transaction ends. Every service that writes begins so."""
    session.execute(text("SELECT set_config('assist1540.actor', :actor, true)"), {"actor": viewer.name})


def once_a_transaction(session: Session, name: str, make: Callable[[], Made]) -> Made:
    """What ``make`` returns, made once in each transaction of ``session``: for lists that hardly ever change."""
    kept = session.info.get(name)
    if kept is None or kept[0] is not session.get_transaction():
        made = make()
        kept = session.info[name] = (session.get_transaction(), made)
    found: Made = kept[1]
    return found


def taken_meanwhile() -> ReferenceTaken:
    """The refusal of a reference that was free when it was looked up."""
    return ReferenceTaken("the reference was taken at this moment by somebody else")


def take_references(session: Session, column: ColumnElement[str], kind: str, given: Sequence[str | None]) -> list[str]:
    """The references of new records: as ``given``, or the next such as ``1540-REQ-2026-0042`` where None.

    Raises ReferenceTaken when one is in use or given twice. Whoever makes references of one kind waits for the
    one before to commit; who brings references does not wait.
    """
    brought = [reference for reference in given if reference is not None]
    if repeated := [reference for reference, times in Counter(brought).items() if times > 1]:
        raise ReferenceTaken(f"{repeated[0]} is given twice")
    used = session.scalars(select(column).where(column == func.any(brought)).order_by(column)).all() if brought else []
    if used:
        raise ReferenceTaken(f"{', '.join(used[:5])} {'is' if len(used) == 1 else 'are'} already in use")
    made = iter(_make_references(session, column, kind, len(given) - len(brought)))
    return [reference if reference is not None else next(made) for reference in given]


def _make_references(session: Session, column: ColumnElement[str], kind: str, n_wanted: int) -> list[str]:
    if n_wanted == 0:
        return []
    prefix = f"1540-{kind}-{today().year}-"
    session.execute(select(func.pg_advisory_xact_lock(func.hashtext(f"reference {prefix}"))))
    taken = select(column).where(column.regexp_match(f"^{prefix}[0-9]{{4,9}}$"))
    longest = session.scalar(taken.order_by(func.length(column).desc(), column.desc()).limit(1))
    first = int(longest.removeprefix(prefix)) + 1 if longest else 1
    return [f"{prefix}{number:04d}" for number in range(first, first + n_wanted)]


def new_row(body: RecordedSubmit, origin: Origin | None) -> Row:
    """The columns of every record, from what was submitted."""
    dated_on, precision = legal_date(body.dated_on, body.date_precision)
    return {
        "id": uuid7(),
        "classification": body.classification,
        "dated_on": dated_on,
        "date_precision": precision,
        "date_note": body.date_note,
        "document": body.document,
        "source_urls": body.source_urls,
        "confidence": body.confidence,
        "synthetic": body.synthetic,
        "summary": body.summary,
        "withdrawn_on": None,
        "withdrawn_reason": None,
        "import_id": origin.import_id if origin else None,
        "import_line": origin.line if origin else None,
        "version": 1,
    }


def amended_row(row: Row, body: RecordedAmend, others: Iterable[str]) -> Row:
    """``row`` with the fields that ``body`` sends, among the common ones and those of ``others``."""
    given = body.model_fields_set
    changed = {name: getattr(body, name) for name in (*RecordedAmend.model_fields, *others) if name in given}
    row = row | changed
    row["dated_on"], row["date_precision"] = legal_date(
        row["dated_on"],
        # A day that is given alone is known to the day.
        body.date_precision if "dated_on" in given else row["date_precision"],
    )
    return row


def withdrawn_row(row: Row, withdrawal: Withdrawal) -> Row:
    """``row`` as withdrawn; raises Conflict when it is withdrawn already."""
    reference = row["reference"]
    if row["withdrawn_on"] is not None:
        raise Conflict(f"{reference} was withdrawn on {row['withdrawn_on']}: {row['withdrawn_reason']}")
    day = withdrawal.withdrawn_on or today()
    if row["dated_on"] is not None and day < row["dated_on"]:
        refuse([Fault("/withdrawn_on", "before_document", f"must not be before the record's date, {row['dated_on']}")])
    return row | {"withdrawn_on": day, "withdrawn_reason": withdrawal.reason}


def restated_row(before: Row, fresh: Row, fixed: Iterable[str]) -> Row:
    """``fresh`` as the next state of the stored record ``before``; raises Conflict where a ``fixed`` column differs."""
    for name in fixed:
        if before[name] != fresh[name]:
            raise Conflict(f"{before['reference']} is stored with {name} {before[name]}, not {fresh[name]}")
    kept = ("id", "version", "content_hash", "recorded_at", "updated_at", "withdrawn_on", "withdrawn_reason")
    return fresh | {name: before[name] for name in kept}


def require_live(row: Mapping[str, Any]) -> None:
    """Raise Conflict when the record is withdrawn: what is withdrawn stays as it was."""
    if row["withdrawn_on"] is not None:
        raise Conflict(
            f"{row['reference']} was withdrawn on {row['withdrawn_on']} and cannot be amended; submit a new record"
        )


def refuse(faults: Sequence[Fault]) -> None:
    """Raise InvalidContent when there is any fault."""
    if faults:
        raise InvalidContent(summary(faults), faults)


def hash_of(row: Mapping[str, Any], names: Iterable[str], **more: Any) -> str:
    """The content hash of a record: its columns ``names``, the common ones, and ``more``."""
    return content_hash({name: row[name] for name in (*RECORDED_CONTENT, *names)} | more)


def next_version(row: Row, digest: str) -> Row | None:
    """``row`` as its next version if its content is not what it was, else None."""
    if row["content_hash"] == digest:
        return None
    return row | {"version": row["version"] + 1, "content_hash": digest, "updated_at": datetime.now(UTC)}


def refuse_numbered(drafts: Iterable[Sequence[Fault]]) -> None:
    """Raise InvalidContent when there is any fault in a batch, each under the number of its body (from 0)."""
    refuse(
        [
            replace(fault, pointer=f"/{number}{fault.pointer}")
            for number, faults in enumerate(drafts)
            for fault in faults
        ]
    )


def insert_rows(session: Session, table: Table, rows: Sequence[Row], refusals: Refusals) -> None:
    """Insert the columns of ``table`` in ``rows``, all of the same form, in one statement.

    A constraint named in ``refusals`` that is violated becomes its problem, and nothing is inserted.
    """
    if rows:
        names = [column.name for column in table.columns if column.name in rows[0]]
        columns = [{name: row[name] for name in names} for row in rows]
        _guarded(session, lambda: session.execute(insert(table), columns), refusals)


def update_row(session: Session, table: Table, row: Row, before: Row, refusals: Refusals) -> None:
    """Write what differs between ``row`` and ``before``, which have the same id."""
    names = [column.name for column in table.columns if column.name in row]
    changed = {name: row[name] for name in names if row[name] != before[name]}
    if changed:
        statement = update(table).where(table.c.id == bindparam("of_id")).values(changed)
        _guarded(session, lambda: session.execute(statement, {"of_id": row["id"]}), refusals)


def _guarded(session: Session, act: Callable[[], object], refusals: Refusals) -> None:
    try:
        with session.begin_nested():
            act()
    except IntegrityError as error:
        if make := refusals.get(violated_constraint(error) or ""):
            raise make() from error
        raise
