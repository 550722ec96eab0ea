"""Loading who belongs to which group: periods are corrected or ended, never erased."""

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.parties.models import Membership
from app.records import Row, table_of
from app.reference.reconcile import Changes, Target, reconcile


def load_memberships(session: Session, as_of: date, rows: list[Row]) -> Changes:
    """Bring all memberships to ``rows``, a list of the day ``as_of``."""
    _correct_dates(session, rows)
    starts = _starts(rows)
    target = Target(
        table_of(Membership),
        ("group_id", "state_id", "status", "since"),
        gone=lambda row: {} if row["ends_on"] else {"ends_on": _last_day(row, starts, as_of)},
    )
    return reconcile(session, target, rows)


def _correct_dates(session: Session, wanted: list[Row]) -> None:
    """A membership whose date alone the newer list corrects is that membership, not an end and a beginning."""
    table = table_of(Membership)
    listed: dict[tuple[UUID, UUID, str], set[str]] = {}
    for row in wanted:
        listed.setdefault((row["group_id"], row["state_id"], row["status"]), set()).add(row["since"])
    known: dict[tuple[UUID, UUID, str], set[str]] = {}
    for found in session.execute(select(table)):
        known.setdefault((found.group_id, found.state_id, found.status), set()).add(found.since)
    for place, dates in listed.items():
        old, new = known.get(place, set()) - dates, dates - known.get(place, set())
        if len(old) == len(new) == 1:
            group, state, status = place
            session.execute(
                update(table)
                .where(table.c.group_id == group, table.c.state_id == state)
                .where(table.c.status == status, table.c.since == old.pop())
                .values(since=new.pop())
            )


def _starts(rows: Iterable[Row]) -> dict[tuple[UUID, UUID], list[date]]:
    """When the listed memberships of each State in each group begin."""
    starts: dict[tuple[UUID, UUID], list[date]] = {}
    for row in rows:
        if row["starts_on"]:
            starts.setdefault((row["group_id"], row["state_id"]), []).append(row["starts_on"])
    return starts


def _last_day(row: Row, starts: dict[tuple[UUID, UUID], list[date]], as_of: date) -> date:
    """Last day of a membership that is listed no more: the eve of what follows it, or the day of the list."""
    began: date = row["starts_on"] or date.min
    later = [start for start in starts.get((row["group_id"], row["state_id"]), []) if start > began]
    return min(later) - timedelta(days=1) if later else max(as_of, began)
