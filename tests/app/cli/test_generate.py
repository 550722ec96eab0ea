"""``assist1540 generate`` as people call it: a process of its own."""

import hashlib
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest

from tests.commands import environment

pytestmark = pytest.mark.once

ROOT = Path(__file__).parents[3]
SMALL = ("--needs", "12", "--offers", "6", "--groups", "2")


def started(*arguments: str, url: str | None = None) -> "subprocess.Popen[bytes]":
    """The command with these arguments, under way."""
    return subprocess.Popen(
        [sys.executable, "-c", "from app.cli import main; main()", "generate", *arguments],
        cwd=ROOT,
        env=environment(url),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def generate(*arguments: str, url: str | None = None) -> "subprocess.CompletedProcess[str]":
    """The command with these arguments, ended."""
    process = started(*arguments, url=url)
    said, complained = process.communicate(timeout=120)
    return subprocess.CompletedProcess(arguments, process.returncode, said.decode(), complained.decode())


def n_needs(url: str) -> int:
    """Needs in the database."""
    with psycopg.connect(url) as connection:
        row = connection.execute("SELECT count(*) FROM needs").fetchone()
        assert row is not None
        return int(row[0])


def test_the_file_and_the_standard_output_are_the_same_lines(tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson"
    told = generate(*SMALL, "-o", str(file), "--json")
    summary = json.loads(told.stdout)
    assert told.returncode == 0
    assert summary["sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (summary["needs"], summary["records"]["offers"], summary["records"]["group-submissions"]) == (12, 6, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["records.ndjson"]
    streamed = generate(*SMALL, "-o", "-")
    assert streamed.stdout.encode() == file.read_bytes()
    assert f"SHA-256 {summary['sha256']}" in streamed.stderr
    for line in streamed.stdout.splitlines():
        assert json.loads(line)["resource"].startswith("/v1/")


def test_the_database_gets_the_records_once(installed_database_url: str) -> None:
    first = generate(*SMALL, url=installed_database_url)
    assert first.returncode == 0, first.stderr
    assert "Synthetic records of seed 7" in first.stdout
    assert "a run of 2015-Q4 takes them all" in first.stdout
    again = generate(*SMALL, "--json", url=installed_database_url)
    assert again.returncode == 0
    assert json.loads(again.stdout)["already_there"] is True
    assert n_needs(installed_database_url) == 12


def test_another_plan_under_the_same_seed_is_refused(installed_database_url: str) -> None:
    assert generate(*SMALL, url=installed_database_url).returncode == 0
    refused = generate("--needs", "13", "--offers", "6", "--groups", "2", url=installed_database_url)
    assert refused.returncode == 2
    assert "other records of seed 7 are stored" in refused.stderr
    assert n_needs(installed_database_url) == 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--needs", "0"), "--needs must be between 1 and 1000000, not 0"),
        (("--needs", "-3"), "--needs must be between 1 and 1000000, not -3"),
        (("--needs", "many"), "Invalid value for '--needs'"),
        (("--needs", "5", "--groups", "6"), "--groups 6 must not be more than --needs 5"),
        (("--from-quarter", "2015-Q5"), "'2015-Q5' is no quarter"),
        (("--quarters", "0"), "--quarters must be between 1 and 40, not 0"),
        (("-o", "-", "--json"), "leave one out"),
        (("-o", "/nowhere/at/all.ndjson"), "there is no folder /nowhere/at"),
        (("-o", "/"), "is a folder; name a file"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    refused = generate(*arguments)
    assert refused.returncode == 2
    assert said in refused.stderr
    assert len(refused.stderr.splitlines()) == 1
    assert refused.stdout == ""


def test_a_database_that_is_not_set_up_is_named_as_such(empty_database_url: str) -> None:
    refused = generate(*SMALL, url=empty_database_url)
    assert refused.returncode == 1
    assert "run `assist1540 init`" in refused.stderr


def test_ctrl_c_leaves_no_record_and_no_file(installed_database_url: str, tmp_path: Path) -> None:
    file = tmp_path / "records.ndjson"
    file.write_text("what was there before\n")
    for process in (
        started("--needs", "20000", url=installed_database_url),
        started("--needs", "1000000", "-o", str(file)),
    ):
        wait_for_work(process)
        process.send_signal(signal.SIGINT)
        _, complained = process.communicate(timeout=60)
        assert process.returncode == 1
        assert b"interrupted; nothing was half-written" in complained
    assert n_needs(installed_database_url) == 0
    assert file.read_text() == "what was there before\n"
    assert list(tmp_path.iterdir()) == [file]


def wait_for_work(process: "subprocess.Popen[bytes]") -> None:
    """Wait until the command says that it writes."""
    assert process.stderr is not None
    for line in process.stderr:
        if b"writing" in line:
            time.sleep(0.3)
            return
    raise AssertionError("the command ended without writing")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="/dev/full, a disk that is always full, is not there")
def test_a_full_disk_is_said_in_one_sentence() -> None:
    refused = generate("-o", "/dev/full")
    assert refused.returncode == 1
    assert "No space left on device" in refused.stderr or "disk is full" in refused.stderr
    assert "Traceback" not in refused.stderr
