"""The history of a record: what became of its rows, transaction by transaction, as the triggers kept it."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from pydantic import BaseModel, Field
from sqlalchemy import String, and_, cast, or_, select
from sqlalchemy.orm import Session

from app.events.models import Event, History
from app.problems import NotFound, pointer

Row = dict[str, Any]
#: Table -> the names in the history of some of its rows.
Keys = Mapping[str, Sequence[str]]

#: Fields of a record that say which version it is, not what it says.
ABOUT_THE_VERSION = frozenset({"version", "content_hash", "updated_at"})


class VersionRead(BaseModel):
    """One version of a record: when it became known, who made it so, and what differs from the version before."""

    number: int
    known_from: datetime
    action: str = Field(description="created, amended or withdrawn")
    actor: str
    changed: list[str] = Field(description="JSON pointers into the record as of this version; none for the first")


@dataclass(frozen=True)
class Change:
    """One transaction that wrote rows of a record. ``known_from``: the instant from which all of it was known."""

    known_from: datetime
    actor: str
    action: str
    #: Table -> name -> the row as it became, for what this transaction wrote.
    rows: dict[str, dict[str, Row]] = field(default_factory=dict)


def changes(session: Session, keys: Keys, entity: str) -> list[Change]:
    """Every transaction that wrote one of the rows that ``keys`` name, the oldest first.

    A change is called what it did to the row of ``entity``, which every change of a record writes.
    """
    named = or_(*(and_(History.entity == table, History.entity_key.in_(names)) for table, names in keys.items()))
    statement = (
        select(
            History.entity,
            History.entity_key,
            History.row,
            cast(Event.xid, String).label("transaction"),
            Event.at,
            Event.actor,
            Event.action,
        )
        .join(Event, Event.id == History.event_id)
        .where(named)
        .order_by(History.event_id)
    )
    found: dict[str, list[Any]] = {}
    for row in session.execute(statement):
        found.setdefault(row.transaction, []).append(row)
    return [_change(rows, entity) for rows in found.values()]


def _change(rows: Sequence[Any], entity: str) -> Change:
    action = next((row.action for row in rows if row.entity == entity), "amended")
    change = Change(max(row.at for row in rows), rows[0].actor, action)
    for row in rows:
        change.rows.setdefault(row.entity, {})[row.entity_key] = row.row
    return change


def states(found: Sequence[Change]) -> Iterator[tuple[Change, dict[str, list[Row]]]]:
    """Each change with all rows of the record, by table, as they were after it."""
    known: dict[str, dict[str, Row]] = {}
    for change in found:
        for table, rows in change.rows.items():
            known.setdefault(table, {}).update(rows)
        yield change, {table: list(rows.values()) for table, rows in known.items()}


def known_at(found: Sequence[Change], instant: datetime) -> dict[str, list[Row]] | None:
    """All rows of the record as they were known at ``instant``; None where nothing was known yet.

    Whole transactions only: an instant inside one sees nothing of it.
    """
    rows = None
    for change, after in states(found):
        if change.known_from > instant:
            break
        rows = after
    return rows


def differing(before: Any, after: Any, *place: str | int) -> Iterator[str]:
    """JSON pointers, into ``after``, to what differs between two versions of a record in JSON.

    Items of a list are compared by what names them (a need by its number, a beneficiary by its State).
    """
    if isinstance(before, dict) and isinstance(after, dict):
        for name in after:
            if name not in ABOUT_THE_VERSION:
                yield from differing(before.get(name), after[name], *place, name)
    elif isinstance(before, list) and isinstance(after, list) and all(isinstance(item, dict) for item in after):
        earlier = {_name(item): item for item in before}
        for number, item in enumerate(after):
            yield from differing(earlier.get(_name(item)), item, *place, number)
    elif before != after:
        yield pointer(*place)


def _name(item: Row) -> Any:
    return item.get("number", item.get("state"))


def versions(found: Sequence[Change], read: Callable[[dict[str, list[Row]]], BaseModel]) -> list[VersionRead]:
    """The versions of a record that ``read`` makes from its rows, the first first."""
    made: list[VersionRead] = []
    before: dict[str, Any] | None = None
    for number, (change, rows) in enumerate(states(found), 1):
        after = read(rows).model_dump(mode="json")
        changed = [] if before is None else list(differing(before, after))
        made.append(
            VersionRead(
                number=number,
                known_from=change.known_from,
                action=change.action,
                actor=change.actor,
                changed=changed,
            )
        )
        before = after
    return made


def row_known_at(session: Session, entity: str, reference: str, instant: datetime) -> Row:
    """The row of a record that has no other, as it was known at ``instant``; raises NotFound where it was not yet."""
    rows = known_at(changes(session, {entity: [reference]}, entity), instant)
    if rows is None:
        raise not_known_yet(reference, instant)
    return rows[entity][0]


def row_versions(session: Session, entity: str, reference: str, read: Callable[[Row], BaseModel]) -> list[VersionRead]:
    """The versions of a record that has no other row, the first first; ``read`` makes one from its row."""
    return versions(changes(session, {entity: [reference]}, entity), lambda rows: read(rows[entity][0]))


def not_known_yet(reference: str, instant: datetime) -> NotFound:
    """The refusal of an instant before the record was submitted."""
    return NotFound(f"{reference} was not known yet at {instant.isoformat()}")
