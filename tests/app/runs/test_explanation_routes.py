"""What a finished run says for itself over HTTP: its proof, pairs, offers, supply, and the archive."""

import hashlib
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest

from app.runs.jobs import work
from tests.app.bodies import refused
from tests.app.conftest import Server, serving
from tests.app.runs.conftest import MakeDatabase

RUN = "/v1/runs/RUN-2015-Q1"
LISTS = ("offers", "overlaps", "shadow-prices", "pooled-demand")


@pytest.fixture(scope="module")
def server(make_database: MakeDatabase, recorded_template: str) -> Iterator[Server]:
    """A server on a database with the small record and its run of 2015-Q1."""
    with serving(make_database(recorded_template)) as server:
        httpx.post(f"{server.url}/v1/runs", json={"quarter": "2015-Q1"})
        work(server.database_url, once=True)
        yield server


def every(client: httpx.Client, part: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = client.get(f"{RUN}/{part}").json()["data"]
    return found


def test_pairings_name_who_was_next_in_line_and_unmatched_needs_what_would_help(client: httpx.Client) -> None:
    run = client.get(RUN).json()
    assert run["summary"]["verdict"]["proved"] == "optimal"
    assert run["summary"]["unexplained"] == {}
    for pairing in every(client, "pairings"):
        for name in ("runner_ups", "rivals", "alternates"):
            assert all(each["sentence"] and "{" not in each["sentence"] for each in pairing[name])
        assert pairing["firmness"]["sentence"] in pairing["sentences"]
    n_changes = {"NO_CHANGE": 0, "ONE_CHANGE": 1, "TWO_CHANGES": 2}
    for left in every(client, "unmatched"):
        assert len(left["change"]["changes"]) == n_changes[left["change"]["code"]]
        assert left["change"]["sentence"]


def test_the_certificate_comes_with_the_verdict_on_it(client: httpx.Client) -> None:
    told = client.get(f"{RUN}/certificate").json()
    assert told["objective"] == told["bound"] == told["verdict"]["bound"]
    assert told["certificate"]["levels"]
    assert (told["verdict"]["sound"], told["verdict"]["defects"]) == (True, [])


def test_every_pair_is_answered_by_its_rule_its_loss_or_that_it_is_proposed(client: httpx.Client) -> None:
    pairings, left = every(client, "pairings"), every(client, "unmatched")
    proposed = {(each["need"], each["member"], each["offer"]) for each in pairings}
    seen = set()
    for need, member in {(each["need"], each["member"]) for each in (*pairings, *left)}:
        for offer in ("O-AUS", "O-CAN"):
            params = {"member": member} if member else {}
            said = client.get(f"{RUN}/pairs/{need}/{offer}", params=params).json()
            seen.add(said["code"])
            assert (said["code"] == "PROPOSED") == ((need, member, offer) in proposed)
            assert (said["rule"] is not None) == (said["code"] == "RULE")
            assert (said["loss"] is not None) == (said["code"] in ("LOSS", "NO_LOSS"))
            assert said["sentences"] and "{" not in " ".join(said["sentences"])
    assert {"PROPOSED", "RULE"} <= seen


def test_of_what_took_no_part_a_pair_says_which(client: httpx.Client) -> None:
    need = every(client, "pairings")[0]["need"]
    for path, named in ((f"{need}/O-NONE", "O-NONE"), ("R-NONE/1/O-AUS", "R-NONE/1")):
        answer = client.get(f"{RUN}/pairs/{path}")
        refused(answer, 404, "not-found")
        assert named in answer.json()["detail"]
    refused(client.get(f"{RUN}/pairs/{need}/O-AUS", params={"member": "FRA"}), 404, "not-found")


def test_every_offer_is_told_of_and_each_list_is_paged(client: httpx.Client) -> None:
    offers = every(client, "offers")
    assert {each["offer"] for each in offers} == {"O-AUS", "O-CAN"}
    used = {each["offer"]: 0 for each in offers}
    for pairing in every(client, "pairings"):
        used[pairing["offer"]] += pairing["units"]
    assert {each["offer"]: each["used"] for each in offers} == used
    for part in LISTS:
        whole, pages, following = every(client, part), [], f"{RUN}/{part}?limit=1"
        while following:
            page = client.get(following).json()
            pages += page["data"]
            following = page["links"]["next"]
        assert pages == whole
        assert all(each.get("sentence") or each.get("sentences") for each in whole)


def test_an_archive_is_verified_with_python_alone_and_a_changed_byte_is_found(
    client: httpx.Client, tmp_path: Path
) -> None:
    answer = client.get(f"{RUN}/archive")
    assert answer.headers["content-type"] == "application/zip"
    assert "RUN-2015-Q1.zip" in answer.headers["content-disposition"]
    again = client.get(f"{RUN}/archive")
    assert hashlib.sha256(again.content).digest() == hashlib.sha256(answer.content).digest()
    zipfile.ZipFile(BytesIO(answer.content)).extractall(tmp_path)

    def verified() -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-I", "-S", "verify.pyz"]
        return subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)

    assert verified().returncode == 0, verified().stdout
    result = tmp_path / "result.json"
    result.write_bytes(result.read_bytes().replace(b'"units":1', b'"units":2', 1))
    assert verified().returncode == 1


def test_a_run_without_a_result_has_nothing_to_say(client: httpx.Client) -> None:
    client.post("/v1/runs", json={"quarter": "2015-Q3"})
    for part in (*LISTS, "certificate", "archive", "pairs/R-ALB/1/O-AUS"):
        refused(client.get(f"/v1/runs/RUN-2015-Q3/{part}"), 409, "conflict")
