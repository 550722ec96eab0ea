"""Databases that hold the small record with a finished run, and studies of it."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.database import make_engine
from app.runs import service as runs
from app.runs.jobs import run_in_process
from app.runs.schemas import RunStart
from app.visibility import LOCAL
from tests.app.runs.records import store

MakeDatabase = Callable[[str | None], str]


@pytest.fixture(scope="session")
def run_template(make_database: MakeDatabase, installed_template: str) -> str:
    """A database with the small record and RUN-2015-Q1, to be copied."""
    url = make_database(installed_template)
    engine = make_engine(url)
    with Session(engine) as session:
        store(session)
        started = runs.start(session, LOCAL, RunStart(quarter="2015-Q1"), time_limit_s=120, queue=False)
        session.commit()
    run_in_process(engine, started.run_id, lambda _stage, _share: None)
    engine.dispose()
    return url


@pytest.fixture
def run_url(make_database: MakeDatabase, run_template: str) -> str:
    """Address of a database of its own with RUN-2015-Q1."""
    return make_database(run_template)


@pytest.fixture
def engine(run_url: str) -> Iterator[Engine]:
    """An engine on a database of its own with RUN-2015-Q1."""
    engine = make_engine(run_url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session on a database of its own with RUN-2015-Q1."""
    with Session(engine, expire_on_commit=False) as session:
        yield session
