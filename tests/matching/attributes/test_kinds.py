"""Things alike in all respects are one kind; bits are read back as they were set."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from matching.attributes.kinds import MOST, alike, joined, packed, positions

lines = st.integers(1, 9).flatmap(
    lambda width: st.lists(st.lists(st.integers(0, 2), min_size=width, max_size=width), max_size=12)
)


@given(lines)
def test_two_things_are_one_kind_if_they_are_alike_in_all_respects(things: list[list[int]]) -> None:
    respects = [np.array(respect, dtype=np.int64) for respect in zip(*things, strict=True)]
    kind, first = joined(respects, len(things))
    assert [things[n] for n in first[kind]] == things
    assert kind.tolist() == [[things[n] for n in first].index(thing) for thing in things]
    table = np.array(things, dtype=np.int64).reshape(len(things), len(respects))
    assert len(set(alike(table).tolist())) == len({tuple(thing) for thing in things})


def test_kinds_of_many_respects_do_not_overflow() -> None:
    respects = [np.array([MOST // 2, 0, MOST // 2], dtype=np.int64) for _ in range(5)]
    assert joined(respects, 3)[0].tolist() == [0, 1, 0]


@given(st.integers(0, 40).flatmap(lambda width: st.lists(st.lists(st.booleans(), min_size=width, max_size=width))))
def test_bits_are_read_back_as_they_were_set(flags: list[list[bool]]) -> None:
    table = np.array(flags, dtype=bool).reshape(len(flags), -1 if flags and flags[0] else 0)
    assert positions(packed(table)).tolist() == np.nonzero(table)[1].tolist()
