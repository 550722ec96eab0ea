"""Installing: from nothing to ready, the same again, and two at once."""

from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import cast

import pytest
from sqlalchemy import Connection, text
from sqlalchemy.engine import Engine

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
