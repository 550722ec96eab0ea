"""The event log: complete under concurrent writers, and every change made by hand is named."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.database import make_engine
from app.events.service import Head, head, seal, verify


def write(session: Session, code: str) -> None:
    session.execute(
        text("INSERT INTO weapon_scopes (code, title, since_version) VALUES (:code, '{}', '1')"), {"code": code}
    )
    session.commit()


def amend(session: Session, code: str, title: str) -> None:
    session.execute(
        text("UPDATE weapon_scopes SET title = jsonb_build_object('en', cast(:title AS text)) WHERE code = :code"),
        {"code": code, "title": title},
    )
    session.commit()


def by_hand(session: Session, statement: str) -> None:
    """Change the log as somebody with the owner's rights could: with the triggers off."""
    session.execute(text("SET LOCAL session_replication_role = replica"))
    session.execute(text(statement))
    session.commit()


@pytest.fixture
def log(session: Session) -> Session:
    for number in range(5):
        write(session, f"scope-{number}")
    amend(session, "scope-1", 'Ядерное \u0001 " \\ \u007f 核')
    seal(session)
    session.commit()
    return session


def test_an_untouched_log_is_whole(log: Session) -> None:
    assert verify(log, head(log)) == []
    assert head(log).number == 6


def test_fifty_concurrent_writers_lose_no_event(database_url: str) -> None:
    engine = make_engine(database_url, pool_size=50, max_overflow=10)

    def writer(number: int) -> None:
        with Session(engine) as session:
            for round_ in range(4):
                write(session, f"w{number}-{round_}")
                seal(session)
                session.commit()

    with ThreadPoolExecutor(50) as pool:
        list(pool.map(writer, range(50)))
    with Session(engine) as session:
        seal(session)
        session.commit()
        assert verify(session) == []
        assert head(session).number == 200
    engine.dispose()


def test_an_event_of_a_running_transaction_is_not_overtaken(database_url: str) -> None:
    engine = make_engine(database_url)
    with Session(engine) as slow, Session(engine) as fast:
        slow.execute(text("INSERT INTO weapon_scopes (code, title, since_version) VALUES ('slow', '{}', '1')"))
        write(fast, "fast")
        assert seal(fast).number == 0
        fast.commit()
        slow.commit()
        assert seal(fast).number == 2
        fast.commit()
        assert verify(fast) == []
    engine.dispose()


@pytest.mark.parametrize(
    ("statement", "code", "event"),
    [
        ("UPDATE events SET actor = 'somebody else' WHERE number = 3", "LINK_BROKEN", 3),
        ("UPDATE events SET at = at + interval '1 second' WHERE number = 2", "LINK_BROKEN", 2),
        ("DELETE FROM events WHERE number = 4", "EVENT_MISSING", 4),
        (
            "UPDATE event_payloads SET payload = '{}' WHERE event_id = (SELECT id FROM events WHERE number = 5)",
            "PAYLOAD_CHANGED",
            5,
        ),
        ("DELETE FROM event_payloads WHERE event_id = (SELECT id FROM events WHERE number = 1)", "PAYLOAD_MISSING", 1),
        (
            "UPDATE history SET row = '{}' WHERE event_id = (SELECT id FROM events WHERE number = 2)",
            "HISTORY_DIFFERS",
            2,
        ),
        ("DELETE FROM history WHERE event_id = (SELECT id FROM events WHERE number = 6)", "HISTORY_DIFFERS", 6),
    ],
)
def test_a_row_edited_or_cut_by_hand_is_named(log: Session, statement: str, code: str, event: int) -> None:
    by_hand(log, statement)
    assert (code, event) in [(fault.code, fault.event) for fault in verify(log)]


def test_two_events_that_changed_places_are_named(log: Session) -> None:
    by_hand(log, "UPDATE events SET number = -2 WHERE number = 2")
    by_hand(log, "UPDATE events SET number = 2 WHERE number = 3")
    by_hand(log, "UPDATE events SET number = 3 WHERE number = -2")
    assert ("LINK_BROKEN", 2) in [(fault.code, fault.event) for fault in verify(log)]


def test_an_end_cut_off_shows_against_an_earlier_head(log: Session) -> None:
    earlier = head(log)
    for table in ("event_payloads WHERE event_id", "history WHERE event_id", "events WHERE id"):
        by_hand(log, f"DELETE FROM {table} >= (SELECT id FROM events WHERE number = 5)")
    assert [fault.code for fault in verify(log, earlier)][-1] == "LOG_CUT"


def test_another_log_does_not_pass_for_the_earlier_one(log: Session) -> None:
    assert [fault.code for fault in verify(log, Head(3, "ab" * 32))] == ["HEAD_DIFFERS"]


@pytest.mark.parametrize("given", ["", "7", "7:abc", "x:" + "0" * 64, "7:" + "G" * 64])
def test_a_head_that_cannot_be_read_is_refused_with_its_form(given: str) -> None:
    with pytest.raises(ValueError, match="NUMBER:HASH"):
        Head.parse(given)


@pytest.mark.parametrize("statement", ["DELETE FROM weapon_scopes", "TRUNCATE weapon_scopes CASCADE"])
def test_no_record_is_ever_deleted(log: Session, statement: str) -> None:
    with pytest.raises(DBAPIError, match="never deleted"):
        log.execute(text(statement))


def test_a_code_that_no_list_has_is_refused_by_the_database(session: Session) -> None:
    session.execute(text("INSERT INTO domains (code, title, scopes, since_version) VALUES ('OP1', '{}', '{}', '1')"))
    with pytest.raises(DBAPIError, match=r"unknown codes in needs\.modalities: NOPE"):
        session.execute(
            text(
                "INSERT INTO needs (id, request_id, number, reference, domain_code, modalities, scopes, languages,"
                " units, priority, basis) VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'X/1', 'OP1',"
                " '{NOPE}', '{}', '{}', 1, 3, '{}')"
            )
        )


def test_every_version_can_be_read_as_it_was_known(log: Session) -> None:
    versions = log.execute(
        text("SELECT row ->> 'title' AS title, known_until FROM history WHERE entity_key = 'scope-1' ORDER BY id")
    ).all()
    assert versions[0].title == "{}" and versions[0].known_until is not None
    assert "Ядерное" in versions[1].title and versions[1].known_until is None
