"""What Pydantic refuses, as faults with the place and the remedy."""

import types
from collections.abc import Sequence
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from app.problems import Fault, pointer, suggest
from app.wording import said_of


def summary(faults: Sequence[Fault]) -> str:
    """One sentence for all ``faults``: the first, and how many there are."""
    first = f"{faults[0].pointer or 'the body'}: {faults[0].detail}"
    return first if len(faults) == 1 else f"{len(faults)} things are wrong; the first is {first}"


def fault_of(error: Any, body: type[BaseModel] | None) -> Fault:
    """One of Pydantic's errors with its pointer, and the nearest valid name for an unknown field."""
    place = error["loc"][1:]
    if error["type"] == "extra_forbidden":
        valid = fields_at(body, place[:-1])
        name = str(place[-1])
        return Fault(
            pointer(*place), "unknown_field", f"{name!r} is no field that can be set here; {suggest(name, valid)}"
        )
    return Fault(pointer(*place), error["type"], said_of(error))


def fields_at(model: type[BaseModel] | None, place: Sequence[str | int]) -> list[str]:
    """Names of the fields that an object at ``place`` inside ``model`` may have."""
    found: Any = model
    for part in place:
        if isinstance(part, str) and isinstance(found, type) and issubclass(found, BaseModel):
            field = found.model_fields.get(part)
            found = within(field.annotation) if field else None
    return list(found.model_fields) if isinstance(found, type) and issubclass(found, BaseModel) else []


def within(annotation: Any) -> Any:
    """The model that an annotation such as ``list[NeedSubmit] | None`` is about."""
    if get_origin(annotation) in (list, Union, types.UnionType) or get_args(annotation):
        return next((found for part in get_args(annotation) if (found := within(part)) is not None), None)
    return annotation if isinstance(annotation, type) and issubclass(annotation, BaseModel) else None
