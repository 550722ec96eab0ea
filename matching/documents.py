"""Field types that documents share, and the translation of pydantic's errors into faults with JSON pointers."""

import re
from collections.abc import Callable, Iterable
from datetime import date
from decimal import Decimal
from difflib import get_close_matches
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, ValidationError

from matching.canonical import plain_decimal
from matching.errors import Fault

MOST_POINTS = 2**53
MOST_UNITS = 10**9
LONGEST_NAME = 200


class Document(BaseModel):
    """A part of a document: nothing is coerced, nothing unknown is let in, nothing changes later."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


def _day(value: Any) -> Any:
    if not isinstance(value, str):
        return value
    try:
        day = date.fromisoformat(value)
    except ValueError:
        day = None
    if day is None or day.isoformat() != value:
        raise ValueError("is not a date of the form 2015-03-31")
    return day


#: As Python writes numbers too; its own reader would take digits of every script, and underscores.
WRITTEN_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,4})?", re.ASCII)


def _decimal(value: Any) -> Any:
    if isinstance(value, Decimal):
        return value
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise ValueError("is not a number")
    if isinstance(value, str) and not WRITTEN_NUMBER.fullmatch(value):
        raise ValueError("is not a decimal number")
    number = Decimal(str(value))
    if not number.is_finite():
        raise ValueError("is not a finite number")
    exponent = number.normalize().as_tuple().exponent
    if isinstance(exponent, int) and exponent < -6:
        raise ValueError("has more than six decimal places")
    return number


Day = Annotated[date, BeforeValidator(_day)]
Number = Annotated[Decimal, BeforeValidator(_decimal), PlainSerializer(plain_decimal)]
Name = Annotated[str, Field(min_length=1, max_length=LONGEST_NAME)]


def pointer(path: Iterable[int | str]) -> str:
    """JSON pointer of a path of keys and positions."""
    return "".join("/" + str(step).replace("~", "~0").replace("/", "~1") for step in path)


MOST_COMPARED = 2_000
"""Names that a wrong one is compared with: among more, a document with many wrong names would take minutes."""


def nearest(name: str, valid: Iterable[str]) -> str:
    """A clause naming the valid names nearest to a wrong one, or all of them when none is near."""
    names = list(valid)
    if len(names) > MOST_COMPARED:
        return f"it is none of the {len(names)} names that are valid here"
    names.sort()
    close = get_close_matches(name, names, n=3, cutoff=0.6)
    if close:
        return f"nearest valid: {', '.join(close)}"
    return f"valid: {', '.join(names[:20])}" if names else "none is valid here"


def faults_of(error: ValidationError, model: type[BaseModel]) -> list[Fault]:
    """Faults of a failed validation; an unknown name is given with the nearest names valid at its place."""
    faults = []
    for problem in error.errors(include_url=False, include_input=False):
        path = problem["loc"]
        if problem["type"] == "extra_forbidden":
            names = _names_at(model, path[:-1])
            detail = f"{path[-1]!r} is not known here; {nearest(str(path[-1]), names)}"
        else:
            detail = _said(problem)
        faults.append(Fault(pointer(path), problem["type"], detail))
    return faults


#: Type of pydantic's error -> what is said of the value; names in braces are those of the error's context.
SENTENCES = {
    "missing": "is required",
    "string_type": "is not text",
    "string_too_short": "is shorter than {min_length} characters",
    "string_too_long": "is longer than {max_length} characters",
    "string_pattern_mismatch": "does not have the form {pattern}",
    "string_unicode": "is not text in Unicode",
    "int_type": "is not a whole number",
    "int_from_float": "is not a whole number",
    "bool_type": "is neither true nor false",
    "is_instance_of": "is not a number",
    "date_type": "is not a date of the form 2015-03-31",
    "greater_than_equal": "is less than {ge}",
    "less_than_equal": "is more than {le}",
    "list_type": "is not a list",
    "tuple_type": "is not a list",
    "too_short": "has fewer than {min_length} entries",
    "too_long": "has more than {max_length} entries",
    "dict_type": "is not an object",
    "model_type": "is not an object",
    "model_attributes_type": "is not an object",
    "literal_error": "is not {expected}",
}


def _said(problem: Any) -> str:
    """The sentence for one of pydantic's errors; what a validator of ours said stands as it said it."""
    if sentence := SENTENCES.get(problem["type"]):
        return sentence.format(**problem.get("ctx", {}))
    said: str = problem["msg"]
    return said.removeprefix("Value error, ")


def _names_at(model: type[BaseModel], path: Iterable[int | str]) -> list[str]:
    """Field names of the model that stands at a path inside another."""
    here: Any = model
    for step in path:
        here = _inside(here, step)
    return list(here.model_fields) if _is_model(here) else []


def _inside(kind: Any, step: int | str) -> Any:
    if _is_model(kind):
        field = kind.model_fields.get(step)
        return _model_or_container(field.annotation) if field else None
    if get_origin(kind) in (list, tuple, dict):
        return _model_or_container(get_args(kind)[-1 if get_origin(kind) is dict else 0])
    return None


def _model_or_container(kind: Any) -> Any:
    """The model or container among a type's alternatives: what a further step of a path can go into."""
    if get_origin(kind) is Annotated:
        return _model_or_container(get_args(kind)[0])
    if get_origin(kind) in (Union, UnionType):
        inside: Callable[[Any], bool] = lambda part: _is_model(part) or get_origin(part) is not None  # noqa: E731
        return next((part for part in map(_model_or_container, get_args(kind)) if inside(part)), None)
    return kind


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
