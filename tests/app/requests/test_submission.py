"""Submitting requests: what is stored of them, and every bad one refused with the place, and nothing stored."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from app.records import today
from tests.app import bodies
from tests.app.bodies import accepted, refused
from tests.app.conftest import Server

NEED = {"domain": "OP3C.BOR", "modalities": ["TRN"]}


def submit(client: httpx.Client, **changes: Any) -> httpx.Response:
    return client.post("/v1/requests", json=bodies.request("R-TRY", **changes))


def test_a_request_is_read_as_it_was_submitted(client: httpx.Client) -> None:
    answer = client.post("/v1/requests", json=bodies.request("R-WHOLE"))
    stored = accepted(answer)
    assert answer.status_code == 201
    assert answer.headers["location"] == "/v1/requests/R-WHOLE"
    assert client.get("/v1/requests/R-WHOLE").json() == stored
    assert (stored["requester"], stored["status"], stored["version"]) == ("state:MNG", "open", 1)
    assert [need["reference"] for need in stored["needs"]] == ["R-WHOLE/1", "R-WHOLE/2"]


def test_a_states_own_request_is_for_itself(client: httpx.Client) -> None:
    stored = accepted(client.post("/v1/requests", json=bodies.request("R-OWN")))
    assert [(each["state"], each["consent"]) for each in stored["beneficiaries"]] == [("MNG", "confirmed")]


def test_what_is_not_given_is_marked_so_and_units_are_assumed(client: httpx.Client) -> None:
    body = bodies.request("R-BARE", needs=[{"domain": "UNSPEC"}])
    [need] = accepted(client.post("/v1/requests", json=body))["needs"]
    assert (need["units"], need["modalities"]) == (1, [])
    assert need["basis"] == {
        "domain": "not_stated",
        "modalities": "not_stated",
        "scopes": "not_stated",
        "languages": "not_stated",
        "units": "assumed",
        "priority": "assumed",
        "delivery": "not_stated",
    }


def test_what_is_given_is_stated_unless_said_otherwise(client: httpx.Client) -> None:
    need = NEED | {"units": 3, "basis": {"units": "inferred"}}
    [stored] = accepted(client.post("/v1/requests", json=bodies.request("R-BASIS", needs=[need])))["needs"]
    assert (stored["basis"]["domain"], stored["basis"]["units"]) == ("stated", "inferred")


def test_a_priority_that_is_left_out_is_the_usual_one_assumed(client: httpx.Client) -> None:
    needs = [NEED, NEED | {"priority": 3}, NEED | {"priority": 1, "basis": {"priority": "inferred"}}]
    stored = accepted(client.post("/v1/requests", json=bodies.request("R-PRIORITY", needs=needs)))["needs"]
    assert [(need["priority"], need["basis"]["priority"]) for need in stored] == [
        (3, "assumed"),
        (3, "stated"),
        (1, "inferred"),
    ]


def test_a_reference_is_made_where_none_is_given(client: httpx.Client) -> None:
    body = bodies.request("")
    del body["reference"]
    first, second = (accepted(client.post("/v1/requests", json=body))["reference"] for _ in range(2))
    assert first[:9] == second[:9] == "1540-REQ-"
    assert int(second[-4:]) == int(first[-4:]) + 1


def test_a_date_known_to_the_month_or_year_counts_as_its_last_day(client: httpx.Client) -> None:
    for precision, last in (("month", "2015-02-28"), ("year", "2015-12-31")):
        body = bodies.request(f"R-{precision}", date_precision=precision)
        assert accepted(client.post("/v1/requests", json=body))["dated_on"] == last


def test_an_organization_asks_for_states_that_consent(client: httpx.Client) -> None:
    body = bodies.request(
        "R-ORG",
        requester="organization:IAEA",
        channel="referral_with_consent",
        beneficiaries=[{"state": "MNG", "consent": "confirmed", "consent_on": "2015-01-05"}],
        needs=[NEED],
    )
    [beneficiary] = accepted(client.post("/v1/requests", json=body))["beneficiaries"]
    assert (beneficiary["state"], beneficiary["consent_basis"]) == ("MNG", "stated")


def test_a_requester_that_no_source_names_has_candidates_and_no_beneficiary(client: httpx.Client) -> None:
    parties = client.get("/v1/parties", params={"limit": 1000}).json()["data"]
    [unnamed] = [party["reference"] for party in parties if not party["matchable"]]
    body = bodies.request("R-UNNAMED", requester=unnamed, requester_candidates=["DZA", "ALB"])
    stored = accepted(client.post("/v1/requests", json=body))
    assert (stored["requester_candidates"], stored["beneficiaries"]) == (["ALB", "DZA"], [])


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"requester": "state:MNX"}, "/requester", "unknown_party"),
        ({"requester": "MNG"}, "/requester", "string_pattern_mismatch"),
        ({"requester": "group:ASEAN"}, "/requester", "group_submits_elsewhere"),
        ({"requester": "organization:IAEA"}, "/beneficiaries", "no_beneficiary"),
        ({"beneficiaries": [{"state": "MNG"}]}, "/beneficiaries", "own_request"),
        (
            {"requester": "organization:IAEA", "beneficiaries": [{"state": "MNX"}]},
            "/beneficiaries/0",
            "unknown_state",
        ),
        ({"requester_candidates": ["ALB"]}, "/requester_candidates", "requester_is_named"),
        ({"needs": []}, "/needs", "too_short"),
        ({"needs": [NEED | {"domain": "OP3C.BORDER"}]}, "/needs/0/domain", "unknown_code"),
        ({"needs": [NEED, NEED | {"modalities": ["TRN", "TRAIN"]}]}, "/needs/1/modalities/1", "unknown_code"),
        ({"needs": [NEED | {"modalities": ["TRN", "TRN"]}]}, "/needs/0/modalities", "repeated_code"),
        ({"needs": [NEED | {"scopes": ["radiological"]}]}, "/needs/0/scopes/0", "unknown_code"),
        ({"needs": [NEED | {"languages": ["en", "en"]}]}, "/needs/0/languages", "repeated_code"),
        ({"needs": [NEED | {"units": 0}]}, "/needs/0/units", "greater_than_equal"),
        ({"needs": [NEED | {"units": -3}]}, "/needs/0/units", "greater_than_equal"),
        ({"needs": [NEED | {"units": 1_000_000_001}]}, "/needs/0/units", "less_than_equal"),
        ({"needs": [NEED | {"units": True}]}, "/needs/0/units", "int_type"),
        ({"needs": [NEED | {"units": 1.5}]}, "/needs/0/units", "int_type"),
        ({"needs": [NEED | {"priority": 6}]}, "/needs/0/priority", "less_than_equal"),
        (
            {"needs": [NEED | {"wanted_from": "2015-06-01", "wanted_by": "2015-05-31"}]},
            "/needs/0/wanted_by",
            "ends_before_it_begins",
        ),
        ({"needs": [NEED | {"delivery": "joint"}]}, "/needs/0/delivery", "single_beneficiary"),
        ({"needs": [NEED | {"least": 1}]}, "/needs/0/least", "single_beneficiary"),
        ({"needs": [NEED | {"basis": {"units": "stated"}}]}, "/needs/0/basis/units", "fact_not_given"),
        ({"needs": [NEED | {"basis": {"priority": "stated"}}]}, "/needs/0/basis/priority", "fact_not_given"),
        ({"needs": [NEED | {"basis": {"delivery": "stated"}}]}, "/needs/0/basis/delivery", "fact_not_given"),
        ({"needs": [NEED | {"basis": {"domain": "not_stated"}}]}, "/needs/0/basis/domain", "literal_error"),
        ({"authenticated_on": "2015-02-09"}, "/authenticated_on", "before_document"),
        ({"dated_on": "2015-02-30"}, "/dated_on", "date_from_datetime_parsing"),
        ({"dated_on": 1_423_526_400}, "/dated_on", "iso_date"),
        ({"dated_on": "9999-12-31"}, "/dated_on", "in_the_future"),
        ({"dated_on": "2999-01-01", "date_precision": "year"}, "/dated_on", "in_the_future"),
        ({"dated_on": "1945-10-23"}, "/dated_on", "too_early"),
        ({"dated_on": "0001-01-01"}, "/dated_on", "too_early"),
        ({"authenticated_on": "2999-01-01"}, "/authenticated_on", "in_the_future"),
        ({"dated_on": None, "date_precision": "day"}, "/date_precision", "no_date_given"),
        ({"needs": [NEED | {"languages": ["zz"]}]}, "/needs/0/languages/0", "unknown_language"),
        ({"needs": [NEED | {"languages": ["und"]}]}, "/needs/0/languages/0", "unknown_language"),
        ({"date_precision": "unknown"}, "/date_precision", "date_given"),
        ({"channel": "pigeon"}, "/channel", "enum"),
        ({"priority": 2}, "/priority", "unknown_field"),
        ({"status": "withdrawn"}, "/status", "unknown_field"),
        ({"id": "01890000-0000-7000-8000-000000000000"}, "/id", "unknown_field"),
        ({"source_urls": ["javascript:alert(1)"]}, "/source_urls/0", "string_pattern_mismatch"),
    ],
)
def test_a_bad_request_is_refused_at_its_place_and_not_stored(
    client: httpx.Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(submit(client, **changes), 422, "invalid-content").get(pointer) == code
    assert client.get("/v1/requests/R-TRY").status_code == 404


@pytest.mark.parametrize(
    ("changes", "nearest"),
    [
        ({"requester": "state:MNX"}, "state:MNG"),
        ({"needs": [NEED | {"domain": "OP3C.BORD"}]}, "OP3C.BOR"),
        ({"needs": [NEED | {"modalities": ["TRNN"]}]}, "TRN"),
        ({"needs": [NEED | {"scopes": ["nuklear"]}]}, "nuclear"),
        ({"summery": "typed in haste"}, "summary"),
    ],
)
def test_a_refusal_names_the_nearest_valid_code(client: httpx.Client, changes: dict[str, Any], nearest: str) -> None:
    assert nearest in submit(client, **changes).json()["detail"].partition("did you mean ")[2]


def test_everything_that_is_wrong_is_said_at_once(client: httpx.Client) -> None:
    wrong = refused(submit(client, requester="state:MNX", needs=[NEED | {"domain": "X1"}]), 422, "invalid-content")
    assert set(wrong) == {"/requester", "/needs/0/domain"}


@pytest.mark.parametrize("name", ["strictly confidential", "STRICTLY_CONFIDENTIAL", "Strictly-Confidential"])
def test_strictly_confidential_material_is_refused_at_the_door(client: httpx.Client, name: str) -> None:
    refused(submit(client, classification=name, summary="do not echo this"), 422, "strictly-confidential")
    assert "do not echo this" not in submit(client, classification=name, summary="do not echo this").text
    assert client.get("/v1/requests/R-TRY").status_code == 404


def test_a_reference_is_taken_once(client: httpx.Client) -> None:
    assert client.post("/v1/requests", json=bodies.request("R-ONCE")).status_code == 201
    refused(client.post("/v1/requests", json=bodies.request("R-ONCE")), 409, "reference-taken")


def test_of_writers_who_bring_one_reference_at_once_one_wins(client: httpx.Client, server: Server) -> None:
    def write(_number: int) -> int:
        with httpx.Client(base_url=server.url, timeout=30) as other:
            return other.post("/v1/requests", json=bodies.request("R-RACE")).status_code

    with ThreadPoolExecutor(8) as pool:
        assert sorted(pool.map(write, range(8))) == [201] + [409] * 7
    assert client.get("/v1/requests/R-RACE").json()["version"] == 1


def test_references_made_at_once_are_all_different(client: httpx.Client, server: Server) -> None:
    body = bodies.request("")
    del body["reference"]

    def write(_number: int) -> str:
        with httpx.Client(base_url=server.url, timeout=30) as other:
            return str(accepted(other.post("/v1/requests", json=body))["reference"])

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(write, range(16)))) == 16


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('"sum\\u202emary"', "hostile_text"),
        ('"sum\\u0000mary"', "hostile_text"),
        ('"sum\\ud800mary"', "hostile_text"),
        ('"sum\\u2028mary"', "hostile_text"),
        ('"sum\\u200bmary"', "hostile_text"),
        ('"sum\\u2060mary"', "hostile_text"),
        ('"\\ufeffsummary"', "hostile_text"),
        ('"sum\\udb40\\udc41mary"', "hostile_text"),
        ('"sum\\ufe0f\\ufe01mary"', "hostile_text"),
        ('"' + "x" * 1_000_000 + '"', "string_too_long"),
    ],
)
def test_hostile_text_is_refused(client: httpx.Client, text: str, code: str) -> None:
    content = '{"requester": "state:MNG", "channel": "template", "needs": [{"domain": "OP1"}], "summary": ' + text + "}"
    answer = client.post("/v1/requests", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert refused(answer, 422, "invalid-content")["/summary"] in (code, "string_unicode")


def test_a_record_of_this_month_or_year_is_not_of_the_future(client: httpx.Client) -> None:
    for precision in ("month", "year"):
        body = bodies.request(f"R-NOW-{precision}", dated_on=today().isoformat(), date_precision=precision)
        accepted(client.post("/v1/requests", json=body))


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"requester": "MNG"}, "write its kind before its code: state:MNG, group:MNG or organization:MNG"),
        ({"requester": "state:mng"}, "there is no party state:mng; did you mean state:MNG?"),
        ({"requester": None}, "/requester: must be text, not null"),
        ({"requester_candidates": ["alx"]}, "did you mean ALX?"),
        ({"requester_candidates": ["state:ALB"]}, "did you mean ALB?"),
        ({"needs": [NEED | {"domain": "op3c.bor"}]}, "there is no domain op3c.bor; did you mean OP3C.BOR?"),
        ({"needs": [NEED | {"languages": ["EN"]}]}, "there is no language EN; did you mean en?"),
        ({"needs": [NEED | {"units": "two"}]}, "must be a whole number, not 'two'"),
        ({"needs": [NEED | {"units": 0}]}, "must be at least 1"),
        ({"channel": "templates"}, "'templates' is not known here; did you mean template?"),
        ({"document": "x" * 501}, "is too long; write 500 characters at most"),
        ({"dated_on": "2015-02-30"}, "'2015-02-30' is no day of the calendar"),
    ],
)
def test_a_refusal_is_a_sentence_of_ours_with_the_remedy(
    client: httpx.Client, changes: dict[str, Any], sentence: str
) -> None:
    assert sentence in submit(client, **changes).json()["detail"]


def test_joiners_that_a_script_is_spelt_with_are_kept(client: httpx.Client) -> None:
    text = "می\u200cخواهم क्\u200dष ☎\ufe0f"
    assert accepted(client.post("/v1/requests", json=bodies.request("R-ZWNJ", summary=text)))["summary"] == text


def test_text_is_kept_in_one_normal_form_in_every_script(client: httpx.Client) -> None:
    text = " e\u0301tude\r\nнужда 需要 \u200fحاجة\u200f <script>alert(1)</script> =1+1 "
    stored = accepted(client.post("/v1/requests", json=bodies.request("R-TEXT", summary=text)))
    assert stored["summary"] == "étude\nнужда 需要 \u200fحاجة\u200f <script>alert(1)</script> =1+1"
