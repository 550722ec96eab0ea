"""Reading NDJSON: one record a line, in the form that the API takes and ``export`` writes."""

import json
from collections.abc import Iterable
from typing import Any, NoReturn

from app.imports.drafts import SEE_API, Draft
from app.imports.faults import LineFault
from app.imports.files import Content, decoded, require_few


def read_ndjson(content: Content) -> tuple[list[Draft], list[LineFault]]:
    """A draft for each line, and what cannot be read; raises FileRefused."""
    drafts: list[Draft] = []
    faults: list[LineFault] = []
    # Not splitlines(): texts may hold other line ends of Unicode.
    for number, text in enumerate(decoded(content).split("\n"), 1):
        if not text.strip():
            continue
        try:
            document = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
            if not isinstance(document, dict):
                raise ValueError("it is not an object")
        except (ValueError, RecursionError) as error:
            faults.append(LineFault(number, "", f"is no JSON object in one line: {error}", SEE_API))
        else:
            drafts.append(Draft((number,), document))
        require_few(content, len(drafts) + len(faults))
    return drafts, faults


def _once(pairs: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise ValueError(f"{name} is given twice")
        found[name] = value
    return found


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number of JSON")
