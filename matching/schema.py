"""JSON Schemas of problems and answers: `python -m matching.schema` writes those that the package carries anew."""

import json
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from matching.attributes.records import ProblemDocument
from matching.attributes.strategy import Strategy
from matching.documents import MOST_POINTS, MOST_UNITS
from matching.pairs.document import ATTRIBUTES
from matching.pairs.records import PairsRecord
from matching.proof import FORMAT

Json = dict[str, Any]

DIALECT = "https://json-schema.org/draft/2020-12/schema"
DATA = Path(__file__).parent / "data"


def schemas() -> dict[str, Json]:
    """Each schema by the name under which the package carries it."""
    return {"problem": _problem(), "answer": _answer()}


def _problem() -> Json:
    """Of `matching/1`: the attribute form where a document has what only that form has, else the pair form."""
    modes: Any = [(model, "validation") for model in (PairsRecord, ProblemDocument, Strategy)]
    names, combined = models_json_schema(modes)
    definitions = {name: _tidied(part) for name, part in combined["$defs"].items()}
    pairs, attributes, strategy = (names[mode]["$ref"] for mode in modes)
    definitions[pairs.rsplit("/", 1)[1]]["properties"]["pairs"] = _pairs()
    definitions[attributes.rsplit("/", 1)[1]]["properties"]["strategy"] = {"$ref": strategy}
    has_attributes = {"anyOf": [{"required": [name]} for name in sorted(ATTRIBUTES)]}
    return {
        "$schema": DIALECT,
        "title": "Problem of matching/1",
        "description": (
            "What `matching solve` reads. Whole numbers are written without a point or an exponent. "
            "Beyond what a schema can say: ids are unique in their list, names refer to what is listed, each pair is "
            "there once, quotas and pins do not contradict each other."
        ),
        "type": "object",
        "if": {"allOf": [has_attributes, {"not": {"required": ["pairs"]}}]},
        "then": {"$ref": attributes},
        "else": {"$ref": pairs},
        "$defs": definitions,
    }


def _pairs() -> Json:
    units = {"type": "integer", "minimum": 0, "maximum": MOST_UNITS}
    points = {"type": "integer", "minimum": -MOST_POINTS, "maximum": MOST_POINTS}
    cap = {"anyOf": [units, {"type": "null"}], "description": "Most units of the pair."}
    position = {"type": "integer", "minimum": 0}
    required = ["need", "offer", "points"]
    name = {"type": "string", "minLength": 1, "maxLength": 200}
    pair = {
        "type": "object",
        "properties": {"need": name, "offer": name, "points": points, "units": cap},
        "required": required,
        "additionalProperties": False,
    }
    columns = {
        "description": "Columns of one length; needs and offers by their position in their lists, from 0.",
        "type": "object",
        "properties": {
            "need": {"type": "array", "items": position},
            "offer": {"type": "array", "items": position},
            "points": {"type": "array", "items": points},
            "units": {"type": "array", "items": cap},
        },
        "required": required,
        "additionalProperties": False,
    }
    return {
        "description": "Pairs that may be, each once, with the points of one unit.",
        "anyOf": [{"type": "array", "items": pair}, columns],
    }


def _answer() -> Json:
    whole = {"type": "integer"}
    count = {"type": "integer", "minimum": 0}
    values = {"type": "array", "items": whole}
    digest = {"type": "string", "pattern": "^[0-9a-f]{64}$"}
    prices = {"type": "object", "additionalProperties": whole}
    level = _closed({"weights": values} | dict.fromkeys(("offers", "providers", "states", "groups"), prices))
    certificate = _closed({"format": {"const": FORMAT}, "levels": {"type": "array", "items": level}})
    pair = _closed(
        {"need": {"type": "string"}, "offer": {"type": "string"}, "units": {"type": "integer", "minimum": 1}}
    )
    reason = _closed({"code": {"type": "string"}, "params": {"type": "object"}, "sentence": {"type": "string"}})
    properties: Json = {
        "status": {"enum": ["optimal", "infeasible", "time_limit"]},
        "total": {**whole, "description": "Points times units, summed."},
        "objective": {**values, "description": "Its values in lexicographic order; none where nothing was found."},
        "bound": {**values, "description": "What no allocation exceeds; equal to the objective where it is optimal."},
        "solver_bound": {**values, "description": "What a solver claims beyond what prices prove."},
        "units": count,
        "pairs": {"type": "array", "items": pair, "description": "Sorted by need, then offer."},
        "served": {
            "type": "object",
            "description": "Units served and units asked of each State that asks.",
            "additionalProperties": {"type": "array", "prefixItems": [count, count], "minItems": 2, "maxItems": 2},
        },
        "certificate": {"anyOf": [certificate, {"type": "null"}], "description": "The prices that prove the bound."},
        "input_hash": digest,
        "result_hash": digest,
        "reason": {**reason, "description": "Why nothing is feasible."},
    }
    optional = {"solver_bound", "reason"}
    return {
        "$schema": DIALECT,
        "title": "Answer to a problem of given pairs",
        **_closed(properties),
        "required": [name for name in properties if name not in optional],
    }


def _closed(properties: Json) -> Json:
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


#: What pydantic writes of a bound that stands behind a validator of ours -> the keyword for it.
KEYWORDS = {"ge": "minimum", "le": "maximum"}


def _tidied(part: Any) -> Any:
    """A schema without the titles that are only its names again, and with every bound by its keyword."""
    if isinstance(part, dict):
        kept = {key: value for key, value in part.items() if not (key == "title" and isinstance(value, str))}
        return {KEYWORDS.get(key, key): _tidied(value) for key, value in kept.items()}
    return [_tidied(each) for each in part] if isinstance(part, list) else part


def text(schema: Json) -> str:
    """A schema as its file has it."""
    return json.dumps(schema, indent=1, ensure_ascii=False) + "\n"


def main() -> None:
    """Write the files of the package."""
    for name, schema in schemas().items():
        (DATA / f"{name}.schema.json").write_text(text(schema), encoding="utf-8")


if __name__ == "__main__":
    main()
