"""The migrations: up, down and up again, equal to the models, each step undone whole."""

from collections.abc import Iterator

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text

from app.database import make_engine
from app.schema import Base

pytestmark = pytest.mark.once


@pytest.fixture
def connection(empty_database_url: str) -> Iterator[Connection]:
    engine = make_engine(empty_database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.fixture
def config(connection: Connection) -> Config:
    config = Config("alembic.ini")
    config.attributes["connection"] = connection
    return config


def leftovers(connection: Connection) -> set[str]:
    """Tables, functions and types of ours that a complete downgrade must not leave behind."""
    names = connection.execute(
        text(
            "SELECT relname::text FROM pg_class WHERE relnamespace = 'public'::regnamespace"
            " UNION SELECT proname::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
            " UNION SELECT typname::text FROM pg_type WHERE typnamespace = 'public'::regnamespace"
        )
    ).scalars()
    return {name for name in names if "alembic_version" not in name}


def test_every_step_can_be_undone_and_done_again(config: Config, connection: Connection) -> None:
    revisions = [script.revision for script in ScriptDirectory.from_config(config).walk_revisions()]
    for revision in reversed(revisions):
        command.upgrade(config, revision)
        command.downgrade(config, "-1")
        command.upgrade(config, revision)
    command.downgrade(config, "base")
    assert leftovers(connection) == set()
    command.upgrade(config, "head")
    assert "requests" in inspect(connection).get_table_names()


def test_the_migrations_make_what_the_models_say(config: Config, connection: Connection) -> None:
    command.upgrade(config, "head")
    command.check(config)


def test_a_table_that_a_model_forgot_would_be_noticed(config: Config, connection: Connection) -> None:
    command.upgrade(config, "head")
    connection.execute(text("CREATE TABLE stray (id int)"))
    context = MigrationContext.configure(connection)
    assert any("stray" in str(difference) for difference in compare_metadata(context, Base.metadata))
