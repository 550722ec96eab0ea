"""JSON read strictly: what two readers could take for different things is refused, with the place where it stands."""

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

from matching.documents import pointer
from matching.errors import Fault, InvalidDocument


def parse(data: bytes) -> Any:
    """The value that a JSON text in UTF-8 holds. Raises InvalidDocument.

    NaN, Infinity and numbers beyond floats are read as floats, for whoever expects a number to refuse in their place.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refused("not_utf_8", f"byte {error.start + 1} is not UTF-8; save the file as UTF-8") from error
    if not text.strip():
        raise _refused("empty", "there is nothing in it; give a problem as JSON")
    repeated: list[_Repeating] = []

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) == len(pairs):
            return found
        repeated.append(_Repeating(pairs))
        return repeated[-1]

    try:
        value = json.loads(text, object_pairs_hook=once)
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, column {error.colno}"
        raise _refused("not_json", f"is not JSON: {error.msg[:1].lower()}{error.msg[1:]} at {where}") from error
    except RecursionError as error:
        raise _refused("too_deep", "lists or objects lie inside each other too deep to be read") from error
    except ValueError as error:
        raise _refused("too_many_digits", "a number in it has more digits than can be read; shorten it") from error
    if repeated:
        raise InvalidDocument(list(_repetitions(value, ())))
    return value


class _Repeating(dict[str, Any]):
    """An object some of whose keys stand in it more than once."""

    def __init__(self, pairs: list[tuple[str, Any]]) -> None:
        super().__init__(pairs)
        self.repeated = [key for key, times in Counter(key for key, _ in pairs).items() if times > 1]


def _repetitions(value: Any, at: tuple[int | str, ...]) -> Iterator[Fault]:
    if isinstance(value, _Repeating):
        for key in value.repeated:
            yield Fault(pointer((*at, key)), "repeated_key", f"{key!r} stands more than once here; give it once")
    inside = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for step, part in inside:
        yield from _repetitions(part, (*at, step))


def _refused(code: str, detail: str) -> InvalidDocument:
    return InvalidDocument([Fault("", code, detail)])
