"""Every operation of the OpenAPI document: its example is sent, and answered as the document says."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from app.runs.jobs import work
from app.scenarios.jobs import Studies
from tests.app.api.json_schema import faults, resolve
from tests.app.conftest import Server

#: Submissions come in this order, since a later one names what an earlier one made; withdrawals the other way.
DEPENDENCE = ("strategies", "requests", "group-submissions", "offers", "exclusions", "answers", "runs", "preview")


@dataclass(frozen=True)
class Operation:
    """One operation of the document."""

    method: str
    template: str
    said: dict[str, Any]

    @property
    def name(self) -> str:
        return str(self.said["operationId"])

    @property
    def needs_a_run(self) -> bool:
        """Whether there must be a finished run before it is sent."""
        return self.template.startswith("/v1/scenarios") or self.template.endswith("}/preview")

    @property
    def rank(self) -> tuple[int, int, str, str]:
        """Make first, then amend, then cancel, then read, withdraw last."""
        resource = self.template.split("/")[2] if self.template.startswith("/v1/") else ""
        place = DEPENDENCE.index(resource) if resource in DEPENDENCE else len(DEPENDENCE)
        if self.template.endswith("/withdraw"):
            return 4, -place, self.template, self.method
        if self.method == "get":
            return 3, place, self.template, self.method
        making = self.method == "post" and "{" not in self.template
        return (0 if making else 2 if self.method == "post" else 1), place, self.template, self.method

    def path(self, upto: str | None = None) -> str:
        """The path of its example, or of the record that it is about."""
        path = self.template if upto is None else self.template[: self.template.index(upto) + len(upto)]
        for parameter in self.said["parameters"]:
            if parameter["in"] == "path" and f"{{{parameter['name']}}}" in path:
                [example, *_] = parameter["examples"].values()
                path = path.replace(f"{{{parameter['name']}}}", str(example["value"]))
        return path

    def body(self) -> Any:
        content = self.said.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return None
        if "example" in content:
            return content["example"]
        [example, *_] = content["examples"].values()
        return example["value"]

    @property
    def of_json(self) -> bool:
        """Whether it answers with JSON; an archive has no example."""
        return "application/zip" not in self.said["responses"].get("200", {}).get("content", {})

    def promised(self) -> tuple[int, dict[str, Any]]:
        """The status and the content of the success that has an example."""
        [found] = [
            (int(status), response["content"]["application/json"])
            for status, response in self.said["responses"].items()
            if status.startswith("2") and "example" in response.get("content", {}).get("application/json", {})
        ]
        return found


def send(client: httpx.Client, operation: Operation) -> httpx.Response:
    headers = {}
    if any(parameter["name"] == "If-Match" for parameter in operation.said["parameters"]):
        headers["If-Match"] = client.get(operation.path("{reference}")).headers["etag"]
    return client.request(operation.method, operation.path(), json=operation.body(), headers=headers)


@pytest.fixture(scope="module")
def document(server: Server) -> dict[str, Any]:
    found = httpx.get(f"{server.url}/v1/openapi.json").json()
    assert isinstance(found, dict)
    return found


@pytest.fixture(scope="module")
def operations(document: dict[str, Any]) -> list[Operation]:
    found = [
        Operation(method, path, said) for path, methods in document["paths"].items() for method, said in methods.items()
    ]
    return sorted(found, key=lambda operation: operation.rank)


@pytest.fixture(scope="module")
def answers(server: Server, operations: list[Operation]) -> Iterator[dict[str, httpx.Response]]:
    """What each operation's example was answered with, in their order; runs are worked before they are read."""
    by_name = {operation.name: operation for operation in operations}
    reads = next(number for number, operation in enumerate(operations) if operation.method == "get")
    with httpx.Client(base_url=server.url, timeout=60) as client:
        changes, late = operations[:reads], [operation for operation in operations[:reads] if operation.needs_a_run]
        found = {operation.name: send(client, operation) for operation in changes if operation not in late}
        # The run was cancelled: asked for again, it begins again.
        send(client, by_name["start_run"])
        work(server.database_url, once=True)
        found |= {operation.name: send(client, operation) for operation in late}
        work(server.database_url, once=True, duties=[Studies()])
        yield found | {operation.name: send(client, operation) for operation in operations[reads:]}


def test_every_operation_answers_its_example_as_declared(
    document: dict[str, Any], operations: list[Operation], answers: dict[str, httpx.Response]
) -> None:
    wrong = []
    for operation in operations:
        if not operation.of_json:
            assert answers[operation.name].headers["content-type"] == "application/zip"
            continue
        status, content = operation.promised()
        answer = answers[operation.name]
        if answer.status_code != status:
            wrong.append(f"{operation.name}: {answer.status_code} instead of {status}: {answer.text[:300]}")
            continue
        wrong += [f"{operation.name}: {fault}" for fault in faults(answer.json(), content["schema"], document)]
    assert wrong == []


def test_every_example_of_an_answer_fits_its_schema(document: dict[str, Any], operations: list[Operation]) -> None:
    wrong = []
    for operation in (each for each in operations if each.of_json):
        _, content = operation.promised()
        wrong += [f"{operation.name}: {fault}" for fault in faults(content["example"], content["schema"], document)]
    assert wrong == []


def test_every_example_of_a_body_fits_its_schema(document: dict[str, Any], operations: list[Operation]) -> None:
    wrong = []
    for operation in operations:
        if "requestBody" in operation.said:
            schema = operation.said["requestBody"]["content"]["application/json"]["schema"]
            wrong += [f"{operation.name}: {fault}" for fault in faults(operation.body(), schema, document)]
    assert wrong == []


def test_every_answer_with_a_declared_etag_has_one(
    operations: list[Operation], answers: dict[str, httpx.Response]
) -> None:
    without = [
        operation.name
        for operation in operations
        if "ETag" in operation.said["responses"][str(answers[operation.name].status_code)]["headers"]
        and not answers[operation.name].headers.get("etag", "").startswith('"')
    ]
    assert without == []


def test_every_read_answers_head_with_the_same_headers_and_no_body(
    client: httpx.Client, operations: list[Operation], answers: dict[str, httpx.Response]
) -> None:
    for operation in operations:
        if operation.method != "get" or operation.name == "read_log_head":
            continue
        got, head = client.get(operation.path()), client.head(operation.path())
        assert (head.status_code, head.content) == (got.status_code, b""), operation.name
        for name in ("content-type", "content-length", "etag"):
            assert head.headers[name] == got.headers[name], operation.name


def test_every_read_answers_304_to_who_has_it_already(
    client: httpx.Client, operations: list[Operation], answers: dict[str, httpx.Response]
) -> None:
    for operation in operations:
        if operation.method == "get":
            tag = client.get(operation.path()).headers["etag"]
            again = client.get(operation.path(), headers={"If-None-Match": f'"other", {tag}'})
            assert (again.status_code, again.content, again.headers["etag"]) == (304, b"", tag), operation.name


def test_every_refusal_that_is_declared_is_a_problem_with_an_example(
    document: dict[str, Any], operations: list[Operation]
) -> None:
    for operation in operations:
        for status, response in operation.said["responses"].items():
            if status[0] in "45":
                declared = resolve(response["$ref"], document) if "$ref" in response else response
                content = declared["content"]["application/problem+json"]
                for example in content["examples"].values():
                    assert example["value"]["status"] == int(status), operation.name
                    assert list(faults(example["value"], content["schema"], document)) == [], operation.name
