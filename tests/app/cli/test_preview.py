"""`assist1540 preview`, on a database with a small record and one run."""

import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from app.cli.errors import guarded
from app.database import make_engine
from tests.app.runs.records import store
from tests.commands import assist1540

MakeDatabase = Callable[[str | None], str]
RUN = "RUN-2015-Q1"


@pytest.fixture
def ran(make_database: MakeDatabase, installed_template: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A database with the run of 2015-Q1."""
    url = make_database(installed_template)
    engine = make_engine(url)
    with Session(engine) as session:
        store(session)
    engine.dispose()
    assert assist1540("run", "2015-Q1", database_url=url).returncode == 0
    monkeypatch.setenv("DATABASE_URL", url)


def test_a_preview_says_what_would_have_changed_and_refuses_what_it_cannot_read(
    ran: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def called(*arguments: str) -> tuple[int, str, str]:
        capsys.readouterr()
        return guarded(["preview", *arguments]), *capsys.readouterr()

    file = tmp_path / "preview.json"
    file.write_text(json.dumps({"changed_offer": {"offer": "O-AUS", "units": 0}}), encoding="utf-8")
    status, said, _ = called(RUN, str(file))
    assert status == 0
    assert said.startswith("0 of 0 units\nIt would not have been used")
    assert "The total would have lost " in said
    monkeypatch.setattr("sys.stdin", io.StringIO(file.read_text(encoding="utf-8")))
    status, said, _ = called(RUN, "-", "--json")
    assert (status, json.loads(said)["served"]) == (0, 0)

    file.write_text('{"changed_offer": {"offer": "O-AUS", "units": -1}}', encoding="utf-8")
    status, _, complaint = called(RUN, str(file))
    assert (status, "  /changed_offer/units: " in complaint) == (2, True)
    file.write_text('{"changed_ofer": {}}', encoding="utf-8")
    assert "changed_offer" in called(RUN, str(file))[2]
    file.write_bytes(b"\xff")
    assert called(RUN, str(file))[0] == 2
    assert called(RUN, str(tmp_path / "none.json"))[0] == 2
    file.write_text('{"changed_offer": {"offer": "O-AUX", "units": 1}}', encoding="utf-8")
    status, _, complaint = called(RUN, str(file))
    assert (status, "no offer O-AUX took part in" in complaint) == (2, True)
    assert called("RUN-2014-Q1", str(file))[0] == 2
