"""Databases for the tests: real PostgreSQL, one clean database for each test that asks for one.

Without ``DATABASE_URL`` a server of our own is started and thrown away; with it, databases are made on that
server (its user needs CREATEDB) and dropped afterwards.
"""

import itertools
import os
import signal
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from app.database import make_engine
from app.migration import upgrade
from app.postgres import fleeting
from app.settings import plain_address

# What a shell starts in the background ignores Ctrl-C, and hands that down to the commands that tests interrupt.
signal.signal(signal.SIGINT, signal.default_int_handler)

NUMBERS = itertools.count(1)
MakeDatabase = Callable[[str | None], str]


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """In CI every tool is there: a test that would be skipped for want of one fails."""
    report = yield
    if not hasattr(report, "wasxfail"):
        _refuse_skip(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    """The same for a module that skips itself as a whole."""
    report = yield
    _refuse_skip(report)
    return report


def _refuse_skip(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and os.environ.get("CI") == "true":
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        report.outcome = "failed"
        report.longrepr = f"skipped in CI: {reason}"


@pytest.fixture(scope="session")
def server_url() -> Iterator[str]:
    """Address of a database from which others can be made."""
    if given := plain_address(os.environ.get("DATABASE_URL")):
        yield given
        return
    programs = os.environ.get("ASSIST1540_POSTGRES_BIN")
    with fleeting(programs=Path(programs) if programs else None) as url:
        yield url


class Databases:
    """Makes databases on one server, and drops those that are still there in the end."""

    def __init__(self, server_url: str) -> None:
        self._server_url = server_url
        self._made: list[str] = []

    def make(self, template: str | None = None) -> str:
        """Address of a new database, empty or a copy of the one at ``template``."""
        name = f"assist1540_test_{os.getpid()}_{next(NUMBERS)}"
        source = make_url(template).database if template else "template0"
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(
                sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(source or ""))
            )
        self._made.append(name)
        return make_url(self._server_url).set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Drop a database of ours, whoever is still connected to it."""
        name = make_url(url).database or ""
        self._made.remove(name)
        with psycopg.connect(self._server_url, autocommit=True) as connection:
            connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    def drop_all(self) -> None:
        """Drop what is left, the newest first."""
        for name in reversed(self._made.copy()):
            self.drop(make_url(self._server_url).set(database=name).render_as_string(hide_password=False))


@pytest.fixture(scope="session")
def databases(server_url: str) -> Iterator[Databases]:
    """The databases of this test process."""
    databases = Databases(server_url)
    yield databases
    if plain_address(os.environ.get("DATABASE_URL")):
        databases.drop_all()  # a server of our own goes with all it holds


@pytest.fixture(scope="session")
def make_database(databases: Databases) -> MakeDatabase:
    """Makes a database, empty or a copy of another one, and returns its address. It lasts until all tests have run."""
    return databases.make


@pytest.fixture(scope="session")
def migrated_template(make_database: MakeDatabase) -> str:
    """A database with the schema and nothing in it, to be copied."""
    url = make_database(None)
    engine = make_engine(url)
    upgrade(engine)
    engine.dispose()
    return url


@pytest.fixture(scope="session")
def installed_template(make_database: MakeDatabase, migrated_template: str) -> str:
    """A database as ``assist1540 init`` leaves it, to be copied."""
    from app.installation import install  # brings the solver with it, a second that most tests can do without

    url = make_database(migrated_template)
    engine = make_engine(url)
    install(engine, lambda _stage, _share: None)
    engine.dispose()
    return url


@pytest.fixture
def installed_database_url(databases: Databases, installed_template: str) -> Iterator[str]:
    """A database as ``assist1540 init`` leaves it: reference data, default strategy, job queue, no records."""
    yield (url := databases.make(installed_template))
    databases.drop(url)


@pytest.fixture
def empty_database_url(databases: Databases) -> Iterator[str]:
    """A database without any table."""
    yield (url := databases.make())
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, migrated_template: str) -> Iterator[str]:
    """A database with the schema and nothing in it."""
    yield (url := databases.make(migrated_template))
    databases.drop(url)


@pytest.fixture
def session(database_url: str) -> Iterator[Session]:
    """A session on a database of its own, with the schema and nothing in it."""
    engine = make_engine(database_url)
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
