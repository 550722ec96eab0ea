"""The commands on a synthetic record: stopped midway they keep what is done, and then finish it."""

import json
import re
import shlex
import signal
from pathlib import Path
from typing import Any

import pytest
import yaml

from app.strategies.service import shipped
from tests.app.scenarios.conftest import MakeDatabase
from tests.commands import assist1540, environment, started

pytestmark = pytest.mark.once

N_QUARTERS = 8
VALUES = ",".join(str(value) for value in range(0, 100, 5))


@pytest.fixture(scope="module")
def url(make_database: MakeDatabase, installed_template: str) -> str:
    """A synthetic record of eight quarters, the last of which has been run."""
    url = make_database(installed_template)
    plan = ("--needs", "100", "--offers", "100", "--groups", "4", "--quarters", str(N_QUARTERS))
    for command in (("generate", *plan, "--from-quarter", "2015-Q1"), ("run", "2016-Q4")):
        done = assist1540(*command, database_url=url)
        assert done.returncode == 0, done.stderr
    return url


def interrupted_midway(url: str, *arguments: str) -> tuple[list[str], int]:
    """Ctrl-C once a scenario is done: the command that goes on, as it is told, and how many are said to be kept."""
    process = started(*arguments, "--jobs", "1", env=environment(url))
    assert process.stderr is not None
    for line in process.stderr:
        if re.search(r": [1-9]\d* of \d+ scenarios", line):
            process.send_signal(signal.SIGINT)
            break
    printed, said = process.communicate(timeout=60)
    assert (process.returncode, printed) == (1, ""), said
    told = re.search(r"interrupted; (\d+) of \d+ scenarios are done and kept; go on with `assist1540 ([^`]+)`", said)
    assert told is not None, said
    return shlex.split(told[2]), int(told[1])


def finished(url: str, *arguments: str) -> dict[str, Any]:
    """What a command prints as JSON when nothing stops it."""
    done = assist1540(*arguments, "--json", database_url=url)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert isinstance(found, dict)
    return found


def test_a_what_if_over_twenty_strategies_goes_on_where_it_was_stopped(url: str) -> None:
    command, n_kept = interrupted_midway(url, "what-if", "2016-Q4", "--grid", f"urgency.never_served.value={VALUES}")
    assert command[:2] == ["what-if", "--resume"]
    found = finished(url, *command)
    assert found["study"]["state"] == "done"
    assert found["study"]["scenarios"]["done"] == len(found["scenarios"]) == 21
    assert 1 <= n_kept < 21


def test_a_backtest_over_eight_quarters_goes_on_where_it_was_stopped(url: str) -> None:
    period = ("--from", "2015-Q1", "--until", "2016-Q4")
    grid = ("--grid", "urgency.waiting.per_quarter.value=0,1,2,3")
    command, _ = interrupted_midway(url, "backtest", *period, *grid)
    found = finished(url, *command)
    assert [each["quarter"] for each in found["scenarios"][::4]] == [
        f"{year}-Q{number}" for year in (2015, 2016) for number in range(1, 5)
    ]
    assert {each["figures"]["status"] for each in found["scenarios"]} == {"optimal"}
    assert [each["baseline"] for each in found["scenarios"]] == [
        baseline for first in range(1, 4 * N_QUARTERS, 4) for baseline in (None, first, first, first)
    ]


def test_a_strategy_in_a_file_is_compared_with_the_one_that_was_run(url: str, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(yaml.safe_dump(shipped() | {"name": "mine", "objective": "points"}))
    done = assist1540("what-if", "RUN-2016-Q4", "--strategy", str(mine), "--jobs", "1", database_url=url)
    assert done.returncode == 0, done.stderr
    assert "mine" in done.stdout and "default, as it was run" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["what-if", "2016-Q4", "--grid", "objective"], "write PLACE=VALUE"),
        (["what-if", "--resume", "X"], "there is no study X"),
    ],
)
def test_wrong_arguments_end_in_a_sentence(url: str, arguments: list[str], says: str) -> None:
    done = assist1540(*arguments, database_url=url)
    assert done.returncode in (1, 2) and says in done.stderr, done.stderr
    assert "Traceback" not in done.stderr
