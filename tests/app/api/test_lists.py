"""Lists: filters by exact codes, pages that neither lose nor repeat, cursors that cannot be forged, ETags."""

import base64
import json
import threading
from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy.orm import Session

from app.database import make_engine
from app.paging import encode
from app.requests import service
from app.requests.filters import RequestsQuery
from app.requests.schemas import RequestSubmit
from app.visibility import LOCAL
from tests.app import bodies
from tests.app.bodies import accepted, amended, refused, withdrawn
from tests.app.conftest import Server

STATES = ("ALB", "ARM", "MNG", "THA", "PHL")
DOMAINS = ("OP3C.BOR", "OP3D.LIC", "OP8.TRE")


@pytest.fixture(scope="module", autouse=True)
def stored(server: Server) -> None:
    """Thirty requests: five States, three domains, years 1995 to 2024, each tenth without a date."""
    made = [
        RequestSubmit.model_validate(
            bodies.request(
                f"R-{number:02d}",
                requester=f"state:{STATES[number % 5]}",
                dated_on=f"{1995 + number}-06-30" if number % 10 else None,
                needs=[{"domain": DOMAINS[number % 3], "modalities": ["TRN" if number % 2 else "LEG"]}],
            )
        )
        for number in range(30)
    ]
    engine = make_engine(server.database_url)
    with Session(engine) as session:
        service.submit_batch(session, LOCAL, made)
        session.commit()
    engine.dispose()


def pages(client: httpx.Client, url: str) -> Iterator[list[str]]:
    """The references of each page, from links.next to links.next."""
    following: str | None = url
    while following:
        page = accepted(client.get(following))
        yield [item["reference"] for item in page["data"]]
        following = page["links"]["next"]


def listed(client: httpx.Client, **filters: str) -> list[str]:
    return [
        item["reference"]
        for item in accepted(client.get("/v1/requests", params={"limit": 1000, **filters}))["data"]
        if item["reference"].startswith("R-") and len(item["reference"]) == 4
    ]


def test_a_limit_of_nothing_gives_only_the_count(client: httpx.Client) -> None:
    page = accepted(client.get("/v1/requests", params={"limit": 0, "reference": "R-01,R-02"}))
    assert (page["data"], page["meta"], page["links"]["next"]) == ([], {"limit": 0, "total": 2}, None)


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_pages_of_any_size_make_up_the_whole_list_in_order(client: httpx.Client, limit: int) -> None:
    found = list(pages(client, f"/v1/requests?limit={limit}&reference={','.join(f'R-{n:02d}' for n in range(30))}"))
    assert all(len(page) == limit for page in found[:-1])
    assert [reference for page in found for reference in page] == [f"R-{number:02d}" for number in range(30)]


@pytest.mark.parametrize(
    ("query", "parameter", "code"),
    [
        ("limit=-1", "limit", "greater_than_equal"),
        ("limit=1001", "limit", "less_than_equal"),
        ("limit=abc", "limit", "int_parsing"),
        ("limit=1.5", "limit", "int_parsing"),
        ("limit=", "limit", "int_parsing"),
        ("limit=1&limit=2", "limit", "given_twice"),
        ("colour=red", "colour", "unknown_parameter"),
        ("Domain=OP1", "Domain", "unknown_parameter"),
        ("sort=priority", "sort", "literal_error"),
        ("status=closed", "status", "enum"),
        ("dated_from=2015", "dated_from", "iso_date"),
        ("synthetic=maybe", "synthetic", "bool_parsing"),
        ("requester=state%00ALB", "requester", "control_character"),
        ("q=x%27%3B%20DROP%20TABLE%20requests", "q", "unknown_parameter"),
    ],
)
def test_a_parameter_that_cannot_be_used_is_named(client: httpx.Client, query: str, parameter: str, code: str) -> None:
    assert refused(client.get(f"/v1/requests?{query}"), 400, "invalid-parameter") == {parameter: code}


@pytest.mark.parametrize(
    ("path", "parameter"),
    [
        ("/v1/requests?domain=", "domain"),
        ("/v1/requests?domain=,", "domain"),
        ("/v1/requests?domain=OP1,,OP2", "domain"),
        ("/v1/requests?requester=", "requester"),
        ("/v1/requests?status=", "status"),
        ("/v1/offers?covers=", "covers"),
        ("/v1/parties?code=", "code"),
    ],
)
def test_an_empty_filter_is_refused_not_ignored(client: httpx.Client, path: str, parameter: str) -> None:
    assert refused(client.get(path), 400, "invalid-parameter") == {parameter: "empty_code"}


def test_a_refusal_says_the_highest_limit_and_the_nearest_parameter(client: httpx.Client) -> None:
    assert "1000" in client.get("/v1/requests?limit=1001").json()["detail"]
    assert "did you mean domain?" in client.get("/v1/requests?domian=OP1").json()["detail"]


def test_codes_of_one_filter_are_or_and_filters_together_are_and(client: httpx.Client) -> None:
    both = listed(client, requester="state:ALB,state:ARM")
    assert both == sorted(listed(client, requester="state:ALB") + listed(client, requester="state:ARM"))
    repeated = client.get("/v1/requests?requester=state:ALB&requester=state:ARM&limit=1000").json()["data"]
    assert [item["reference"] for item in repeated] == both
    assert listed(client, requester="state:ALB", domain="OP3C.BOR") == ["R-00", "R-15"]


def test_codes_are_exact_and_an_unknown_one_finds_nothing(client: httpx.Client) -> None:
    assert listed(client, domain="OP3C") == listed(client, domain="op3c.bor") == listed(client, requester="ALB") == []
    assert listed(client, domain="' OR 1=1 --") == []


def test_domain_and_modality_are_about_one_need(client: httpx.Client) -> None:
    needs = [{"domain": "OP10.COOP", "modalities": ["EQP"]}, {"domain": "OP6.LIST", "modalities": ["TTX"]}]
    accepted(client.post("/v1/requests", json=bodies.request("R-TWO-NEEDS", needs=needs)))
    for modality, found in (("EQP", 1), ("TTX", 0)):
        page = client.get("/v1/requests", params={"domain": "OP10.COOP", "modality": modality}).json()
        assert len(page["data"]) == found


def test_requests_are_filtered_by_where_the_requester_is_and_when_it_asked(client: httpx.Client) -> None:
    assert listed(client, subregion="039") == listed(client, requester="state:ALB")
    assert listed(client, regional_group="EASTERN_EUROPE") == listed(client, requester="state:ALB,state:ARM")
    assert listed(client, dated_from="2022-06-30", dated_until="2023-06-30") == ["R-27", "R-28"]
    assert listed(client, beneficiary="PHL") == listed(client, requester="state:PHL")


def test_a_list_is_sorted_both_ways_undated_records_counting_as_earliest(client: httpx.Client) -> None:
    undated = ["R-00", "R-10", "R-20"]
    dated = [f"R-{number:02d}" for number in range(30) if number % 10]
    assert listed(client, sort="dated_on") == undated + dated
    assert listed(client, sort="-dated_on") == dated[::-1] + undated[::-1]


@pytest.mark.parametrize("sort", ["dated_on", "-dated_on", "recorded_at", "-updated_at"])
def test_pages_in_every_order_lose_and_repeat_nothing(client: httpx.Client, sort: str) -> None:
    found = [reference for page in pages(client, f"/v1/requests?limit=4&sort={sort}") for reference in page]
    assert len(found) == len(set(found)) == client.get("/v1/requests?limit=0").json()["meta"]["total"]


def test_rows_that_stay_are_neither_lost_nor_repeated_while_others_come_and_go(
    client: httpx.Client, server: Server
) -> None:
    stop = threading.Event()

    def disturb() -> None:
        with httpx.Client(base_url=server.url, timeout=30) as other:
            number = 0
            while not stop.is_set():
                number += 1
                # Before, between and after the rows that stay.
                for reference in (f"A-{number}", f"R-1{number}x", f"Z-{number}"):
                    accepted(other.post("/v1/requests", json=bodies.request(reference)))
                accepted(amended(other, f"/v1/requests/R-{number % 30:02d}", {"summary": f"{number}"}))
                accepted(withdrawn(other, f"/v1/requests/Z-{number}"))

    thread = threading.Thread(target=disturb)
    thread.start()
    try:
        for _ in range(5):
            found = [reference for page in pages(client, "/v1/requests?limit=3") for reference in page]
            assert len(found) == len(set(found))
            assert [reference for reference in found if len(reference) == 4 and reference[0] == "R"] == [
                f"R-{number:02d}" for number in range(30)
            ]
    finally:
        stop.set()
        thread.join()


def forged(key: object, check: object = "0" * 16) -> str:
    return base64.urlsafe_b64encode(json.dumps([key, check]).encode()).decode().rstrip("=")


def test_a_cursor_that_was_not_given_for_this_list_is_refused(client: httpx.Client) -> None:
    following = accepted(client.get("/v1/requests?limit=2&domain=OP3C.BOR"))["links"]["next"]
    cursor = httpx.URL(following).params["cursor"]
    for url in (
        f"/v1/requests?limit=2&cursor={cursor}",
        f"/v1/requests?limit=2&domain=OP1&cursor={cursor}",
        f"/v1/requests?limit=2&domain=OP3C.BOR&sort=dated_on&cursor={cursor}",
        f"/v1/offers?limit=2&domain=OP3C.BOR&cursor={cursor}",
        f"/v1/requests?limit=2&domain=OP3C.BOR&cursor={cursor[:-1]}",
        f"/v1/requests?limit=2&domain=OP3C.BOR&cursor={cursor.swapcase()}",
        "/v1/requests?cursor=",
        "/v1/requests?cursor=%20",
        "/v1/requests?cursor=..%2F..%2Fetc%2Fpasswd",
        f"/v1/requests?cursor={forged(['R-01'])}",
        f"/v1/requests?cursor={forged([])}",
        f"/v1/requests?cursor={forged({})}",
        f"/v1/requests?cursor={forged(['R-01', 'R-02', 3])}",
    ):
        refused(client.get(url), 400, "invalid-cursor")
    assert client.get(following).status_code == 200


@pytest.mark.parametrize(
    ("lists", "other"),
    [
        ("/v1/code-lists/domains?limit=2", "/v1/code-lists/modalities?limit=2"),
        ("/v1/groups/ASEAN/members?limit=2", "/v1/groups/EU/members?limit=2"),
        ("/v1/requests/R-01/history?limit=1", "/v1/requests/R-02/history?limit=1"),
    ],
)
def test_a_cursor_of_one_list_is_refused_by_its_twin(client: httpx.Client, lists: str, other: str) -> None:
    accepted(amended(client, "/v1/requests/R-01", {"summary": "A second version"}))
    cursor = httpx.URL(accepted(client.get(lists))["links"]["next"]).params["cursor"]
    refused(client.get(f"{other}&cursor={cursor}"), 400, "invalid-cursor")


def test_a_cursor_with_a_sound_check_but_a_foreign_key_is_refused(client: httpx.Client) -> None:
    filters = RequestsQuery.model_validate({"sort": "dated_on"}).filters()
    for key in (["R-01"], ["2015-01-01", 5], ["never", "R-01"], [5, "R-01"], ["2015-01-01", "R\0"], [None, "R-01"]):
        cursor = encode(key, filters)
        refused(client.get("/v1/requests", params={"sort": "dated_on", "cursor": cursor}), 400, "invalid-cursor")


def test_the_next_page_is_in_the_links_and_in_the_link_header(client: httpx.Client) -> None:
    first = client.get("/v1/requests?limit=2&domain=OP3C.BOR")
    assert first.links["next"]["url"] == first.json()["links"]["next"]
    last = client.get("/v1/requests?limit=1000")
    assert ("link" in last.headers, last.json()["links"]["next"]) == (False, None)


def test_a_list_is_304_until_something_in_it_changes(client: httpx.Client) -> None:
    url = "/v1/requests?reference=R-05"
    tag = client.get(url).headers["etag"]
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    accepted(amended(client, "/v1/requests/R-06", {"summary": "Another record"}))
    assert client.get(url, headers={"If-None-Match": tag}).status_code == 304
    accepted(amended(client, "/v1/requests/R-05", {"summary": "This record"}))
    changed = client.get(url, headers={"If-None-Match": tag})
    assert (changed.status_code, changed.headers["etag"] == tag) == (200, False)
