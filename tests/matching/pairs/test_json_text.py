"""JSON that two readers could take for different things is refused, with its place."""

import pytest

from matching.errors import Fault, InvalidDocument
from matching.pairs.json_text import parse


def refusal(data: bytes) -> Fault:
    with pytest.raises(InvalidDocument) as refused:
        parse(data)
    [fault] = refused.value.faults
    return fault


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"{", "not_json"),
        (b'{"a": 1,}', "not_json"),
        (b"{'a': 1}", "not_json"),
        (b'{"a": 1} {"b": 2}', "not_json"),
        (b'{"a": "\xff"}', "not_utf_8"),
        ('{"a": 1}'.encode("utf-16"), "not_utf_8"),
        (b"[" * 200_000, "too_deep"),
        (b"[" * 200_000 + b"]" * 200_000, "too_deep"),
        (b'{"a": ' + b"1" * 5000 + b"}", "too_many_digits"),
    ],
)
def test_what_is_no_json_in_utf_8_is_refused_in_a_sentence(data: bytes, code: str) -> None:
    fault = refusal(data)
    assert (fault.pointer, fault.code) == ("", code)
    assert fault.detail


def test_a_key_given_twice_is_refused_where_it_stands() -> None:
    assert refusal(b'{"a": [{"b": 1}, {"b": 1, "c": 2, "b": 1}]}').pointer == "/a/1/b"
    assert refusal(b'{"a/b": 1, "a/b": 1}').pointer == "/a~1b"


def test_every_key_given_twice_is_named() -> None:
    with pytest.raises(InvalidDocument) as refused:
        parse(b'{"a": {"x": 1, "x": 2}, "b": {"y": {"z": 0, "z": 0}, "y": 1}}')
    # the first "y" is gone, and what was wrong inside it with it
    assert [fault.pointer for fault in refused.value.faults] == ["/a/x", "/b/y"]
    with pytest.raises(InvalidDocument) as refused:
        parse(b'{"a": 1, "a": 2, "b": [{"c": 1, "c": 2}]}')
    assert [fault.pointer for fault in refused.value.faults] == ["/a", "/b/0/c"]


def test_a_byte_order_mark_is_no_part_of_the_text() -> None:
    assert parse('{"a": 1}'.encode("utf-8-sig")) == {"a": 1}


def test_numbers_that_json_does_not_know_are_left_for_the_reader_of_their_place() -> None:
    assert parse(b"[1e400, Infinity]") == [float("inf"), float("inf")]
