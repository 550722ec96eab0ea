"""The event log from outside: seal it, name its head, prove that it is whole.

Links are computed twice on purpose: by ``seal_events()`` in the database and, here, from the rows alone, so
that a change made by hand in the database does not come with a link that agrees.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from app.events.models import Event, EventPayload

#: What the first event links to.
GENESIS = bytes(32)
#: Events read at a time while verifying.
BATCH = 5_000


@dataclass(frozen=True)
class Head:
    """The newest sealed event: keep it elsewhere, and a log cut short can no longer pass for whole."""

    number: int
    link: str

    def __str__(self) -> str:
        """As it is printed and given back: ``NUMBER:HASH``."""
        return f"{self.number}:{self.link}"

    @classmethod
    def parse(cls, given: str) -> "Head":
        """Read ``NUMBER:HASH``; raises ValueError with the form that is wanted."""
        number, colon, link = given.partition(":")
        if not (colon and number.isdecimal() and len(link) == 64 and set(link) <= set("0123456789abcdef")):
            raise ValueError(f"{given!r} is no chain head; write NUMBER:HASH, the hash in 64 hexadecimal digits")
        return cls(int(number), link)


@dataclass(frozen=True)
class LogFault:
    """Something wrong with the log, and the first place where it shows."""

    code: str
    event: int | None
    message: str


def seal(session: Session) -> Head:
    """Number and link every event older than all running transactions; return the head after it.

    Uses the session's transaction, which must not have written before: its own events would stay unsealed.
    """
    session.execute(text("SELECT seal_events()"))
    return head(session)


def head(session: Session) -> Head:
    """The newest sealed event, or number 0 when there is none."""
    newest = session.execute(
        select(Event.number, Event.link).where(Event.number.is_not(None)).order_by(Event.number.desc()).limit(1)
    ).one_or_none()
    if newest is None:
        return Head(0, GENESIS.hex())
    return Head(newest.number, newest.link.hex())


def n_unsealed(session: Session) -> int:
    """How many events have no number yet: their transactions ended after one that is still running began."""
    return session.scalar(select(func.count()).select_from(Event).where(Event.number.is_(None))) or 0


def verify(session: Session, earlier: Head | None = None) -> list[LogFault]:
    """Everything that is wrong with the log; an empty list proves it whole, up to and with ``earlier``."""
    faults = [*_chain_faults(session), *_payload_faults(session), *_history_faults(session)]
    if earlier is not None:
        faults += _cut_faults(session, earlier)
    return faults


def _chain_faults(session: Session) -> Iterator[LogFault]:
    """The first break of the chain; what follows a break proves nothing more, so it is not listed."""
    expected, link = 1, GENESIS
    for event in _sealed(session):
        if event.number != expected:
            yield LogFault("EVENT_MISSING", expected, f"event {expected} is missing: the next one is {event.number}")
            return
        link = sha256(link + _header(event).encode() + event.digest).digest()
        if link != event.link:
            yield LogFault(
                "LINK_BROKEN",
                event.number,
                f"event {event.number} ({event.action} {event.entity} {event.entity_key}) was changed after sealing",
            )
            return
        expected += 1


def _sealed(session: Session) -> Iterator[Any]:
    columns = select(
        Event.id,
        Event.xid,
        Event.at,
        Event.actor,
        Event.entity,
        Event.entity_key,
        Event.action,
        Event.digest,
        Event.number,
        Event.link,
    )
    last = 0
    while True:
        rows = session.execute(columns.where(Event.number > last).order_by(Event.number).limit(BATCH)).all()
        if not rows:
            return
        yield from rows
        last = rows[-1].number


def _header(event: Row[Any]) -> str:
    """The text that ``event_header()`` makes in the database, made here from the row."""
    at: datetime = event.at.astimezone(UTC)
    return json.dumps(
        [
            event.number,
            event.id,
            str(event.xid),
            at.strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            event.actor,
            event.entity,
            event.entity_key,
            event.action,
        ],
        ensure_ascii=False,
    )


def _payload_faults(session: Session) -> Iterator[LogFault]:
    """Payloads that are gone or no longer agree with the digest in the chain."""
    agrees = func.sha256(EventPayload.salt.op("||")(func.convert_to(EventPayload.payload, "UTF8"))) == Event.digest
    bad = session.execute(
        select(Event.id, Event.number, Event.entity, Event.entity_key, EventPayload.event_id)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .where(EventPayload.event_id.is_(None) | ~agrees)
        .order_by(Event.id)
    )
    for row in bad:
        code, what = ("PAYLOAD_MISSING", "is gone") if row.event_id is None else ("PAYLOAD_CHANGED", "was changed")
        name = row.number if row.number is not None else f"(unsealed, id {row.id})"
        yield LogFault(code, row.number, f"the payload of event {name}, {row.entity} {row.entity_key}, {what}")


def _history_faults(session: Session) -> Iterator[LogFault]:
    """Versions without their event, events without their version, and versions that differ from the event."""
    bad = session.execute(
        text(
            "SELECT coalesce(history.event_id, events.id) AS id, events.number,"
            " coalesce(events.entity, history.entity) AS entity,"
            " coalesce(events.entity_key, history.entity_key) AS entity_key"
            " FROM events FULL JOIN history ON history.event_id = events.id"
            " LEFT JOIN event_payloads ON event_payloads.event_id = events.id"
            " WHERE history.id IS NULL OR events.id IS NULL"
            " OR (event_payloads.event_id IS NOT NULL AND event_payloads.payload::jsonb -> 'row' <> history.row)"
            " ORDER BY 1"
        )
    )
    for row in bad:
        yield LogFault(
            "HISTORY_DIFFERS",
            row.number,
            f"history and log disagree about {row.entity} {row.entity_key} (event id {row.id})",
        )


def _cut_faults(session: Session, earlier: Head) -> Iterator[LogFault]:
    link = session.scalar(select(Event.link).where(Event.number == earlier.number))
    if earlier.number and link is None:
        yield LogFault("LOG_CUT", earlier.number, f"the log ends before event {earlier.number}: its end was cut off")
    elif link is not None and link.hex() != earlier.link:
        yield LogFault(
            "HEAD_DIFFERS", earlier.number, f"event {earlier.number} is not the one that the given head names"
        )
