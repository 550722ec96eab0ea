"""The whole product as its users run it: processes on real databases, and the same hashes on every way."""

import json
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import httpx
import pytest

from tests.commands import assist1540, environment, started

GENERATE = ("generate", "--needs", "150", "--offers", "100", "--groups", "8", "--quarters", "4", "--seed", "7")
QUARTER = "2015-Q4"


@contextmanager
def serving(url: str) -> Iterator[str]:
    """`assist1540 serve` and `assist1540 worker` on the database at ``url``; the server's address."""
    server = started("serve", "--port", "0", env=environment(url))
    worker = started("worker", env=environment(url))
    try:
        assert server.stdout is not None
        said = server.stdout.readline()
        address = re.search(r"http://\S+?(?=/v1)", said)
        assert address is not None, said
        yield address.group()
    finally:
        for process in (server, worker):
            process.terminate()
        endings = [(process.wait(30), process.communicate()[1]) for process in (server, worker)]
    assert [status for status, _ in endings] == [0, 0], endings


@pytest.fixture
def by_command_line(installed_database_url: str) -> dict[str, str]:
    """The run of the generated record by command line, in this process's stead."""
    assert assist1540(*GENERATE, database_url=installed_database_url).returncode == 0
    ran = assist1540("run", QUARTER, "--json", database_url=installed_database_url)
    assert ran.returncode == 0, ran.stderr
    run: dict[str, str] = json.loads(ran.stdout)["run"]
    return run


def test_a_run_by_rest_and_worker_has_the_hashes_of_a_run_by_command_line(
    by_command_line: dict[str, str], empty_database_url: str
) -> None:
    assert assist1540("init", database_url=empty_database_url).returncode == 0
    assert assist1540(*GENERATE, database_url=empty_database_url).returncode == 0
    with serving(empty_database_url) as address, httpx.Client(base_url=address, timeout=30) as client:
        asked = client.post("/v1/runs", json={"quarter": QUARTER})
        assert asked.status_code == 202
        deadline = time.monotonic() + 60
        while (run := client.get(asked.headers["location"]).json())["state"] in ("queued", "running"):
            assert time.monotonic() < deadline, run
            time.sleep(0.2)
        assert run["state"] == "done", run["failure"]
        paired = client.get(f"{asked.headers['location']}/pairings?limit=0").json()["meta"]["total"]
    assert paired == run["summary"]["pairings"] > 0
    assert run["input_hash"] == by_command_line["input_hash"]
    assert run["result_hash"] == by_command_line["result_hash"]
