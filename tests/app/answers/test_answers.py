"""Answers: about a need and an offer that exist, never of a party to itself, and declined only with a reason."""

from typing import Any

import httpx
import pytest

from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn


@pytest.fixture(autouse=True)
def pair(client: httpx.Client) -> None:
    """The need R-PAIR/1 and the offer O-PAIR; kept from the test before where there was one."""
    client.post("/v1/requests", json=bodies.request("R-PAIR"))
    client.post("/v1/offers", json=bodies.offer("O-PAIR"))


def submit(client: httpx.Client, reference: str = "A-TRY", **changes: Any) -> httpx.Response:
    return client.post("/v1/answers", json=bodies.answer(reference, "R-PAIR/1", "O-PAIR") | changes)


def test_an_answer_is_read_as_it_was_submitted(client: httpx.Client) -> None:
    stored = accepted(submit(client, "A-WHOLE", dated_on="2015-05-20"))
    assert client.get("/v1/answers/A-WHOLE").json() == stored
    assert (stored["need"], stored["offer"], stored["units"], stored["state"]) == ("R-PAIR/1", "O-PAIR", 1, "accepted")


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"need": "R-PAIR/9"}, "/need", "unknown_need"),
        ({"need": "R-PAIR"}, "/need", "string_pattern_mismatch"),
        ({"offer": "O-NOWHERE"}, "/offer", "unknown_offer"),
        ({"state": "perhaps"}, "/state", "enum"),
        ({"state": "declined"}, "/reason", "missing"),
        ({"units": 0}, "/units", "greater_than_equal"),
        ({"units": -1}, "/units", "greater_than_equal"),
        ({"units": 3}, "/units", "more_than_asked"),
        ({"dated_on": "2015-02-09"}, "/dated_on", "before_request"),
        ({"dated_on": "2999-01-01"}, "/dated_on", "in_the_future"),
    ],
)
def test_a_bad_answer_is_refused_at_its_place_and_not_stored(
    client: httpx.Client, changes: dict[str, Any], pointer: str, code: str
) -> None:
    assert refused(submit(client, **changes), 422, "invalid-content").get(pointer) == code
    assert client.get("/v1/answers/A-TRY").status_code == 404


def test_an_answer_may_take_on_the_units_of_every_member_that_is_left(client: httpx.Client) -> None:
    need = {"domain": "OP3C.BOR", "modalities": ["WKS"], "delivery": "per_member", "units": 2}
    beneficiaries = [{"state": "PHL"}, {"state": "THA"}, {"state": "VNM", "consent": "left"}]
    body = bodies.submission("G-EACH", needs=[need], beneficiaries=beneficiaries)
    accepted(client.post("/v1/group-submissions", json=body))
    refusal = submit(client, need="G-EACH/1", units=5)
    assert refused(refusal, 422, "invalid-content") == {"/units": "more_than_asked"}
    accepted(submit(client, "A-EACH", need="G-EACH/1", units=4))


def test_an_answer_of_the_month_in_which_the_request_was_made_is_not_before_it(client: httpx.Client) -> None:
    accepted(client.post("/v1/requests", json=bodies.request("R-MONTH", date_precision="month")))
    accepted(submit(client, "A-MONTH", need="R-MONTH/1", dated_on="2015-02-01"))


def test_an_answer_cannot_be_amended_to_more_than_the_need_asks_for(client: httpx.Client) -> None:
    accepted(submit(client, "A-MORE"))
    answer = amended(client, "/v1/answers/A-MORE", {"units": 1_000_000_000})
    assert refused(answer, 422, "invalid-content") == {"/units": "more_than_asked"}


def test_a_state_does_not_provide_to_itself(client: httpx.Client) -> None:
    client.post("/v1/offers", json=bodies.offer("O-OWN", provider="state:MNG"))
    assert refused(submit(client, offer="O-OWN"), 422, "invalid-content") == {"/offer": "provider_is_requester"}
    client.post("/v1/offers", json=bodies.offer("O-MEMBER", provider="state:PHL"))
    client.post("/v1/group-submissions", json=bodies.submission("G-PAIR"))
    of_member = submit(client, need="G-PAIR/1", offer="O-MEMBER")
    assert refused(of_member, 422, "invalid-content") == {"/offer": "provider_is_requester"}


def test_an_accepted_pairing_is_delivered_and_a_refusal_keeps_its_reason(client: httpx.Client) -> None:
    submit(client, "A-COURSE")
    stored = accepted(amended(client, "/v1/answers/A-COURSE", {"state": "delivered", "units": 2}))
    assert (stored["state"], stored["units"], stored["version"]) == ("delivered", 2, 2)
    unexplained = amended(client, "/v1/answers/A-COURSE", {"state": "declined"})
    assert refused(unexplained, 422, "invalid-content") == {"/reason": "missing"}


def test_answers_are_listed_by_need_request_offer_provider_and_state(client: httpx.Client) -> None:
    stored = accepted(submit(client, "A-LISTED", state="declined", reason="No trainers this year"))
    accepted(withdrawn(client, "/v1/answers/A-LISTED"))
    for name, value in (
        ("need", "R-PAIR/1"),
        ("request", "R-PAIR"),
        ("offer", "O-PAIR"),
        ("provider", "state:NZL"),
        ("state", "declined,failed"),
        ("status", "withdrawn"),
    ):
        found = client.get("/v1/answers", params={name: value, "reference": "A-LISTED"}).json()["data"]
        assert [answer["reference"] for answer in found] == [stored["reference"]], name
    assert client.get("/v1/answers", params={"provider": "state:AUS"}).json()["data"] == []
