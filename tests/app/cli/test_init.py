"""``assist1540 init``, and the frame around commands on the embedded server."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import psycopg
import pytest

from app.migration import newest
from tests.commands import assist1540, environment, started

pytestmark = pytest.mark.once

HEAD = re.compile(r"Chain head (\d+:[0-9a-f]{64})")


@pytest.fixture
def data_dir() -> Iterator[Path]:
    """A folder for an embedded database, in a place that every user can reach."""
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        Path(place).chmod(0o755)
        yield Path(place) / "data"


def test_init_tells_what_it_loaded_and_the_second_time_that_nothing_changed(empty_database_url: str) -> None:
    first = assist1540("init", database_url=empty_database_url)
    assert first.returncode == 0, first.stderr
    again = assist1540("init", "--json", database_url=empty_database_url)
    assert again.returncode == 0, again.stderr
    installed = json.loads(again.stdout)
    assert installed["revision"] == newest()
    assert {entry["added"] for entry in installed["reference"]["lists"]} == {0}
    head = HEAD.search(first.stdout)
    assert head is not None
    assert head[1] == f"{installed['head']['number']}:{installed['head']['link']}"


def test_without_an_address_the_data_stay_in_the_embedded_database(data_dir: Path) -> None:
    first = assist1540("init", data_dir=data_dir)
    assert first.returncode == 0, first.stderr
    doctor = assist1540("doctor", data_dir=data_dir)
    assert doctor.returncode == 0, doctor.stdout + doctor.stderr
    assert HEAD.findall(doctor.stdout) == HEAD.findall(first.stdout)
    assert not (data_dir / "cluster" / "postmaster.pid").exists()


def test_serve_worker_and_other_commands_share_one_embedded_database(data_dir: Path) -> None:
    assert assist1540("init", data_dir=data_dir).returncode == 0
    env = environment(data_dir=data_dir, ASSIST1540_PORT="0")
    with started("serve", env=env) as serve, started("worker", env=env) as worker:
        assert serve.stdout is not None
        assert worker.stdout is not None
        assert serve.stdout.readline().startswith("assist1540 serves http://127.0.0.1:")
        assert worker.stdout.readline().startswith("assist1540 works off the queue")
        doctor = assist1540("doctor", data_dir=data_dir)
        assert doctor.returncode == 0, doctor.stdout + doctor.stderr
        serve.terminate()
        serve.communicate()
        assert assist1540("doctor", data_dir=data_dir).returncode == 0
        worker.terminate()
        worker.communicate()
    assert (serve.returncode, worker.returncode) == (0, 0)
    assert not (data_dir / "cluster" / "postmaster.pid").exists()


def test_lists_that_contradict_the_shipped_ones_are_not_overwritten(installed_database_url: str) -> None:
    with psycopg.connect(installed_database_url) as connection:
        connection.execute("UPDATE code_lists SET sha256 = repeat('0', 64) WHERE name = 'domains'")
    done = assist1540("init", database_url=installed_database_url)
    assert done.returncode == 1
    assert "domains" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_that_may_not_be_changed_is_told_in_a_sentence(empty_database_url: str) -> None:
    with psycopg.connect(empty_database_url, autocommit=True) as connection:
        name = connection.info.dbname
        connection.execute(f'ALTER DATABASE "{name}" SET default_transaction_read_only = on'.encode())
    done = assist1540("init", database_url=empty_database_url)
    assert done.returncode == 1
    assert "read-only transaction" in done.stderr
    assert "Traceback" not in done.stderr
