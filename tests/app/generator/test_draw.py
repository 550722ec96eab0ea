"""Draws: what they promise on every Python."""

from collections import Counter

from app.generator.draw import Draw, Weighted


def test_a_stream_is_the_same_on_every_python() -> None:
    draw = Draw(7, "offers")
    weighted = Weighted([("a", 1), ("b", 3)])
    assert [draw.between(1, 100) for _ in range(8)] == [18, 34, 78, 94, 48, 30, 92, 29]
    assert "".join(draw.weighted(weighted) for _ in range(12)) == "bbbabaaaabbb"
    assert draw.some(range(20), 5) == [0, 1, 9, 16, 19]


def test_streams_of_different_names_or_seeds_are_not_alike() -> None:
    drawn = {tuple(stream.between(0, 9) for _ in range(20)) for stream in (Draw(7, "a"), Draw(7, "b"), Draw(8, "a"))}
    assert len(drawn) == 3


def test_weights_give_the_shares_and_nothing_of_weight_zero() -> None:
    draw, weighted = Draw(1, "shares"), Weighted([("never", 0), ("one", 1), ("three", 3)])
    found = Counter(draw.weighted(weighted) for _ in range(20_000))
    assert set(found) == {"one", "three"}
    assert abs(found["three"] / found.total() - 0.75) < 0.02


def test_some_are_different_in_their_order_and_each_as_likely() -> None:
    draw, found = Draw(1, "some"), Counter[int]()
    for _ in range(6_000):
        chosen = draw.some(range(6), 2)
        assert chosen == sorted(set(chosen))
        assert len(chosen) == 2
        found.update(chosen)
    assert all(abs(times / 2_000 - 1) < 0.1 for times in found.values())
    assert draw.some("abc", 5) == ["a", "b", "c"]


def test_between_reaches_both_ends() -> None:
    draw = Draw(1, "between")
    assert {draw.between(3, 5) for _ in range(200)} == {3, 4, 5}
