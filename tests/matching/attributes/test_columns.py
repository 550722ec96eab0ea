"""Needs read in one pass: streamed or listed, plain or not, they are the same needs with the same faults."""

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings

from matching import InvalidProblem, Problem
from matching.attributes.records import Need
from matching.canonical import canonical
from tests.matching.builders import Json, group_need, need, offer, problem
from tests.matching.draws import problems


def apart(document: Json) -> tuple[Json, list[Json]]:
    """A document without its needs, and its needs."""
    return {name: part for name, part in document.items() if name != "needs"}, document["needs"]


@settings(max_examples=60, deadline=None)
@given(problems())
def test_needs_are_those_that_their_records_say(document: Json) -> None:
    read = Problem.from_document(document)
    expected = sorted((Need.model_validate(record) for record in document["needs"]), key=lambda each: each.id)
    assert list(read.needs) == expected
    assert b"[" + b"".join(read.needs.canonical()) + b"]" == canonical([n.model_dump(mode="json") for n in expected])


@settings(max_examples=30, deadline=None)
@given(problems())
def test_a_stream_of_needs_is_the_same_problem(document: Json) -> None:
    head, needs = apart(document)
    assert Problem.from_records(head, iter(needs)).input_hash == Problem.from_document(document).input_hash


def test_needs_are_read_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = [need(f"R-PHL-{number}/1", units=number) for number in (3, 1, 2, 5, 4)]
    whole = Problem.from_document(problem(needs, [offer()]))
    monkeypatch.setattr("matching.attributes.columns.AT_ONCE", 2)
    held: list[int] = []

    def stream() -> Iterator[Json]:
        for number, record in enumerate(needs):
            held.append(number)
            yield record

    read = Problem.from_records(apart(problem([], [offer()]))[0], stream())
    assert held == [0, 1, 2, 3, 4]
    assert [each.units for each in read.needs] == [1, 2, 3, 4, 5]
    assert read.input_hash == whole.input_hash


@pytest.mark.parametrize("wrong", [{"units": True}, {"units": 2.0}, {"states": ["PHL", 7]}, {"named": 1}, {"id": ""}])
def test_a_value_equal_to_a_valid_one_but_of_another_type_is_refused(wrong: Json) -> None:
    head, needs = apart(problem([need(), need("R-PHL-2/1", units=1), need("R-PHL-3/1", **wrong)], [offer()]))
    with pytest.raises(InvalidProblem) as caught:
        Problem.from_records(head, needs)
    (field,) = wrong
    assert [fault.pointer.split("/")[:4] for fault in caught.value.faults] == [["", "needs", "2", field]]


def test_faults_of_needs_and_of_the_rest_are_told_together_in_the_order_of_the_document() -> None:
    head, needs = apart(problem([need(units=0), need(priority=9)], [offer(units=-1)], quarter="2015"))
    with pytest.raises(InvalidProblem) as caught:
        Problem.from_records(head, iter(needs))
    assert [fault.pointer for fault in caught.value.faults] == [
        "/quarter",
        "/needs/0/units",
        "/needs/1/priority",
        "/offers/0/units",
    ]


@pytest.mark.parametrize("needs", [None, "R-PHL-1/1", {}, 7])
def test_needs_that_are_no_list_are_refused(needs: Any) -> None:
    with pytest.raises(InvalidProblem, match="/needs: is not a list"):
        Problem.from_document(problem([], [offer()]) | {"needs": needs})


def test_a_need_is_found_by_its_id_and_a_row_by_its_member() -> None:
    members = group_need("R-ASEAN-1/1", ["PHL", "LAO"], "per_member")
    read = Problem.from_document(problem([need(), members], [offer()]))
    assert read.position_of_need("R-PHL-1/1") == 1
    assert [read.rows.of(0, "LAO"), read.rows.of(0, "PHL"), read.rows.of(1, None)] == [0, 1, 2]
    for reference in ("A", "R-LAO-1/1", "Z"):
        with pytest.raises(KeyError):
            read.position_of_need(reference)
    for position, member in ((0, None), (0, "FJI"), (1, "PHL")):
        with pytest.raises(KeyError):
            read.rows.of(position, member)


PAIR = ["R-PHL-1/1", "R-PIF-1/1"]


def refused(document: Json) -> list[tuple[str, str]]:
    """Pointers and codes of the faults of a problem."""
    with pytest.raises(InvalidProblem) as caught:
        Problem.from_document(document)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def with_joint(**parts: Any) -> Json:
    """A national need, and a joint one that covers its State."""
    return problem([need(), group_need("R-PIF-1/1", ["FJI", "PHL"], "joint")], [offer()], **parts)


def test_substitutes_and_providers_are_said_only_where_there_are_any() -> None:
    plain = Problem.from_document(with_joint())
    said = Problem.from_document(with_joint(substitutes=[PAIR], providers=[{"id": "state:AUS", "units": 3}]))
    assert not {"substitutes", "providers"} & set(plain.document)
    assert Problem.from_document(with_joint(substitutes=[], providers=[])).input_hash == plain.input_hash
    assert said.document["substitutes"] == [PAIR]
    assert said.document["providers"] == [{"id": "state:AUS", "units": 3}]
    assert Problem.from_document(said.document).input_hash == said.input_hash != plain.input_hash


@pytest.mark.parametrize(
    ("parts", "pointer", "code"),
    [
        ({"substitutes": [["R-PHL-9/1", PAIR[1]]]}, "/substitutes/0/0", "unknown_need"),
        ({"substitutes": [PAIR[::-1]]}, "/substitutes/0/0", "not_national"),
        ({"substitutes": [[PAIR[0], PAIR[0]]]}, "/substitutes/0/1", "not_joint"),
        ({"substitutes": [PAIR, PAIR]}, "/substitutes/1", "duplicate"),
        ({"providers": [{"id": "state:AUT", "units": 1}]}, "/providers/0/id", "unknown_provider"),
        ({"providers": [{"id": "state:AUS", "units": 1}] * 2}, "/providers/1/id", "duplicate"),
        ({"providers": [{"id": "state:AUS", "units": -1}]}, "/providers/0/units", "greater_than_equal"),
    ],
)
def test_a_wrong_substitute_or_provider_is_refused(parts: Json, pointer: str, code: str) -> None:
    assert (pointer, code) in refused(with_joint(**parts))


def test_a_joint_need_substitutes_only_for_needs_of_its_beneficiaries() -> None:
    document = with_joint(substitutes=[PAIR])
    document["needs"][1]["states"] = ["FJI"]
    assert refused(document) == [("/substitutes/0/1", "not_covering")]
