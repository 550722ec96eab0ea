"""``assist1540 load`` as people call it: what it prints, what it leaves in the database, how it fails."""

import json
import resource
import signal
import string
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import psycopg
import pytest

from app.postgres import FLEETING, embedded
from tests.app.imports.builders import offers_csv, requests_csv, written
from tests.commands import assist1540, environment, started

pytestmark = pytest.mark.once


def rows(url: str, table: str) -> int:
    """Rows of a table."""
    with psycopg.connect(url) as connection:
        found = connection.execute(f"SELECT count(*) FROM {table}").fetchone()
        assert found is not None
        return int(found[0])


def state(url: str) -> tuple[int, ...]:
    """How much of everything that an import writes there is."""
    return tuple(rows(url, table) for table in ("imports", "requests", "needs", "offers", "events", "history"))


def test_without_files_the_public_record_is_loaded_and_the_second_time_left_alone(installed_database_url: str) -> None:
    first = assist1540("load", "--json", database_url=installed_database_url)
    assert first.returncode == 0, first.stderr
    told = [(each["file"], each["created"], each["bad"]) for each in json.loads(first.stdout)]
    assert told == [("requests.csv", 27, 0), ("offers.csv", 55, 0)]
    before = state(installed_database_url)

    again = assist1540("load", database_url=installed_database_url)
    assert again.returncode == 0, again.stderr
    assert "requests.csv was loaded on" in again.stdout
    assert state(installed_database_url) == before


def test_bad_lines_are_listed_and_nothing_is_written_until_they_are_left_out(
    installed_database_url: str, tmp_path: Path
) -> None:
    good = written(tmp_path / "offers.csv", offers_csv({}))
    bad = written(tmp_path / "requests.csv", requests_csv({}, {"requester": "ALC"}))
    before = state(installed_database_url)

    refused = assist1540("load", str(good), str(bad), database_url=installed_database_url)
    assert refused.returncode == 2
    assert "there is no party state:ALC" in refused.stdout
    assert "Did you mean state:" in refused.stdout
    assert "Nothing was written." in refused.stdout
    assert refused.stdout.startswith("Would be loaded")
    assert state(installed_database_url) == before, "the good file stays out with the bad one"

    tried = assist1540("load", "--dry-run", str(good), database_url=installed_database_url)
    assert (tried.returncode, "this was a dry run" in tried.stdout) == (0, True)
    assert tried.stdout.startswith("Would be loaded")
    assert "writing" not in tried.stderr
    assert state(installed_database_url) == before

    taken = assist1540("load", "--skip-bad", "--json", str(good), str(bad), database_url=installed_database_url)
    assert taken.returncode == 0
    assert [(each["created"], each["bad"], each["written"]) for each in json.loads(taken.stdout)] == [
        (1, 0, True),
        (1, 1, True),
    ]
    assert (rows(installed_database_url, "requests"), rows(installed_database_url, "offers")) == (1, 1)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"id,requester\n", "the header of given.csv cannot be used: column requester_kind is missing;"),
        (b"\xff\xfe", "given.csv is not UTF-8: byte 1, in line 1, is 0xFF; save it as CSV UTF-8"),
        ("id,requester\n".encode("utf-16-le"), "given.csv is in UTF-16, and not UTF-8; save it as CSV UTF-8"),
        (b"", "given.csv is empty"),
        (b"PK\x03\x04", "given.csv is no workbook that can be read:"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_in_one_sentence(
    installed_database_url: str, tmp_path: Path, data: bytes, sentence: str
) -> None:
    done = assist1540("load", str(written(tmp_path / "given.csv", data)), database_url=installed_database_url)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"assist1540: {sentence}" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_that_is_not_there_is_refused(installed_database_url: str, tmp_path: Path) -> None:
    done = assist1540("load", str(tmp_path / "none.csv"), database_url=installed_database_url)
    assert done.returncode == 2
    assert f"assist1540: there is no file {tmp_path / 'none.csv'}" in done.stderr


def test_ctrl_c_while_a_long_file_is_written_leaves_nothing_of_it(installed_database_url: str, tmp_path: Path) -> None:
    path = written(tmp_path / "long.csv", offers_csv(*({} for _ in range(3_000))))
    before = state(installed_database_url)
    process = started("load", str(path), env=environment(installed_database_url))
    assert process.stderr is not None
    for line in process.stderr:
        if "writing" in line:
            break
    time.sleep(0.3)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 1
    assert said.splitlines()[-1] == "assist1540: interrupted; nothing was half-written"
    assert state(installed_database_url) == before


@pytest.fixture
def cramped() -> Iterator[tuple[Path, str]]:
    """An installed embedded database whose files cannot grow beyond 17 MiB, and the folder that it lies in.

    Its tables then stop growing as on a disk that is full. The limit, which the server inherits, needs neither
    root's rights nor a file system of its own. WAL segments, of 16 MiB, stay below it.
    """
    limit = 17 * 1024 * 1024
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        folder = Path(place)
        folder.chmod(0o755)
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
        try:
            server = embedded(folder / "data", options=FLEETING)
            url = server.__enter__()
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        try:
            done = assist1540("init", database_url=url)
            assert done.returncode == 0, done.stderr
            yield folder, url
        finally:
            server.__exit__(None, None, None)


def test_a_disk_that_fills_up_while_importing_fails_in_one_sentence_and_keeps_nothing(
    cramped: tuple[Path, str],
) -> None:
    folder, url = cramped
    letters = Random(7)
    texts = ("".join(letters.choices(string.ascii_letters + string.digits, k=19_000)) for _ in range(1_200))
    path = written(folder / "large.csv", offers_csv(*({"summary": text} for text in texts)))
    before = state(url)

    done = assist1540("load", str(path), database_url=url)

    assert done.returncode == 1, done.stdout
    last = done.stderr.splitlines()[-1]
    assert last.startswith("assist1540: the disk of the database is full (")
    assert last.endswith("); nothing was half-written")
    assert "Traceback" not in done.stderr
    assert state(url) == before
    small = assist1540("load", database_url=url)
    assert small.returncode == 0, "what still fits can still be loaded"


def test_a_database_that_goes_away_while_importing_fails_in_one_sentence(tmp_path: Path) -> None:
    with TemporaryDirectory(prefix="assist1540-test-") as place:
        Path(place).chmod(0o755)
        with embedded(Path(place) / "data", options=FLEETING) as url:
            assert assist1540("init", database_url=url).returncode == 0
            path = written(tmp_path / "long.csv", offers_csv(*({} for _ in range(3_000))))
            before = state(url)
            process = started("load", str(path), env=environment(url))
            assert process.stderr is not None
            for line in process.stderr:
                if "writing" in line:
                    break
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE application_name = 'assist1540' AND pid <> pg_backend_pid()"
                )
            _, said = process.communicate(timeout=60)
            assert process.returncode == 1
            [sentence] = said.splitlines()
            assert sentence.startswith("assist1540: the database does not answer as it should")
            assert state(url) == before


def test_a_folder_is_no_file(installed_database_url: str, tmp_path: Path) -> None:
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    done = assist1540("load", str(folder), database_url=installed_database_url)
    assert done.returncode == 2
    assert "is a folder" in done.stderr
