"""Amending and withdrawing requests: only the version that was read, only what is sent, nothing lost."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn
from tests.app.conftest import Server


@pytest.fixture
def path(client: httpx.Client, request: pytest.FixtureRequest) -> str:
    """The path of a new request."""
    reference = f"R-{abs(hash(request.node.nodeid))}"
    accepted(client.post("/v1/requests", json=bodies.request(reference, summary="As submitted")))
    return f"/v1/requests/{reference}"


def test_what_is_not_sent_stays_and_null_clears(client: httpx.Client, path: str) -> None:
    before = client.get(path).json()
    after = accepted(amended(client, path, {"status_note": "Clarified", "summary": None}))
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"status_note", "summary", "version", "content_hash", "updated_at"}
    assert (after["status_note"], after["summary"], after["version"]) == ("Clarified", None, 2)


def test_a_date_that_proves_unknown_is_unsaid(client: httpx.Client, path: str) -> None:
    after = accepted(amended(client, path, {"date_precision": "unknown"}))
    assert (after["dated_on"], after["date_precision"]) == (None, "unknown")


def test_the_answer_to_a_change_is_what_is_read_afterwards(client: httpx.Client, path: str) -> None:
    answer = amended(client, path, {"needs": [{"number": 2, "languages": ["fr", "en"], "units": 5}]})
    read = client.get(path)
    assert (answer.json(), answer.headers["etag"]) == (read.json(), read.headers["etag"])


def test_a_change_that_changes_nothing_makes_no_version(client: httpx.Client, path: str) -> None:
    before = client.get(path)
    accepted(amended(client, path, {"summary": "As submitted", "needs": [{"number": 1, "units": 2}]}))
    after = client.get(path)
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])


def test_the_order_of_codes_is_no_content(client: httpx.Client, path: str) -> None:
    before = client.get(path).json()
    after = accepted(amended(client, path, {"needs": [{"number": 2, "scopes": ["nuclear", "chemical"]}]}))
    assert after == before


def test_a_priority_is_stated_once_it_is_given_and_assumed_again_once_it_is_cleared(
    client: httpx.Client, path: str
) -> None:
    for given, basis in ((3, "stated"), (None, "assumed")):
        need, _ = accepted(amended(client, path, {"needs": [{"number": 1, "priority": given}]}))["needs"]
        assert (need["priority"], need["basis"]["priority"]) == (3, basis)


def test_a_need_is_changed_withdrawn_and_added(client: httpx.Client, path: str) -> None:
    body = {
        "needs": [
            {"number": 1, "units": 7, "basis": {"units": "inferred"}},
            {"number": 2, "withdrawn_on": "2015-05-01"},
            {"domain": "OP8.TRE"},
        ]
    }
    first, second, third = accepted(amended(client, path, body))["needs"]
    assert (first["units"], first["basis"]["units"], first["modalities"]) == (7, "inferred", ["TRN"])
    assert second["withdrawn_on"] == "2015-05-01"
    assert (third["reference"].rpartition("/")[2], third["basis"]["units"]) == ("3", "assumed")


@pytest.mark.parametrize(
    ("body", "pointer", "code"),
    [
        ({"needs": [{"number": 9, "units": 1}]}, "/needs/0/number", "unknown_number"),
        ({"needs": [{"number": 1}, {"number": 1}]}, "/needs/1/number", "repeated_number"),
        ({"needs": [{"units": 1}]}, "/needs/0/domain", "missing"),
        ({"needs": [{"number": 1, "domain": None}]}, "/needs/0/domain", "missing"),
        ({"needs": [{"number": 1, "units": 0}]}, "/needs/0/units", "greater_than_equal"),
        ({"needs": [{"number": 1, "domain": "OP99"}]}, "/needs/0/domain", "unknown_code"),
        ({"needs": [{"number": 1, "delivery": "joint"}]}, "/needs/0/delivery", "single_beneficiary"),
        ({"authenticated_on": "2015-02-01"}, "/authenticated_on", "before_document"),
        ({"superseded_by": "R-NOWHERE"}, "/superseded_by", "unknown_request"),
        ({"requester": "state:ALB"}, "/requester", "unknown_field"),
        ({"reference": "R-OTHER"}, "/reference", "unknown_field"),
        ({"version": 7}, "/version", "unknown_field"),
        ({"content_hash": ""}, "/content_hash", "unknown_field"),
        ({"withdrawn_on": "2015-05-01"}, "/withdrawn_on", "unknown_field"),
        ({"kind": None}, "/kind", "enum"),
    ],
)
def test_a_bad_change_is_refused_at_its_place_and_changes_nothing(
    client: httpx.Client, path: str, body: dict[str, Any], pointer: str, code: str
) -> None:
    before = client.get(path).json()
    assert refused(amended(client, path, body), 422, "invalid-content").get(pointer) == code
    assert client.get(path).json() == before


def test_a_change_needs_the_version_it_was_made_from(client: httpx.Client, path: str) -> None:
    old = client.get(path).headers["etag"]
    refused(client.patch(path, json={"summary": "x"}), 428, "precondition-required")
    refused(client.post(f"{path}/withdraw", json={"reason": "no reason"}), 428, "precondition-required")
    accepted(amended(client, path, {"summary": "Newer"}))
    for stale in (old, '"other"', f"W/{client.get(path).headers['etag']}"):
        answer = client.patch(path, json={"summary": "x"}, headers={"If-Match": stale})
        refused(answer, 412, "precondition-failed")
    assert client.get(path).json()["summary"] == "Newer"


def test_of_two_changes_from_one_version_one_is_refused(client: httpx.Client, server: Server, path: str) -> None:
    tag = client.get(path).headers["etag"]

    def change(number: int) -> int:
        with httpx.Client(base_url=server.url, timeout=30) as other:
            body = {"summary": f"Writer {number}"}
            return other.patch(path, json=body, headers={"If-Match": tag}).status_code

    with ThreadPoolExecutor(8) as pool:
        statuses = sorted(pool.map(change, range(8)))
    assert statuses == [200] + [412] * 7
    assert client.get(path).json()["version"] == 2


def test_what_is_withdrawn_stays_readable_and_as_it_was(client: httpx.Client, path: str) -> None:
    stored = accepted(withdrawn(client, path, reason="Served elsewhere", withdrawn_on="2015-06-01"))
    assert (stored["status"], stored["withdrawn_reason"]) == ("withdrawn", "Served elsewhere")
    refused(amended(client, path, {"summary": "x"}), 409, "conflict")
    refused(withdrawn(client, path), 409, "conflict")
    assert client.get(path).json() == stored


def test_a_request_is_not_withdrawn_before_its_own_date_nor_without_a_reason(client: httpx.Client, path: str) -> None:
    early = withdrawn(client, path, withdrawn_on="2015-02-09")
    assert refused(early, 422, "invalid-content") == {"/withdrawn_on": "before_document"}
    assert refused(withdrawn(client, path, reason=""), 422, "invalid-content") == {"/reason": "string_too_short"}
    assert client.get(path).json()["status"] == "open"


def test_a_request_is_superseded_by_another_and_never_in_a_circle(client: httpx.Client, path: str) -> None:
    reference = path.rpartition("/")[2]
    accepted(client.post("/v1/requests", json=bodies.request(f"{reference}-b")))
    accepted(client.post("/v1/requests", json=bodies.request(f"{reference}-c")))
    itself = amended(client, path, {"superseded_by": reference})
    assert refused(itself, 422, "invalid-content") == {"/superseded_by": "supersedes_itself"}
    assert accepted(amended(client, path, {"superseded_by": f"{reference}-b"}))["status"] == "superseded"
    accepted(amended(client, f"{path}-b", {"superseded_by": f"{reference}-c"}))
    back = amended(client, f"{path}-c", {"superseded_by": reference})
    assert refused(back, 422, "invalid-content") == {"/superseded_by": "circle"}
    assert accepted(amended(client, path, {"superseded_by": None}))["status"] == "open"


def test_of_two_requests_superseded_by_each_other_at_once_one_is_refused(client: httpx.Client, server: Server) -> None:
    for turn in range(5):
        pair = [f"R-CIRCLE-{turn}-{side}" for side in "ab"]
        for reference in pair:
            accepted(client.post("/v1/requests", json=bodies.request(reference)))

        def supersede(one: str, other: str) -> int:
            with httpx.Client(base_url=server.url, timeout=30) as writer:
                return amended(writer, f"/v1/requests/{one}", {"superseded_by": other}).status_code

        with ThreadPoolExecutor(2) as pool:
            assert sorted(pool.map(supersede, pair, pair[::-1])) == [200, 422]


def test_nothing_is_ever_deleted(client: httpx.Client, path: str) -> None:
    answer = client.delete(path)
    refused(answer, 405, "method-not-allowed")
    assert answer.headers["allow"] == "GET, HEAD, PATCH"
    assert client.get(path).status_code == 200
