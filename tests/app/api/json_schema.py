"""Holds a JSON value to a schema of the OpenAPI document, independently of the models that wrote either."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

TYPES: dict[str, type | tuple[type, ...]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "null": type(None),
}
#: Keywords that say nothing of a value.
SILENT = {"title", "description", "default", "example", "examples"}


def faults(value: Any, schema: dict[str, Any], document: dict[str, Any], place: str = "") -> Iterator[str]:
    """Everything in ``value`` that ``schema`` forbids; a keyword that this does not know is a fault as well."""
    for keyword, wanted in schema.items():
        if keyword == "$ref":
            yield from faults(value, resolve(wanted, document), document, place)
        elif keyword == "anyOf":
            if all(any(True for _ in faults(value, option, document, place)) for option in wanted):
                yield f"{place}: {value!r} fits none of the {len(wanted)} options"
        elif keyword not in SILENT:
            yield from keyword_faults(keyword, wanted, value, schema, document, place)


def keyword_faults(
    keyword: str, wanted: Any, value: Any, schema: dict[str, Any], document: dict[str, Any], place: str
) -> Iterator[str]:
    holds = True
    match keyword:
        case "type":
            holds = isinstance(value, TYPES[wanted]) and (isinstance(value, bool) is (wanted == "boolean"))
        case "enum":
            holds = value in wanted
        case "const":
            holds = value == wanted
        case "required":
            holds = not isinstance(value, dict) or set(wanted) <= set(value)
        case "properties" if isinstance(value, dict):
            for name in wanted.keys() & value.keys():
                yield from faults(value[name], wanted[name], document, f"{place}/{name}")
        case "additionalProperties" if isinstance(value, dict):
            for name in value.keys() - schema.get("properties", {}).keys():
                if wanted is False:
                    yield f"{place}/{name}: is not declared"
                elif isinstance(wanted, dict):
                    yield from faults(value[name], wanted, document, f"{place}/{name}")
        case "propertyNames" if isinstance(value, dict):
            for name in value:
                yield from faults(name, wanted, document, f"{place}/{name}")
        case "items" if isinstance(value, list):
            for number, item in enumerate(value):
                yield from faults(item, wanted, document, f"{place}/{number}")
        case "pattern":
            holds = re.search(wanted, value) is not None
        case "format":
            holds = has_format(value, wanted)
        case "minimum" | "exclusiveMinimum":
            holds = value >= wanted
        case "maximum":
            holds = value <= wanted
        case "minLength" | "minItems":
            holds = len(value) >= wanted
        case "maxLength" | "maxItems":
            holds = len(value) <= wanted
        case "properties" | "additionalProperties" | "propertyNames" | "items":
            pass
        case _:
            yield f"{place}: the schema has {keyword}, which this check does not know"
    if not holds:
        yield f"{place}: {value!r} breaks {keyword} {wanted!r}"


def has_format(value: Any, name: str) -> bool:
    kind = {"date": date, "date-time": datetime}[name]
    try:
        return isinstance(value, str) and kind.fromisoformat(value) is not None
    except ValueError:
        return False


def resolve(reference: str, document: dict[str, Any]) -> dict[str, Any]:
    found: Any = document
    for part in reference.removeprefix("#/").split("/"):
        found = found[part]
    assert isinstance(found, dict)
    return found
