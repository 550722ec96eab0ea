"""The code lists over HTTP; a retired code stays readable and cannot be newly used."""

from collections.abc import Iterator

import httpx
import pytest
from sqlalchemy import text
from sqlalchemy.engine import Connection

from app.database import make_engine
from tests.app import bodies
from tests.app.bodies import accepted, amended, refused
from tests.app.conftest import Server


@pytest.fixture(scope="module")
def database(server: Server) -> Iterator[Connection]:
    engine = make_engine(server.database_url)
    with engine.connect() as connection:
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("domains", "OP3C.BOR"),
        ("modalities", "TRN"),
        ("weapon-scopes", "means_of_delivery"),
        ("regions", "030"),
        ("group-kinds", "customs_union"),
    ],
)
def test_a_code_has_titles_in_six_languages(client: httpx.Client, name: str, code: str) -> None:
    [found] = client.get(f"/v1/code-lists/{name}", params={"code": code}).json()["data"]
    assert found["code"] == code
    if name != "regions":
        assert set(found["title"]) == {"en", "fr", "es", "ru", "zh", "ar"}


def test_relatedness_is_listed_by_either_domain(client: httpx.Client) -> None:
    pairs = client.get("/v1/code-lists/relatedness", params={"domain": "OP3C.BOR"}).json()["data"]
    assert pairs
    assert all("OP3C.BOR" in (pair["a"], pair["b"]) and 0 <= float(pair["weight"]) <= 1 for pair in pairs)


def test_every_list_names_its_version(client: httpx.Client) -> None:
    lists = client.get("/v1/code-lists").json()["data"]
    assert {"domains", "modalities", "states", "groups"} <= {each["name"] for each in lists}
    assert all(len(each["sha256"]) == 64 for each in lists)


def test_a_retired_code_is_read_and_kept_but_not_newly_used(client: httpx.Client, database: Connection) -> None:
    need = {"domain": "OP3D.ITT", "modalities": ["STV"]}
    accepted(client.post("/v1/requests", json=bodies.request("R-EARLIER", needs=[need])))
    database.execute(text("UPDATE domains SET retired_in = '2' WHERE code = 'OP3D.ITT'"))
    database.execute(text("UPDATE modalities SET retired_in = '2' WHERE code = 'STV'"))
    database.commit()

    [domain] = client.get("/v1/code-lists/domains", params={"code": "OP3D.ITT"}).json()["data"]
    assert domain["retired_in"] == "2"
    assert client.get("/v1/requests/R-EARLIER").json()["needs"][0]["domain"] == "OP3D.ITT"
    accepted(amended(client, "/v1/requests/R-EARLIER", {"needs": [{"number": 1, "units": 2, "modalities": ["STV"]}]}))
    newly = refused(client.post("/v1/requests", json=bodies.request("R-LATER", needs=[need])), 422, "invalid-content")
    assert newly == {"/needs/0/domain": "retired_code", "/needs/0/modalities/0": "retired_code"}
    further = amended(client, "/v1/requests/R-EARLIER", {"needs": [need]})
    assert set(refused(further, 422, "invalid-content").values()) == {"retired_code"}
