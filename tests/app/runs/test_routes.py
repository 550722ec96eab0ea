"""Runs and previews over HTTP: started, worked off, read page by page, each sentence in the answer."""

import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest

from app.runs import preview as previews
from app.runs.child import Solution, solve
from app.runs.jobs import work
from tests.app.bodies import refused
from tests.app.conftest import Server, serving
from tests.app.runs.conftest import MakeDatabase


@pytest.fixture(scope="module")
def server(make_database: MakeDatabase, recorded_template: str) -> Iterator[Server]:
    """A server on a database with the small record."""
    with serving(make_database(recorded_template)) as server:
        yield server


@pytest.fixture(scope="module")
def done(server: Server) -> dict[str, Any]:
    """The run of 2015-Q1, started over HTTP and worked off."""
    with httpx.Client(base_url=server.url, timeout=30) as client:
        started = client.post("/v1/runs", json={"quarter": "2015-Q1"})
        assert started.status_code == 202
        assert started.headers["location"] == "/v1/runs/RUN-2015-Q1"
        assert started.json()["state"] == "queued"
        work(server.database_url, once=True)
        run: dict[str, Any] = client.get(started.headers["location"]).json()
        assert run["state"] == "done"
        return run


def test_the_same_quarter_again_answers_with_the_run_that_is_there(client: httpx.Client, done: dict[str, Any]) -> None:
    again = client.post("/v1/runs", json={"quarter": "2015-Q1"})
    assert again.status_code == 200
    assert again.headers["location"] == "/v1/runs/RUN-2015-Q1"
    assert again.json() == done


def test_what_cannot_be_run_is_refused_with_its_place(client: httpx.Client) -> None:
    for body, place in (
        ({"quarter": "2015-Q5"}, "/quarter"),
        ({"quarter": "2015-Q2", "cut_off": "2099-01-01"}, "/cut_off"),
        ({"quarter": "2015-Q2", "time_limit_s": 0}, "/time_limit_s"),
        ({"quarter": "2015-Q2", "cutoff": "2015-05-01"}, "/cutoff"),
        ({"quarter": "2015-Q2", "revise_reason": "Nothing is there"}, "/revise_reason"),
    ):
        refused = client.post("/v1/runs", json=body)
        assert refused.status_code == 422, body
        assert [error["pointer"] for error in refused.json()["errors"]] == [place]
    assert client.post("/v1/runs", json={"quarter": "2015-Q2", "strategy": "none"}).status_code == 404


def test_a_run_asked_for_under_other_terms_is_a_conflict_that_names_it(
    client: httpx.Client, done: dict[str, Any]
) -> None:
    refused = client.post("/v1/runs", json={"quarter": "2015-Q1", "cut_off": "2015-03-01"})
    assert refused.status_code == 409
    assert refused.json()["run"] == "RUN-2015-Q1"


def test_pairings_come_with_points_by_term_and_sentences(client: httpx.Client, done: dict[str, Any]) -> None:
    answer = client.get("/v1/runs/RUN-2015-Q1/pairings")
    assert answer.headers["content-language"] == "en"
    found = answer.json()["data"]
    assert len(found) == done["summary"]["pairings"] > 0
    for pairing in found:
        assert sum(pairing["terms"].values()) == pairing["points"]
        assert pairing["sentences"][0].startswith(f"{pairing['points']} points: ")
    [conditional, *_] = [pairing for pairing in found if pairing["offer"] == "O-AUS"]
    assert "The provider's condition: “Two months' notice.”" in conditional["sentences"]


def test_unmatched_needs_come_with_the_reason_and_what_each_rule_removed(
    client: httpx.Client, done: dict[str, Any]
) -> None:
    found = {each["need"]: each for each in client.get("/v1/runs/RUN-2015-Q1/unmatched").json()["data"]}
    assert found["R-AGO/1"]["code"] == "NOT_SPECIFIC"
    for each in found.values():
        assert sum(each["rules"].values()) + each["eligible"] == done["summary"]["offers"]
        assert each["sentences"]


def test_lists_are_filtered_by_exact_codes_and_paged(client: httpx.Client, done: dict[str, Any]) -> None:
    path = "/v1/runs/RUN-2015-Q1/pairings"
    everything = client.get(path).json()["data"]
    for name, field in (("need", "need"), ("offer", "offer"), ("requester", "requester"), ("domain", "domain")):
        value = everything[0][field]
        expected = [each for each in everything if each[field] == value]
        assert client.get(path, params={name: value}).json()["data"] == expected
    state = everything[0]["states"][0]
    assert client.get(path, params={"state": state}).json()["data"] == [
        each for each in everything if state in each["states"]
    ]
    assert client.get(path, params={"state": "FRA"}).json()["data"] == []
    pages, following = [], f"{path}?limit=1"
    while following:
        page = client.get(following).json()
        pages += page["data"]
        following = page["links"]["next"]
    assert pages == everything
    cursor = httpx.URL(client.get(f"{path}?limit=1").json()["links"]["next"]).params["cursor"]
    astray = client.get("/v1/runs/RUN-2015-Q1/unmatched", params={"limit": 1, "cursor": cursor})
    assert (astray.status_code, astray.json()["type"]) == (400, "/problems/invalid-cursor")
    misspelt = client.get(path, params={"provder": "state:AUS"})
    assert misspelt.status_code == 400
    assert "provider" in misspelt.json()["errors"][0]["detail"]


def test_documents_are_sent_as_they_were_stored(client: httpx.Client, done: dict[str, Any]) -> None:
    problem = client.get("/v1/runs/RUN-2015-Q1/problem")
    assert problem.headers["content-type"] == "application/json"
    assert problem.json()["quarter"] == "2015-Q1"
    assert client.get("/v1/runs/RUN-2015-Q1/result").json()["result_hash"] == done["result_hash"]
    known = client.get("/v1/runs/RUN-2015-Q1/problem", headers={"If-None-Match": problem.headers["etag"]})
    assert (known.status_code, known.content) == (304, b"")


#: What a run has once it is done.
PARTS = ("pairings", "unmatched", "problem", "result")


def test_a_run_without_a_result_has_no_documents_and_no_pairings(client: httpx.Client) -> None:
    client.post("/v1/runs", json={"quarter": "2015-Q3"})
    for part in PARTS:
        refused(client.get(f"/v1/runs/RUN-2015-Q3/{part}"), 409, "conflict")
    cancelled = client.post("/v1/runs/RUN-2015-Q3/cancel")
    assert (cancelled.status_code, cancelled.json()["state"]) == (200, "cancelled")
    assert client.post("/v1/runs/RUN-2015-Q3/cancel").status_code == 409
    for part in PARTS:
        refused(client.get(f"/v1/runs/RUN-2015-Q3/{part}"), 409, "conflict")
    assert client.get("/v1/runs", params={"state": "cancelled"}).json()["data"] == [cancelled.json()]


@pytest.mark.parametrize("path", ["", "/pairings", "/unmatched", "/problem", "/result"])
def test_an_unknown_run_is_not_found(client: httpx.Client, path: str) -> None:
    assert client.get(f"/v1/runs/RUN-1999-Q1{path}").status_code == 404


RESPONSE = {"domain": "X.RESP", "modalities": ["TRN"], "scopes": ["chemical"], "units": 1}
OFFER = {"domains": ["X.RESP"], "modalities": ["TRN"], "scopes": ["chemical"], "dated_on": "2026-01-05"}


@pytest.fixture(scope="module")
def later(server: Server, done: dict[str, Any]) -> None:
    """Later records: an offer with one unit, a request that has it, one by the name of what it is not, and an offer to
    ASEAN that nobody asks for."""
    taken = {"reference": "PREVIEW", "requester": "state:UZB", "channel": "template", "needs": [{"domain": "X.LAB"}]}
    request = {"reference": "R-TZA", "requester": "state:TZA", "channel": "template"}
    offers = (
        OFFER | {"reference": "O-NOR", "provider": "state:NOR", "coverage_states": ["KEN", "TZA"]},
        OFFER | {"reference": "O-JPN", "provider": "state:JPN", "domains": ["X.GOV"], "coverage_groups": ["ASEAN"]},
    )
    with httpx.Client(base_url=server.url) as client:
        for path, body in (
            ("/v1/requests", request | {"needs": [RESPONSE | {"priority": 4}]}),
            ("/v1/requests", taken),
            *(("/v1/offers", offer) for offer in offers),
        ):
            assert client.post(path, json=body).status_code == 201


def ask(**given: Any) -> dict[str, Any]:
    return {"requester": "state:KEN", "needs": [RESPONSE | {"priority": 1}], **given}


def test_a_preview_says_who_would_serve_a_need_whom_it_displaces_and_stores_nothing(
    client: httpx.Client, later: None
) -> None:
    before = client.get("/v1/requests?limit=0").json()["meta"]["total"], client.get("/v1/runs").json()
    answer = client.post("/v1/preview", json=ask())
    assert answer.status_code == 200
    found = answer.json()
    [pairing] = found["pairings"]
    assert (pairing["need"], pairing["offer"], pairing["states"]) == ("~PREVIEW/1", "O-NOR", ["KEN"])
    assert found["gain"] > 0
    assert found["unmatched"] == []
    assert found["displaced"] == [{"need": "R-TZA/1", "member": None, "requester": "state:TZA", "units": 1}]
    assert (client.get("/v1/requests?limit=0").json()["meta"]["total"], client.get("/v1/runs").json()) == before


def test_a_preview_says_where_the_units_go_that_a_need_does_not_get(client: httpx.Client, later: None) -> None:
    found = client.post("/v1/preview", json=ask(needs=[RESPONSE | {"priority": 5}])).json()
    assert (found["pairings"], found["gain"], found["displaced"]) == ([], 0, [])
    [left] = found["unmatched"]
    assert (left["code"], [taken["need"] for taken in left["taken_by"]]) == ("OUTBID", ["R-TZA/1"])
    assert "The unit of O-NOR went to R-TZA/1 (United Republic of Tanzania)" in left["sentences"][-1]


def test_a_preview_says_why_nobody_would_serve_a_need(client: httpx.Client, later: None) -> None:
    need = {"domain": "X.LAB", "modalities": ["LAB"], "scopes": ["chemical"]}
    found = client.post("/v1/preview", json=ask(needs=[need])).json()
    [left] = found["unmatched"]
    assert left["code"] == "NO_ELIGIBLE_OFFER"
    assert left["sentences"][1].startswith("4 of 4 offers do not cover “Laboratory capacity")


def test_a_group_is_previewed_for_the_members_that_would_take_part(client: httpx.Client, later: None) -> None:
    need = RESPONSE | {"domain": "X.GOV", "delivery": "joint"}
    found = client.post("/v1/preview", json=ask(requester="group:ASEAN", beneficiaries=["MYS", "IDN"], needs=[need]))
    assert [(each["offer"], each["states"]) for each in found.json()["pairings"]] == [("O-JPN", ["IDN", "MYS"])]


@pytest.mark.parametrize(
    ("given", "place"),
    [
        ({"requester": "state:XXX"}, "/requester"),
        ({"requester": "group:NONE", "beneficiaries": ["MYS"]}, "/requester"),
        ({"requester": "group:ASEAN"}, "/beneficiaries"),
        ({"requester": "group:ASEAN", "beneficiaries": ["FRA"]}, "/beneficiaries/0"),
        ({"beneficiaries": ["KEN"]}, "/beneficiaries"),
        ({"needs": [{"domain": "OP3C.BRD"}]}, "/needs/0/domain"),
        ({"needs": []}, "/needs"),
    ],
)
def test_a_preview_of_what_could_not_be_submitted_is_refused(
    client: httpx.Client, given: dict[str, Any], place: str
) -> None:
    refused = client.post("/v1/preview", json=ask(**given))
    assert refused.status_code == 422
    assert place in [error["pointer"] for error in refused.json()["errors"]]


def test_a_preview_that_takes_too_long_is_given_up(client: httpx.Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(previews, "TIME_LIMIT_S", 0.05)
    monkeypatch.setattr(previews, "LEAST_S", 0.05)
    answer = client.post("/v1/preview", json=ask())
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/preview-took-too-long"
    assert answer.headers["retry-after"] == "30"


def test_a_preview_that_would_wait_behind_too_many_is_refused_at_once(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(previews, "_places", threading.BoundedSemaphore(1))
    with previews._places:
        answer = client.post("/v1/preview", json=ask())
    assert (answer.status_code, answer.json()["type"]) == (503, "/problems/too-many-previews")
    assert answer.headers["retry-after"] == "30"


def test_a_preview_whose_solver_ran_out_of_time_is_given_up(
    client: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def cut_short(*given: Any, **more: Any) -> Solution:
        found = solve(*given, **more)
        return Solution(found.result | {"status": "time_limit"}, found.seconds)

    monkeypatch.setattr(previews, "solve", cut_short)
    answer = client.post("/v1/preview", json=ask())
    assert answer.status_code == 503
    assert answer.json()["type"] == "/problems/preview-took-too-long"
