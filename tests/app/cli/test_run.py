"""`assist1540 run`, `runs` and `show`, on a database with a small record."""

import json
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.cli import report
from app.cli.errors import guarded
from app.database import make_engine
from app.runs import service
from app.runs.models import Run
from app.visibility import LOCAL
from tests.app.runs.records import store, submit_offer, submit_request
from tests.commands import assist1540, environment

MakeDatabase = Callable[[str | None], str]


@pytest.fixture(scope="module")
def database(make_database: MakeDatabase, installed_template: str) -> str:
    """A database with the small record, shared by the tests of this module."""
    url = make_database(installed_template)
    engine = make_engine(url)
    with Session(engine) as session:
        store(session)
    engine.dispose()
    return url


@pytest.fixture(scope="module")
def printed(database: str) -> Iterator[subprocess.CompletedProcess[str]]:
    """What the run of 2015-Q1 prints the first time."""
    yield assist1540("run", "2015-Q1", database_url=database)


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    status: int
    stdout: str
    stderr: str


Call = Callable[..., Ended]


@pytest.fixture
def call(database: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Call:
    """Calls the command line in this process, where what it imports is there already."""
    monkeypatch.setenv("DATABASE_URL", database)
    monkeypatch.delenv("COLUMNS", raising=False)

    def called(*arguments: str) -> Ended:
        capsys.readouterr()
        return Ended(guarded(list(arguments)), *capsys.readouterr())

    return called


def test_a_run_prints_pairings_with_terms_reasons_for_the_rest_and_hashes(
    printed: subprocess.CompletedProcess[str],
) -> None:
    assert printed.returncode == 0, printed.stderr
    text = printed.stdout
    assert text.startswith("RUN-2015-Q1  2015-Q1, records up to 2015-03-31 in New York, strategy default/1")
    assert "→ Canada (O-CAN), 1 unit*†‡, " in text
    assert "60 subject, " in text
    assert "The provider's condition: “Two months' notice.”" in text
    assert "1 need: The request does not say specifically enough what is wanted" in text
    assert "Angola (R-AGO/1)" in text
    assert "Sweden (O-SWE); Uganda (R-UGA)" in text
    assert "proved to be the best" in text
    assert "It would be served if " in text
    for name in ("input ", "result", "log   "):
        assert f"\n{name}  " in text
    assert all(len(line) <= 100 for line in text.splitlines())
    assert "RUN-2015-Q1: storing the result" in printed.stderr


def test_each_pairing_is_shown_with_how_firm_it_is_and_a_fragile_one_is_marked(
    database: str, printed: subprocess.CompletedProcess[str]
) -> None:
    flowing = " ".join(printed.stdout.split())
    assert len(re.findall(r" points, (?:firm|fragile) \d+/64 ", flowing)) == flowing.count("→")
    assert "firm a/b, fragile a/b: the pairing stays under a of b settings in which every weight is " in flowing
    engine = make_engine(database)
    with Session(engine) as session:
        told = report.read(session, LOCAL, service.read(session, LOCAL, "RUN-2015-Q1"))
    engine.dispose()
    pairing = told.pairings[0]
    assert pairing.firmness is not None
    fragile = pairing.model_copy(update={"firmness": pairing.firmness.model_copy(update={"stays": 9, "fragile": True})})
    shown = {
        line.plain.rpartition(", ")[2]: {str(span.style) for span in line.spans}
        for each in (pairing, fragile)
        for line in report.lines(replace(told, pairings=[each]))
        if line.plain.startswith("    →")
    }
    assert shown[f"firm {pairing.firmness.stays}/64"] != shown["fragile 9/64"]


def test_a_pairing_for_a_related_subject_names_that_subject(
    call: Call, make_database: MakeDatabase, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = make_database(database)
    monkeypatch.setenv("DATABASE_URL", url)
    equipment = {"modalities": ["EQP"], "scopes": ["nuclear"]}
    engine = make_engine(url)
    with Session(engine) as session:
        need = {"domain": "OP3D.TRN", **equipment}
        submit_request(session, reference="R-KAZ", requester="state:KAZ", channel="template", needs=[need])
        offer = {"provider": "state:NOR", "domains": ["OP3A.ACC", "OP3C.BOR"], "coverage_states": ["KAZ"], **equipment}
        submit_offer(session, reference="O-NOR", **offer)
        session.commit()
    engine.dispose()
    printed = call("run", "2014-Q3").stdout
    for text in (printed, call("show", "2014-Q3", "--need", "R-KAZ/1").stdout):
        _, found, after = text.partition("R-KAZ/1  Transit controls")
        assert found
        assert "The offer is for a related subject: “Border and customs controls”." in after.partition("\n\n")[0]
    assert printed.count("related subject") == 1


def test_a_second_run_is_the_same_run_and_says_so(database: str, printed: subprocess.CompletedProcess[str]) -> None:
    again = assist1540("run", "2015-Q1", database_url=database)
    assert (again.returncode, again.stdout) == (0, printed.stdout)
    assert "RUN-2015-Q1 was started before; this is that run" in again.stderr


def test_as_json_it_is_the_run_with_everything(call: Call, printed: subprocess.CompletedProcess[str]) -> None:
    told = json.loads(call("run", "2015-Q1", "--json").stdout)
    assert told["outcome"] == "existing"
    assert told["run"]["result_hash"] in printed.stdout
    assert len(told["pairings"]) == told["run"]["summary"]["pairings"]
    assert sum(told["run"]["summary"]["unmatched"].values()) == len(told["unmatched"])


def test_without_a_quarter_it_is_the_one_after_the_newest_document(call: Call) -> None:
    told = json.loads(call("run", "--json").stdout)
    assert told["run"]["quarter"] == "2015-Q2"


def test_a_revision_is_listed_beside_the_run(call: Call, printed: subprocess.CompletedProcess[str]) -> None:
    revised = call("run", "2015-Q1", "--revise", "To see it again")
    assert "Revision 2: To see it again" in revised.stdout
    listed = json.loads(call("runs", "--json").stdout)
    by_reference = {run["reference"]: run for run in listed}
    assert {"RUN-2015-Q1", "RUN-2015-Q1-R2"} <= set(by_reference)
    assert by_reference["RUN-2015-Q1-R2"]["result_hash"] == by_reference["RUN-2015-Q1"]["result_hash"]
    assert "RUN-2015-Q1-R2" in call("runs").stdout


def test_one_need_is_shown_with_each_rule_that_removed_offers(
    call: Call, printed: subprocess.CompletedProcess[str]
) -> None:
    told = call("show", "RUN-2015-Q1", "--need", "G-ASEAN/1")
    assert told.status == 0
    assert "G-ASEAN/1" in told.stdout
    assert "R-MNG/1" not in told.stdout
    assert "1 of 2 offers does not cover “Licensing system” or a subject related closely enough." in told.stdout
    unknown = call("show", "2015-Q1", "--need", "R-NONE/1")
    assert unknown.status == 2
    assert "says nothing of R-NONE/1" in unknown.stderr


def test_an_offer_and_a_pair_are_explained_whole(call: Call, printed: subprocess.CompletedProcess[str]) -> None:
    found = json.loads(call("show", "2015-Q1", "--json").stdout)
    first = next(each for each in found["pairings"] if not each["member"])
    left = next(each for each in found["unmatched"] if not each["member"])
    proposed = call("show", "2015-Q1", "--pair", first["need"], first["offer"])
    assert proposed.stdout.startswith(f"{first['need']} with {first['offer']}\n  It is proposed, with ")
    refused = json.loads(call("show", "2015-Q1", "--pair", left["need"], first["offer"], "--json").stdout)
    assert refused["code"] in ("RULE", "LOSS", "NO_LOSS") and refused["sentences"]
    offer = call("show", "2015-Q1", "--offer", first["offer"]).stdout
    assert "All its units are proposed." in offer and f"It serves {first['need']}, with " in offer
    unknown = call("show", "2015-Q1", "--offer", "O-NONE")
    assert (unknown.status, "O-NONE" in unknown.stderr) == (2, True)


def test_a_run_is_taken_home_as_one_file(call: Call, printed: subprocess.CompletedProcess[str], tmp_path: Path) -> None:
    for name in ("once.zip", "twice.zip"):
        assert call("take-home", "RUN-2015-Q1", "--output", str(tmp_path / name)).status == 0
    assert (tmp_path / "once.zip").read_bytes() == (tmp_path / "twice.zip").read_bytes()
    assert "verify.pyz" in ZipFile(tmp_path / "once.zip").namelist()
    assert call("take-home", "RUN-1999-Q1").status == 2


def test_a_record_is_shown_with_what_the_newest_run_says_of_it(
    call: Call, printed: subprocess.CompletedProcess[str]
) -> None:
    told = call("show", "R-ALB")
    assert told.status == 0
    for expected in ("state:ALB", "OP3C.BOR", "RUN-", "R-ALB/1", "R-ALB/2"):
        assert expected in told.stdout
    assert "Two months' notice." in call("show", "O-AUS").stdout
    record = json.loads(call("show", "R-ALB/2", "--json").stdout)
    assert record["record"]["reference"] == "R-ALB"
    assert {each["need"] for each in (*record["pairings"], *record["unmatched"])} == {"R-ALB/2"}


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("run", "2015-Q5"), "write a year from 1945 to 9998 and Q1, Q2, Q3 or Q4, for instance 2015-Q1"),
        (("run", "2014-Q1", "--cut-off", "2099-01-01"), "is in the future"),
        (("run", "2014-Q1", "--cut-off", "yesterday"), "is no day; write it as 2015-03-31"),
        (("run", "2098-Q1"), "2098-Q1 ends on 2098-03-31 in New York"),
        (("run", "2014-Q1", "--time-limit", "0"), "must be from 1 to 86400 seconds"),
        (("run", "2014-Q1", "--strategy", "defalt"), "did you mean default?"),
        (("run", "2014-Q1", "--revise", "Nothing there"), "nothing to revise"),
        (("run", "2014-Q1", "--revise", ""), "assist1540: --revise has fewer characters than 3; say more"),
        (("run", "x" * 501), "assist1540: QUARTER is too long"),
        (("show", "RUN-1999-Q1"), "there is no run RUN-1999-Q1"),
        (("show", "1999-Q1"), "1999-Q1 has not been run"),
        (("show", "X-1"), "there is no run, request, offer or answer X-1"),
    ],
)
def test_wrong_input_ends_in_one_sentence_and_exit_code_2(
    call: Call, arguments: tuple[str, ...], sentence: str
) -> None:
    refused = call(*arguments)
    assert (refused.status, refused.stdout) == (2, "")
    assert sentence in refused.stderr
    assert "Traceback" not in refused.stderr


def test_an_empty_record_says_what_to_do_first(
    call: Call, installed_database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", installed_database_url)
    refused = call("run")
    assert refused.status == 2
    assert "`assist1540 load`" in refused.stderr
    assert "No quarter has been run yet" in call("runs").stdout


def test_a_queued_run_waits_for_a_worker(call: Call) -> None:
    queued = json.loads(call("run", "2014-Q4", "--queue", "--json").stdout)
    assert (queued["outcome"], queued["run"]["state"]) == ("started", "queued")
    assert call("worker", "--once").status == 0
    shown: dict[str, Any] = json.loads(call("show", "2014-Q4", "--json").stdout)
    assert shown["run"]["state"] == "done"


def test_a_run_that_is_interrupted_is_cancelled_and_begins_again_when_asked(
    make_database: MakeDatabase, database: str
) -> None:
    url = make_database(database)
    slow = (
        "import sys; from app.runs import jobs;"
        " jobs.run_in_process.__kwdefaults__['command'] = (sys.executable, '-m', 'tests.app.runs.planted', 'slow');"
        " from app.cli import main; sys.argv = ['assist1540', 'run', '2013-Q4']; main()"
    )
    env = environment(url) | {"PLANTED_SLOW_S": "600"}
    process = subprocess.Popen(
        [sys.executable, "-c", slow], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    engine = make_engine(url)
    deadline = time.monotonic() + 60
    while stage_of(engine, "RUN-2013-Q4") != "reading":
        assert time.monotonic() < deadline
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 1
    assert said.splitlines()[-1] == "assist1540: interrupted; nothing was half-written"
    assert all(line.startswith("RUN-2013-Q4: ") for line in said.splitlines()[:-1])
    assert "Traceback" not in said
    told = json.loads(assist1540("run", "2013-Q4", "--json", database_url=url).stdout)
    assert (told["outcome"], told["run"]["state"]) == ("restarted", "done")
    engine.dispose()


def stage_of(engine: Any, reference: str) -> str | None:
    with Session(engine) as session:
        return session.scalar(select(Run.stage).where(Run.reference == reference))
