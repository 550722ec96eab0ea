"""Ctrl-C during every command: one sentence, exit code 1, and a database that is whole."""

import os
import signal
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from app.database import make_engine
from app.diagnosis import examine
from app.settings import read_settings
from tests.commands import assist1540, environment, started
from tests.conftest import Databases

pytestmark = pytest.mark.once

#: Of the time that a command takes, when Ctrl-C strikes.
WHILE_WRITING = (0.15, 0.5, 0.8)
WHILE_READING = (0.15, 0.4)
SENTENCE = "assist1540: interrupted; nothing was half-written"

WRITING = [["init"], ["load"], ["generate", "--needs", "60", "--offers", "40", "--quarters", "2"], ["run"]]
READING = [["runs"], ["show", "R-ALB-2004"], ["export", "requests"], ["doctor"]]


@pytest.fixture(scope="module")
def loaded_template(databases: Databases, installed_template: str) -> str:
    """A database with the public record, to be copied."""
    url = databases.make(installed_template)
    done = assist1540("load", database_url=url)
    assert done.returncode == 0, done.stderr
    return url


@pytest.fixture
def fresh_database(
    request: pytest.FixtureRequest, databases: Databases, installed_template: str, loaded_template: str
) -> Iterator[str]:
    """A database in which the command has everything still to do."""
    before = {"init": None, "load": installed_template, "generate": installed_template}
    yield (url := databases.make(before.get(request.param[0], loaded_template)))
    databases.drop(url)


def interrupted(process: subprocess.Popen[str], after_s: float) -> tuple[int, str]:
    """Exit code and standard error of a command that Ctrl-C struck."""
    time.sleep(after_s)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    return process.returncode, said


def is_whole(url: str) -> bool:
    """Whether ``doctor`` finds nothing wrong."""
    engine = make_engine(url)
    try:
        return examine(engine, read_settings(database_url=url)).faults == []
    finally:
        engine.dispose()


@pytest.mark.parametrize(
    ("command", "fresh_database"),
    [(command, command) for command in WRITING + READING],
    ids=lambda command: command[0],
    indirect=["fresh_database"],
)
def test_ctrl_c_at_any_moment_is_one_sentence_and_leaves_the_database_whole(
    command: list[str], fresh_database: str, databases: Databases
) -> None:
    env = environment(fresh_database)
    rehearsal = databases.make(fresh_database)
    began = time.monotonic()
    assert assist1540(*command, database_url=rehearsal).returncode == 0
    takes_s = time.monotonic() - began
    databases.drop(rehearsal)

    ended = []
    for moment in WHILE_WRITING if command in WRITING else WHILE_READING:
        with started(*command, env=env) as process:
            status, said = interrupted(process, moment * takes_s)
        assert "Traceback" not in said, said
        assert status in (0, 1), said
        if status == 1:
            assert said.splitlines()[-1] == SENTENCE
        ended.append(status)
        if command != ["init"]:
            assert is_whole(fresh_database)
    assert 1 in ended, "Ctrl-C never struck in time"
    if command in WRITING:
        assert assist1540(*command, database_url=fresh_database).returncode == 0
        assert is_whole(fresh_database)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_runs_until_ctrl_c_ends_well_by_it(installed_database_url: str, command: str) -> None:
    env = environment(installed_database_url, ASSIST1540_PORT="0")
    with started(command, env=env) as process:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("assist1540 ")
        status, said = interrupted(process, 0.5)
    assert status == 0
    assert "Traceback" not in said
    assert is_whole(installed_database_url)


@pytest.mark.parametrize("command", ["serve", "worker"])
def test_what_runs_until_ctrl_c_can_be_stopped_before_it_is_up(installed_database_url: str, command: str) -> None:
    env = environment(installed_database_url, ASSIST1540_PORT="0")
    with started(command, env=env) as process:
        status, said = interrupted(process, 0.4)
    assert status in (0, 1)
    assert "Traceback" not in said
    if status == 1:
        assert said.splitlines()[-1] == SENTENCE


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_being_told_to_stop_is_like_ctrl_c(empty_database_url: str, number: signal.Signals) -> None:
    with started("init", env=environment(empty_database_url)) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "init: migrating the schema\n"
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1] == SENTENCE


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for an embedded database, in a place that every user can reach."""
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        Path(place).chmod(0o755)
        yield Path(place) / "data"


def test_ctrl_c_twice_in_a_terminal_stops_the_embedded_server_too(data_dir: Path) -> None:
    with started("init", env=environment(data_dir=data_dir), start_new_session=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "init: migrating the schema\n"
        for _ in range(2):  # a terminal sends it to every process of the group
            os.killpg(process.pid, signal.SIGINT)
            time.sleep(0.05)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert "Traceback" not in said
    assert said.splitlines()[-1] == SENTENCE
    assert not (data_dir / "cluster" / "postmaster.pid").exists()
    assert assist1540("init", data_dir=data_dir).returncode == 0
    assert assist1540("doctor", data_dir=data_dir).returncode == 0
