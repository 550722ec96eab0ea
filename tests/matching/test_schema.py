"""The published JSON Schemas take what the engine takes, and refuse what a schema can see is wrong."""

import json
import random
import re
from typing import Any

import pytest

import matching
from matching import schema
from tests.matching import builders
from tests.matching.pair_draws import drawn_document
from tests.matching.pairs.documents import Json, as_columns, small

SCHEMAS = schema.schemas()
TYPES: dict[str, Any] = {"object": dict, "array": list, "string": str, "boolean": bool, "null": type(None)}


def fits(value: Any, part: Json, root: Json) -> bool:
    """Whether a value keeps a schema: the keywords of 2020-12 that ours use, and an error for any other."""
    return all(keeps(value, word, said, part, root) for word, said in part.items())


def keeps(value: Any, word: str, said: Any, part: Json, root: Json) -> bool:
    match word:
        case "$ref":
            return fits(value, root["$defs"][said.removeprefix("#/$defs/")], root)
        case "type":
            if said in ("integer", "number"):
                return isinstance(value, int if said == "integer" else (int, float)) and not isinstance(value, bool)
            return isinstance(value, TYPES[said])
        case "anyOf" | "allOf":
            return (any if word == "anyOf" else all)(fits(value, each, root) for each in said)
        case "not":
            return not fits(value, said, root)
        case "if":
            return fits(value, part["then" if fits(value, said, root) else "else"], root)
        case "const" | "enum":
            return bool(value in (said if word == "enum" else [said]))
        case "required":
            return not isinstance(value, dict) or set(said) <= value.keys()
        case "properties":
            return not isinstance(value, dict) or all(
                fits(value[name], each, root) for name, each in said.items() if name in value
            )
        case "additionalProperties":
            others = value.keys() - part.get("properties", {}).keys() if isinstance(value, dict) else ()
            return (
                not others if said is False else said is True or all(fits(value[name], said, root) for name in others)
            )
        case "propertyNames":
            return not isinstance(value, dict) or all(fits(name, said, root) for name in value)
        case "items":
            return not isinstance(value, list) or all(
                fits(each, said, root) for each in value[len(part.get("prefixItems", [])) :]
            )
        case "prefixItems":
            return not isinstance(value, list) or all(
                fits(each, one, root) for each, one in zip(value, said, strict=False)
            )
        case "minimum" | "exclusiveMinimum" | "maximum":
            if isinstance(value, bool) or not isinstance(value, int | float):
                return True
            return bool({"minimum": value >= said, "exclusiveMinimum": value > said, "maximum": value <= said}[word])
        case "minLength" | "maxLength":
            return not isinstance(value, str) or (len(value) >= said if word == "minLength" else len(value) <= said)
        case "minItems" | "maxItems":
            return not isinstance(value, list) or (len(value) >= said if word == "minItems" else len(value) <= said)
        case "pattern":
            return not isinstance(value, str) or re.search(said, value) is not None
        case "$schema" | "title" | "description" | "$defs" | "then" | "else" | "default" | "format":
            return True
    raise AssertionError(f"the keyword {word} is not known here")


def is_problem(document: Any) -> bool:
    return fits(document, SCHEMAS["problem"], SCHEMAS["problem"])


def test_drawn_problems_and_their_answers_keep_the_schemas() -> None:
    for seed in range(40):
        document = drawn_document(random.Random(seed), conditions=seed % 2 == 1)
        assert is_problem(document), document
        assert is_problem(as_columns(document))
        try:
            answer = json.loads(json.dumps(matching.solve_document(document)))
        except matching.InvalidProblem:
            continue  # it contradicts itself, which no schema sees
        assert fits(answer, SCHEMAS["answer"], SCHEMAS["answer"]), answer


def test_the_attribute_form_is_told_apart_and_described() -> None:
    assert is_problem(builders.problem([], [], builders.strategy()))
    assert not is_problem({**builders.problem([], [], builders.strategy()), "needs": [{"id": "R"}]})
    assert not is_problem({**builders.problem([], [], builders.strategy()), "strategy": {"name": "x"}})


@pytest.mark.parametrize(
    "change",
    [
        {"needs": [{"id": "n", "units": 1}]},
        {"needs": [{"id": "n", "state": "A", "units": 0}]},
        {"needs": [{"id": "n", "state": "A", "units": 1.5}]},
        {"needs": [{"id": "n", "state": "A", "units": 10**9 + 1}]},
        {"needs": [{"id": "", "state": "A", "units": 1}]},
        {"offers": [{"id": "o", "units": True}]},
        {"offers": [{"id": "o", "units": 1, "unit": 1}]},
        {"pairs": [{"need": "n1", "offer": "o1"}]},
        {"pairs": [{"need": "n1", "offer": "o1", "points": 2**53 + 1}]},
        {"pairs": {"need": [0], "offer": [0]}},
        {"pairs": {"need": [-1], "offer": [0], "points": [0]}},
        {"objective": "most"},
        {"format": "matching/2"},
        {"quarter": "2015"},
        {"groups": [{"id": "g", "needs": []}]},
        {"substitutes": [["n1"]]},
        {"time_limit_s": 0},
        {"colour": "red"},
    ],
)
def test_what_a_schema_can_see_is_refused_as_the_engine_refuses_it(change: Json) -> None:
    document = {**small(), **change}
    assert not is_problem(document)
    with pytest.raises(matching.InvalidProblem):
        matching.solve_document(document)
