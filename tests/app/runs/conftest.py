"""Databases that hold a small record, and runs on them."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import make_engine
from tests.app.runs.records import store

MakeDatabase = Callable[[str | None], str]


@pytest.fixture(scope="session")
def recorded_template(make_database: MakeDatabase, installed_template: str) -> str:
    """A database with the small record, to be copied."""
    url = make_database(installed_template)
    engine = make_engine(url)
    with Session(engine) as session:
        store(session)
    engine.dispose()
    return url


@pytest.fixture
def recorded_url(make_database: MakeDatabase, recorded_template: str) -> str:
    """Address of a database of its own with the small record."""
    return make_database(recorded_template)


@pytest.fixture
def engine(recorded_url: str) -> Iterator[Engine]:
    """An engine on a database of its own with the small record."""
    engine = make_engine(recorded_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on a database of its own with the small record."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
