"""``assist1540 export`` as people call it: files that load reads back, whole or not there at all."""

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tests.commands import assist1540, environment, started

pytestmark = pytest.mark.once


@pytest.fixture
def loaded_url(installed_database_url: str) -> str:
    """A database with the public record."""
    assert assist1540("load", database_url=installed_database_url).returncode == 0
    return installed_database_url


def test_what_is_exported_can_be_loaded_and_changes_nothing(loaded_url: str, tmp_path: Path) -> None:
    files = []
    for what in ("requests", "offers"):
        for form in ("csv", "ndjson"):
            file = tmp_path / f"{what}.{form}"
            done = assist1540("export", what, "--format", form, "-o", str(file), database_url=loaded_url)
            assert done.returncode == 0, done.stderr
            files.append(str(file))
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted(Path(file).name for file in files)

    again = assist1540("load", "--json", *files, database_url=loaded_url)
    assert again.returncode == 0, again.stderr
    assert [(each["unchanged"], each["created"], each["amended"]) for each in json.loads(again.stdout)] == [
        (27, 0, 0),
        (27, 0, 0),
        (55, 0, 0),
        (55, 0, 0),
    ]


@pytest.mark.parametrize("where", [[], ["-o", "-"]])
def test_standard_output_gets_the_file_and_standard_error_the_count(loaded_url: str, where: list[str]) -> None:
    done = assist1540("export", "group-submissions", *where, database_url=loaded_url)
    assert done.returncode == 0
    lines = [*csv.DictReader(io.StringIO(done.stdout))]
    assert [(line["id"], line["requester"]) for line in lines] == [("R-CARICOM-ND", "CARICOM"), ("R-SICA-ND", "SICA")]
    assert "2 records of group-submissions written" in done.stderr


def test_a_byte_order_mark_is_written_on_demand_and_read_back(loaded_url: str, tmp_path: Path) -> None:
    file = tmp_path / "offers.csv"
    assert assist1540("export", "offers", "--bom", "-o", str(file), database_url=loaded_url).returncode == 0
    assert file.read_bytes().startswith(b"\xef\xbb\xbfid,")
    assert assist1540("load", str(file), database_url=loaded_url).returncode == 0


@pytest.mark.parametrize(
    ("place", "said"), [("none/offers.csv", "there is no folder"), ("", "is a folder; name a file")]
)
@pytest.mark.parametrize("command", [["export", "offers"], ["generate", "--needs", "5", "--groups", "0"]])
def test_a_place_that_holds_no_file_is_refused_in_one_sentence(
    installed_database_url: str, tmp_path: Path, command: list[str], place: str, said: str
) -> None:
    done = assist1540(*command, "-o", str(tmp_path / place), database_url=installed_database_url)
    assert done.returncode == 2
    assert said in done.stderr
    assert ".assist1540" not in done.stderr
    assert done.stderr.count("\n") == 1
    assert [*tmp_path.iterdir()] == []


@pytest.mark.parametrize("command", [["export", "offers"], ["generate", "--needs", "5", "--groups", "0"]])
def test_a_link_stays_one_and_the_file_that_it_leads_to_is_replaced(
    installed_database_url: str, tmp_path: Path, command: list[str]
) -> None:
    file, link = tmp_path / "file", tmp_path / "link"
    file.write_text("old")
    link.symlink_to(file)
    assert assist1540(*command, "-o", str(link), database_url=installed_database_url).returncode == 0
    assert link.is_symlink()
    assert file.read_text() not in ("", "old")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "link"]


def test_a_pipe_is_written_to_and_stays_a_pipe(installed_database_url: str, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    with started("export", "offers", "-o", str(pipe), env=environment(installed_database_url)) as process:
        with pipe.open() as reader:
            text = reader.read()
        assert process.wait(timeout=60) == 0
    assert text.startswith("id,")
    assert pipe.is_fifo()


def test_what_cannot_be_exported_is_answered_with_what_can(loaded_url: str) -> None:
    done = assist1540("export", "offres", database_url=loaded_url)
    assert done.returncode == 2
    assert "'offers'" in done.stderr
