"""Installing: from nothing to ready, the same again, and two at once."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import cast
from uuid import uuid4

import psycopg
import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine, make_url

from app.database import make_engine, session_scope
from app.events.service import verify
from app.installation import install
from app.migration import OLDEST_POSTGRES, UnusableDatabase, newest, require_ready, require_version, upgrade


def quietly(_stage: str, _share: float | None) -> None:
    """Nobody watches."""


@pytest.fixture
def empty(empty_database_url: str) -> Engine:
    return make_engine(empty_database_url)


def test_an_empty_database_becomes_ready(empty: Engine) -> None:
    stages: list[str] = []
    installed = install(empty, lambda stage, _share: stages.append(stage))
    assert installed.revision == newest()
    assert installed.reference.changed
    assert (installed.strategy.name, installed.strategy.version) == ("default", 1)
    assert installed.head.number > 0
    assert len(stages) == len(set(stages)) > 2
    with empty.connect() as connection:
        require_ready(connection)
        assert connection.scalar(text("SELECT count(*) FROM states")) == 193
        assert connection.scalar(text("SELECT count(*) FROM procrastinate_jobs")) == 0
        assert set(connection.scalars(text("SELECT DISTINCT actor FROM events"))) == {"installation"}


def test_installing_again_changes_nothing(empty: Engine) -> None:
    first = install(empty, quietly)
    again = install(empty, quietly)
    assert not again.reference.changed
    assert again.strategy == first.strategy
    assert again.head == first.head


def test_two_installations_at_once_make_one(empty_database_url: str) -> None:
    with ThreadPoolExecutor(2) as pool:
        both = list(pool.map(lambda _: install(make_engine(empty_database_url), quietly), range(2)))
    assert sorted(installed.reference.changed for installed in both) == [False, True]
    with session_scope(make_engine(empty_database_url)) as session:
        assert verify(session) == []


def test_who_owns_the_database_needs_no_other_right(empty_database_url: str) -> None:
    user = f"plain_{uuid4().hex[:8]}"
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        database = connection.info.dbname
        connection.execute(f"CREATE ROLE {user} LOGIN PASSWORD 'word' NOSUPERUSER NOCREATEDB NOCREATEROLE".encode())
        connection.execute(f'ALTER DATABASE "{database}" OWNER TO {user}'.encode())
    try:
        engine = make_engine(as_user(empty_database_url, user, "word"))
        install(engine, quietly)
        with session_scope(engine) as session:
            assert session.scalar(text("SELECT current_user")) == user
            assert verify(session) == []
        engine.dispose()
    finally:
        with psycopg.connect(empty_database_url, autocommit=True) as connection:
            connection.execute(f"REASSIGN OWNED BY {user} TO CURRENT_USER; DROP OWNED BY {user}".encode())
            connection.execute(f"DROP ROLE {user}".encode())


def as_user(url: str, user: str, password: str) -> str:
    """The same database, to be entered as another user; in our own servers' addresses the user is a parameter."""
    address = make_url(url).difference_update_query(["user"]).set(username=user, password=password)
    return address.render_as_string(hide_password=False)


def test_a_database_of_a_newer_version_is_refused(database_url: str) -> None:
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(UnusableDatabase, match="use a newer assist1540"):
        upgrade(engine)


def test_a_server_that_is_too_old_is_refused_with_the_version_that_is_needed() -> None:
    server = SimpleNamespace(server_version=140_012)
    old = SimpleNamespace(connection=SimpleNamespace(dbapi_connection=SimpleNamespace(info=server)))
    with pytest.raises(UnusableDatabase, match=f"the server is PostgreSQL 14; version {OLDEST_POSTGRES} or later"):
        require_version(cast(Connection, old))
    server.server_version = OLDEST_POSTGRES * 10_000
    require_version(cast(Connection, old))
