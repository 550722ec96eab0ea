"""The human page of the API: what it shows works as it is written there."""

import re

import httpx

from app.settings import ROOT
from tests.app import bodies
from tests.app.conftest import Server

PAGE = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")


def test_the_program_on_the_page_runs(server: Server, client: httpx.Client) -> None:
    [program] = re.findall(r"```python\n(.*?)```", PAGE, re.DOTALL)
    client.post("/v1/offers", json=bodies.offer("O-SHOWN")).raise_for_status()
    namespace: dict[str, object] = {}
    exec(program.replace("http://127.0.0.1:1540", server.url), namespace)
    assert isinstance(namespace["run"], dict)
    assert namespace["run"]["state"] == "queued"


def test_every_type_of_problem_on_the_page_exists_and_none_is_missing(client: httpx.Client) -> None:
    [table] = re.findall(r"\| status \| types \|\n(.*?)\n\n", PAGE, re.DOTALL)
    known = {kind["type"].removeprefix("/problems/") for kind in client.get("/problems").json()["data"]}
    assert set(re.findall(r"`([a-z-]+)`", table)) == known
