"""Bodies that are accepted as they are; a test changes what it is about."""

from typing import Any

import httpx

Json = dict[str, Any]


def request(reference: str, **changes: Any) -> Json:
    """Mongolia asks for two things."""
    return {
        "reference": reference,
        "requester": "state:MNG",
        "channel": "template",
        "dated_on": "2015-02-10",
        "needs": [
            {"domain": "OP3C.BOR", "modalities": ["TRN"], "scopes": ["nuclear"], "languages": ["en"], "units": 2},
            {"domain": "OP3D.LIC", "modalities": ["LEG"], "scopes": ["chemical", "nuclear"]},
        ],
    } | changes


def submission(reference: str, **changes: Any) -> Json:
    """ASEAN asks for three of its members."""
    return {
        "reference": reference,
        "group": "ASEAN",
        "channel": "note_verbale_or_memorandum",
        "dated_on": "2015-02-20",
        "beneficiaries": [{"state": "PHL", "consent": "confirmed"}, {"state": "THA"}, {"state": "VNM"}],
        "needs": [{"domain": "OP3C.BOR", "modalities": ["WKS"], "delivery": "joint", "least": 2}],
    } | changes


def offer(reference: str, **changes: Any) -> Json:
    """New Zealand offers courses in East and South-eastern Asia."""
    return {
        "reference": reference,
        "provider": "state:NZL",
        "domains": ["OP3C.BOR", "OP3D.LIC"],
        "modalities": ["TRN"],
        "scopes": ["nuclear"],
        "languages": ["en"],
        "coverage_regions": ["030", "035"],
        "capacity_per_quarter": 4,
    } | changes


def answer(reference: str, need: str, offer: str, **changes: Any) -> Json:
    """The provider accepts."""
    return {"reference": reference, "need": need, "offer": offer, "state": "accepted"} | changes


def exclusion(reference: str, **changes: Any) -> Json:
    """Australia does not serve New Zealand."""
    return {
        "reference": reference,
        "by_party": "state:AUS",
        "other_party": "state:NZL",
        "reason": "Served by their own arrangement",
        "source": "Letter of 2 February 2016",
    } | changes


def accepted(answer: httpx.Response) -> Json:
    """The record in an answer that reports success."""
    assert answer.is_success, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def refused(answer: httpx.Response, status: int, slug: str) -> dict[str, str]:
    """What an answer that is this refusal says is wrong: pointer or parameter -> code."""
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json"), answer.text
    problem = answer.json()
    assert problem["type"] == f"/problems/{slug}", problem
    return {fault.get("pointer", fault.get("parameter")): fault["code"] for fault in problem.get("errors", ())}


def amended(client: httpx.Client, path: str, body: Json) -> httpx.Response:
    """What is answered to an amendment of the record at ``path`` as it is now."""
    return client.patch(path, json=body, headers={"If-Match": client.get(path).headers["etag"]})


def withdrawn(client: httpx.Client, path: str, **body: Any) -> httpx.Response:
    """What is answered to the withdrawal of the record at ``path`` as it is now."""
    tag = client.get(path).headers["etag"]
    return client.post(f"{path}/withdraw", json={"reason": "no longer wanted"} | body, headers={"If-Match": tag})
