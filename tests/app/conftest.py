"""A live server on a database with the reference data, spoken to over real HTTP."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session

from app.database import make_engine
from app.main import create_app
from app.settings import Settings

MakeDatabase = Callable[[str | None], str]


@dataclass(frozen=True)
class Server:
    """A server that listens, and the database behind it."""

    url: str
    database_url: str


@contextmanager
def serving(database_url: str) -> Iterator[Server]:
    """Serve the application on a free port, in a thread, until the block ends."""
    app = create_app(Settings(database_url=database_url))
    runner = uvicorn.Server(uvicorn.Config(app, host="127.0.0.1", port=0, log_level="warning"))
    thread = threading.Thread(target=runner.run)
    thread.start()
    try:
        while not runner.started:
            assert thread.is_alive(), "the server did not start"
            time.sleep(0.01)
        port = runner.servers[0].sockets[0].getsockname()[1]
        yield Server(f"http://127.0.0.1:{port}", database_url)
    finally:
        runner.should_exit = True
        thread.join()


@pytest.fixture(scope="module")
def server(make_database: MakeDatabase, installed_template: str) -> Iterator[Server]:
    """A server on a database as `assist1540 init` leaves it, one for the tests of a module."""
    with serving(make_database(installed_template)) as server:
        yield server


@pytest.fixture
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of the module's server."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        yield client


@pytest.fixture
def record(make_database: MakeDatabase, installed_template: str) -> Iterator[Session]:
    """A session on a database of its own, as `assist1540 init` leaves it."""
    engine = make_engine(make_database(installed_template))
    with Session(engine, expire_on_commit=False) as session:
        yield session
    engine.dispose()
