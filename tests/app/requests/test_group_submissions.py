"""Group submissions: who may be in one, how it is served, and members that confirm, leave or join."""

from typing import Any

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, refused

NEED = {"domain": "OP3C.BOR", "delivery": "per_member"}


def submit(client: httpx.Client, reference: str = "G-TRY", **changes: Any) -> httpx.Response:
    return client.post("/v1/group-submissions", json=bodies.submission(reference, **changes))


def consent(client: httpx.Client, reference: str, state: str, said: str) -> httpx.Response:
    tag = client.get(f"/v1/group-submissions/{reference}").headers["etag"]
    path = f"/v1/group-submissions/{reference}/beneficiaries/{state}"
    return client.put(path, json={"consent": said}, headers={"If-Match": tag})


def test_a_group_submission_is_a_request_of_its_group(client: httpx.Client) -> None:
    stored = accepted(submit(client, "G-WHOLE"))
    assert (stored["requester"], stored["group_kind"]) == ("group:ASEAN", "regional_organization")
    assert client.get("/v1/requests/G-WHOLE").json() == stored
    assert client.get("/v1/group-submissions/G-WHOLE").json() == stored


def test_a_national_request_is_no_group_submission(client: httpx.Client) -> None:
    accepted(client.post("/v1/requests", json=bodies.request("R-NATIONAL")))
    refused(client.get("/v1/group-submissions/R-NATIONAL"), 404, "not-found")
    listed = client.get("/v1/group-submissions", params={"reference": "R-NATIONAL"}).json()["data"]
    assert listed == []


def test_a_delivery_that_is_given_is_stated_unless_said_otherwise(client: httpx.Client) -> None:
    needs = [NEED, NEED | {"basis": {"delivery": "inferred"}}]
    stored = accepted(submit(client, "G-DELIVERY", needs=needs))["needs"]
    assert [need["basis"]["delivery"] for need in stored] == ["stated", "inferred"]


def test_consent_that_is_not_given_is_pending_and_not_stated(client: httpx.Client) -> None:
    stored = accepted(submit(client, "G-CONSENT"))
    assert [(each["state"], each["consent"], each["consent_basis"]) for each in stored["beneficiaries"]] == [
        ("PHL", "confirmed", "stated"),
        ("THA", "pending", "not_stated"),
        ("VNM", "pending", "not_stated"),
    ]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"group": "ASEANN"}, "/group", "unknown_party"),
        ({"beneficiaries": [{"state": "PHL"}, {"state": "FRA"}]}, "/beneficiaries/1/state", "not_a_member"),
        ({"beneficiaries": [{"state": "XXX"}]}, "/beneficiaries/0", "unknown_state"),
        ({"beneficiaries": [{"state": "PHL"}, {"state": "PHL"}]}, "/beneficiaries", "repeated_code"),
        ({"beneficiaries": []}, "/beneficiaries", "too_short"),
        ({"beneficiaries": [{"state": "PHL", "consent": "left"}]}, "/beneficiaries", "no_beneficiary"),
        (
            {"beneficiaries": [{"state": "PHL"}, {"state": "THA", "consent_on": "2999-01-01"}]},
            "/beneficiaries/1/consent_on",
            "in_the_future",
        ),
        ({"group": "group:ASEAN"}, "/group", "string_pattern_mismatch"),
        ({"needs": [{"domain": "OP3C.BOR"}]}, "/needs/0/delivery", "missing"),
        ({"needs": [NEED | {"least": 4}]}, "/needs/0/least", "more_than_beneficiaries"),
        ({"needs": [NEED | {"least": 0}]}, "/needs/0/least", "greater_than_equal"),
        ({"needs": [NEED | {"units": 0}]}, "/needs/0/units", "greater_than_equal"),
        ({"needs": [NEED | {"delivery": "by post"}]}, "/needs/0/delivery", "enum"),
    ],
)
def test_a_bad_group_submission_is_refused_at_its_place_and_not_stored(
    client: httpx.Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(submit(client, **changes), 422, "invalid-content").get(pointer) == code
    assert client.get("/v1/requests/G-TRY").status_code == 404


@pytest.mark.parametrize(
    ("group", "state", "dated_on", "belongs"),
    [
        ("EU", "HRV", "2013-07-01", True),
        ("EU", "HRV", "2013-06-30", False),
        ("TLATELOLCO", "BRA", "2015-01-01", True),  # a party to its treaty counts in a zone
        ("MERCOSUR", "CHL", "2015-01-01", False),  # an associate of a customs union does not count
    ],
)
def test_who_belongs_is_decided_on_the_day_of_the_document_and_by_statuses_that_count(
    client: httpx.Client, group: str, state: str, dated_on: str, belongs: bool
) -> None:
    members = client.get(f"/v1/groups/{group}/members", params={"on": dated_on, "limit": 1000}).json()["data"]
    assert any(member["state"] == state and member["counts"] for member in members) is belongs
    answer = submit(client, f"G-{group}-{dated_on}", group=group, dated_on=dated_on, beneficiaries=[{"state": state}],
                    needs=[NEED])  # fmt: skip
    if belongs:
        accepted(answer)
    else:
        assert refused(answer, 422, "invalid-content") == {"/beneficiaries/0/state": "not_a_member"}


def test_a_new_date_is_refused_if_a_member_did_not_belong_on_it_and_has_not_left(client: httpx.Client) -> None:
    accepted(submit(client, "G-DATED"))
    answer = bodies.amended(client, "/v1/group-submissions/G-DATED", {"dated_on": "1990-01-01"})
    assert refused(answer, 422, "invalid-content") == {"/dated_on": "not_a_member"}
    assert "VNM did not belong to ASEAN on 1990-01-01" in answer.json()["detail"]
    accepted(consent(client, "G-DATED", "VNM", "left"))
    accepted(bodies.amended(client, "/v1/group-submissions/G-DATED", {"dated_on": "1990-01-01"}))


def test_a_member_confirms_leaves_and_joins(client: httpx.Client) -> None:
    accepted(submit(client, "G-MOVES"))
    accepted(consent(client, "G-MOVES", "VNM", "confirmed"))
    accepted(consent(client, "G-MOVES", "PHL", "left"))
    stored = accepted(consent(client, "G-MOVES", "LAO", "confirmed"))
    assert {each["state"]: each["consent"] for each in stored["beneficiaries"]} == {
        "LAO": "confirmed",
        "PHL": "left",
        "THA": "pending",
        "VNM": "confirmed",
    }
    assert stored["version"] == 4
    assert client.get("/v1/requests/G-MOVES").json() == stored


def test_who_is_no_member_cannot_consent(client: httpx.Client) -> None:
    accepted(submit(client, "G-STRANGER"))
    assert refused(consent(client, "G-STRANGER", "FRA", "confirmed"), 422, "invalid-content") == {
        "state": "not_a_member"
    }
    detail = consent(client, "G-STRANGER", "FRA", "confirmed").json()["detail"]
    assert detail.startswith("FRA did not belong to ASEAN on 2015-02-20")
    refused(consent(client, "G-STRANGER", "XXX", "confirmed"), 404, "not-found")


def test_a_consent_is_not_of_tomorrow(client: httpx.Client) -> None:
    accepted(submit(client, "G-TOMORROW"))
    etag = client.get("/v1/group-submissions/G-TOMORROW").headers["etag"]
    answer = client.put(
        "/v1/group-submissions/G-TOMORROW/beneficiaries/PHL",
        json={"consent": "confirmed", "consent_on": "2999-01-01"},
        headers={"If-Match": etag},
    )
    assert refused(answer, 422, "invalid-content") == {"/consent_on": "in_the_future"}


def test_a_need_may_not_ask_for_more_members_than_have_not_left(client: httpx.Client) -> None:
    accepted(submit(client, "G-FEWER"))
    accepted(consent(client, "G-FEWER", "PHL", "left"))
    answer = bodies.amended(client, "/v1/group-submissions/G-FEWER", {"needs": [{"number": 1, "least": 3}]})
    assert refused(answer, 422, "invalid-content") == {"/needs/0/least": "more_than_beneficiaries"}
