"""What is wrong with a value, in sentences of our own: validation names its findings by type, for programmers."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app.problems import suggest

#: What a party reference and the codes of States, groups and lists look like.
PARTY_FORM = r"^(state|organization|group):[A-Za-z0-9._-]{1,60}$"
CODE_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,59}$"
ISO3_FORM = r"^[A-Z]{3}$"
REFERENCE_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$"
NEED_FORM = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}/[1-9][0-9]{0,3}$"
URL_FORM = r"^https?://[^\s<>\"]+$"

#: Of a value that is repeated to whoever sent it, so many characters.
MOST_SHOWN = 40


def said_of(error: Mapping[str, Any]) -> str:
    """The sentence for one of Pydantic's errors, without a subject; a remedy follows after a semicolon.

    What a validator of ours said stands as it said it.
    """
    if error["type"] == "string_pattern_mismatch":
        return _ill_formed(error["ctx"]["pattern"], error["input"])
    if error["type"] in ("literal_error", "enum"):
        return _not_among(error["ctx"]["expected"], error["input"])
    if sentence := SENTENCES.get(error["type"]):
        return sentence.format(**{**error.get("ctx", {}), "given": shown(error.get("input"))})
    said: str = error["msg"]
    return said.removeprefix("Value error, ")


def shown(value: Any) -> str:
    """``value`` as it was sent, if it is short enough to be repeated; else what it is."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return repr(value) if len(value) <= MOST_SHOWN else f"{value[:MOST_SHOWN]!r} and so on"
        case int() | float():
            return str(value)
        case list() | tuple():
            return "a list"
    return "an object" if isinstance(value, Mapping) else "this"


def _not_among(expected: str, given: Any) -> str:
    names = re.findall(r"'([^']*)'", expected)
    if not isinstance(given, str):
        return f"must be one of {', '.join(names)}" if names else f"must be {expected}"
    return f"{shown(given)} is not known here; {suggest(given, names)}"


def _ill_formed(pattern: str, given: str) -> str:
    form = FORMS.get(pattern)
    return form(given) if form else f"{shown(given)} does not have the form that is wanted"


def _party(given: str) -> str:
    if re.fullmatch(CODE_FORM, given):
        hint = f"write its kind before its code: state:{given}, group:{given} or organization:{given}"
        return f"{shown(given)} names no party; {hint}"
    return f"{shown(given)} names no party; write it such as state:ALB, group:CARICOM or organization:IAEA"


def _code(given: str) -> str:
    code = given.rpartition(":")[2]
    if re.fullmatch(CODE_FORM, code):
        return f"{shown(given)} is no code; write the code alone, {code}"
    return f"{shown(given)} is no code; a code has letters, digits, points, hyphens and underscores only"


def _iso3(given: str) -> str:
    code = given.strip().rpartition(":")[2].upper()
    hint = f"did you mean {code}?" if re.fullmatch(ISO3_FORM, code) else "write three capital letters, such as ALB"
    return f"{shown(given)} is no code of a State; {hint}"


#: Pattern -> what is said of text that does not have this form.
FORMS: dict[str, Callable[[str], str]] = {
    PARTY_FORM: _party,
    CODE_FORM: _code,
    ISO3_FORM: _iso3,
    REFERENCE_FORM: lambda given: (
        f"{shown(given)} is no reference; it has letters, digits, points, hyphens and underscores, 100 at most, and "
        "begins with a letter or a digit"
    ),
    NEED_FORM: lambda given: f"{shown(given)} names no need; write its request and number, such as R-MNG-2015/1",
    URL_FORM: lambda given: f"{shown(given)} is no address; it begins with http:// or https:// and has no spaces",
}

#: Type of error -> what is said; ``given`` is the value, other names are those of the error's context.
SENTENCES = {
    "missing": "is required",
    "none_required": "must be null",
    "string_type": "must be text, not {given}",
    "string_too_short": "has fewer characters than {min_length}; say more",
    "string_too_long": "is too long; write {max_length} characters at most",
    "string_unicode": "is not text in Unicode",
    "int_type": "must be a whole number, not {given}",
    "int_from_float": "must be a whole number, not {given}",
    "int_parsing": "must be a whole number, not {given}",
    "int_parsing_size": "is a number of too many digits",
    "bool_type": "must be true or false, not {given}",
    "bool_parsing": "must be true or false, not {given}",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "list_type": "must be a list, not {given}",
    "too_short": "must have at least {min_length}, not {actual_length}",
    "too_long": "must have at most {max_length}",
    "dict_type": "must be an object, not {given}",
    "model_type": "must be an object, not {given}",
    "model_attributes_type": "must be an object, not {given}",
    "date_type": "must be a date such as 2015-03-31",
    "date_parsing": "{given} is no day of the calendar",
    "date_from_datetime_parsing": "{given} is no day of the calendar",
    "date_from_datetime_inexact": "must be a date such as 2015-03-31",
    "datetime_parsing": "{given} is no instant of the calendar",
    "datetime_from_date_parsing": "{given} is no instant of the calendar",
    "timezone_aware": "must be an instant with its offset, such as 2015-03-31T23:59:59Z",
}
