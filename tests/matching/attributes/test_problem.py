"""What a problem document must say, what it may not, and that its order means nothing."""

import json
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from matching import InvalidProblem, Problem, solve
from matching.canonical import canonical, sha256
from tests.matching.builders import Json, group_need, need, number, offer, problem, strategy
from tests.matching.draws import problems


def refusals(document: Json) -> list[tuple[str, str]]:
    """Pointers and codes of the faults of a problem."""
    with pytest.raises(InvalidProblem) as caught:
        Problem.from_document(document)
    return [(fault.pointer, fault.code) for fault in caught.value.faults]


def plain(needs: list[Json] | None = None, offers: list[Json] | None = None, **parts: Any) -> Json:
    """A problem of one need and one offer unless others are given."""
    return problem(needs or [need()], offers or [offer()], **parts)


PAIR = {"need": "R-PHL-1/1", "offer": "O-AUS-1"}
TWO = group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member")

REFUSED: list[tuple[Json, str, str]] = [
    (plain([need(units=0)]), "/needs/0/units", "greater_than_equal"),
    (plain([need(units=-1)]), "/needs/0/units", "greater_than_equal"),
    (plain([need(units=10**9 + 1)]), "/needs/0/units", "less_than_equal"),
    (plain([need(units=1.0)]), "/needs/0/units", "int_type"),
    (plain([need(units=True)]), "/needs/0/units", "int_type"),
    (plain([need(priority=6)]), "/needs/0/priority", "less_than_equal"),
    (plain([need(date="2015-02-29")]), "/needs/0/date", "value_error"),
    (plain([need(date="20150101")]), "/needs/0/date", "value_error"),
    (plain([need(date=20150101)]), "/needs/0/date", "date_type"),
    (plain([need(domain="OP3C.BRO")]), "/needs/0/domain", "unknown_domain"),
    (plain([need(states=["PLH"])]), "/needs/0/states/0", "unknown_state"),
    (plain([need(states=[])]), "/needs/0/states", "not_one_beneficiary"),
    (plain([need(states=["PHL", "ALB"])]), "/needs/0/states", "not_one_beneficiary"),
    (plain([need(least=1)]), "/needs/0/least", "least_without_delivery"),
    (plain([need(delivery="together")]), "/needs/0/delivery", "literal_error"),
    (plain([group_need("R-X-1/1", ["PHL"], "joint", least=0)]), "/needs/0/least", "greater_than_equal"),
    (plain([need(wanted_from="2015-05-02", wanted_by="2015-05-01")]), "/needs/0/wanted_by", "ends_before_it_begins"),
    (plain([need(basis={"units": "guessed"})]), "/needs/0/basis/units", "literal_error"),
    (plain([need(colour="red")]), "/needs/0/colour", "extra_forbidden"),
    (plain([need(), need()]), "/needs/1/id", "duplicate"),
    (plain(offers=[offer(), offer()]), "/offers/1/id", "duplicate"),
    (plain(offers=[offer(units=-1)]), "/offers/0/units", "greater_than_equal"),
    (plain(offers=[offer(domains=["OP3C", "OP9"])]), "/offers/0/domains/1", "unknown_domain"),
    (
        plain(offers=[offer(valid_from="2015-05-02", valid_until="2015-05-01")]),
        "/offers/0/valid_until",
        "ends_before_it_begins",
    ),
    (plain(relatedness=[{"a": "OP6", "b": "OP9", "weight": "1"}]), "/relatedness/0/b", "unknown_domain"),
    (plain(relatedness=[{"a": "OP6", "b": "OP6", "weight": "1"}]), "/relatedness/0", "self_related"),
    (
        plain(relatedness=[{"a": "OP6", "b": "OP3C", "weight": "1"}, {"a": "OP3C", "b": "OP6", "weight": "1"}]),
        "/relatedness/1",
        "duplicate",
    ),
    (plain(relatedness=[{"a": "OP6", "b": "OP3C", "weight": "1.1"}]), "/relatedness/0/weight", "less_than_equal"),
    (plain(declined=[PAIR | {"need": "R-PHL-2/1"}]), "/declined/0/need", "unknown_need"),
    (plain(earlier=[PAIR | {"offer": "O-AUS-2"}]), "/earlier/0/offer", "unknown_offer"),
    (plain(forbidden=[PAIR | {"offer": "O-AUS-2"}]), "/forbidden/0/offer", "unknown_offer"),
    (plain(pinned=[PAIR | {"offer": "O-AUS-2", "units": 1}]), "/pinned/0/offer", "unknown_offer"),
    (plain(pinned=[PAIR | {"units": 0}]), "/pinned/0/units", "greater_than_equal"),
    (plain(pinned=[PAIR] * 2), "/pinned/1", "duplicate"),
    (plain(pinned=[PAIR], forbidden=[PAIR]), "/pinned/0", "pinned_and_forbidden"),
    (plain(pinned=[PAIR | {"member": "PHL"}]), "/pinned/0/member", "not_per_member"),
    (plain([TWO], pinned=[PAIR | {"need": TWO["id"]}]), "/pinned/0/member", "not_a_member"),
    (plain([TWO], pinned=[PAIR | {"need": TWO["id"], "member": "ALB"}]), "/pinned/0/member", "not_a_member"),
    (plain(exclusions=[{"by": "state:X", "other": "state:X"}]), "/exclusions/0/other", "self_exclusion"),
    (plain(quarter="2015-Q5"), "/quarter", "string_pattern_mismatch"),
    (plain(cut_off="2015-04-01"), "/cut_off", "string_pattern_mismatch"),
    (plain(delivery={"from": "2015-06-30", "until": "2015-04-01"}), "/delivery/until", "ends_before_it_begins"),
    (plain(format="matching/2"), "/format", "literal_error"),
    (plain(colour="red"), "/colour", "extra_forbidden"),
    (
        plain(strategy_document=strategy(urgency__ldc=number(1))),
        "/strategy/urgency/ldc/decision",
        "decision_missing",
    ),
    (
        plain(strategy_document=strategy(affinity__domain__weights={"OP9": number(1)})),
        "/strategy/affinity/domain/weights/OP9",
        "unknown_domain",
    ),
]


@pytest.mark.parametrize(("document", "pointer", "code"), REFUSED)
def test_a_wrong_value_is_refused_with_its_pointer(document: Json, pointer: str, code: str) -> None:
    assert refusals(document) == [(pointer, code)]


def test_an_unknown_code_is_refused_with_the_nearest_valid_ones() -> None:
    with pytest.raises(InvalidProblem, match=r"no domain 'OP3C.BRO'; nearest valid: OP3C.BOR"):
        Problem.from_document(plain([need(domain="OP3C.BRO")]))
    with pytest.raises(InvalidProblem, match="no State 'PLH'; nearest valid: PHL"):
        Problem.from_document(plain([need(states=["PLH"])]))


def test_every_contradiction_is_reported_at_once() -> None:
    document = plain([need(states=["PLH"], domain="OP9"), need()], offers=[offer(domains=["OP9"])])
    assert [code for _, code in refusals(document)] == [
        "duplicate",
        "unknown_domain",
        "unknown_state",
        "unknown_domain",
    ]


def test_offers_and_exclusions_may_name_what_takes_no_part() -> None:
    Problem.from_document(
        plain(
            offers=[offer(states=["AUT"], groups=["XYZ"], regions=["999"], preferred_states=["AUT"])],
            exclusions=[{"by": "state:AUT", "other": "organization:XYZ", "offer": "O-AUT-9"}],
        )
    )


def shuffled(value: Any, draw: random.Random) -> Any:
    """The same document with every list of records or codes in another order, slopes aside."""
    if isinstance(value, dict):
        keys = draw.sample(sorted(value), len(value))
        return {key: value[key] if key == "fairness" else shuffled(value[key], draw) for key in keys}
    if isinstance(value, list):
        return draw.sample([shuffled(item, draw) for item in value], len(value))
    return value


@settings(max_examples=60, deadline=None)
@given(problems(), st.randoms(use_true_random=False))
def test_the_order_of_a_document_means_nothing(document: Json, draw: random.Random) -> None:
    first = solve(Problem.from_document(document))
    again = solve(Problem.from_document(shuffled(document, draw)))
    assert canonical(again.document) == canonical(first.document)


def test_absent_facts_and_facts_given_as_null_are_the_same_problem() -> None:
    silent = plain()
    spoken = plain([need(date=None, modalities=[], served_before=False, named=True, basis={})])
    del silent["declined"], silent["format"]
    assert Problem.from_document(silent).input_hash == Problem.from_document(spoken).input_hash


def test_the_input_hash_is_that_of_the_canonical_problem_and_strategy() -> None:
    read = Problem.from_document(plain())
    document = json.loads(json.dumps(read.document))
    strategy_document = document.pop("strategy")
    assert read.input_hash == sha256({"problem": document, "strategy": strategy_document})
    assert Problem.from_document(read.document).input_hash == read.input_hash


@pytest.mark.parametrize(
    "other",
    [
        plain([need(units=2)]),
        plain(offers=[offer(units=2)]),
        plain(received={"PHL": 1}),
        plain(quarter="2015-Q2"),
        plain(strategy_document=strategy(affinity__domain__fit=61)),
    ],
)
def test_every_fact_changes_the_input_hash(other: Json) -> None:
    assert Problem.from_document(other).input_hash != Problem.from_document(plain()).input_hash


def test_members_of_a_per_member_need_are_rows_of_their_own() -> None:
    read = Problem.from_document(plain([TWO, need()]))
    assert [(row.need, row.member, row.beneficiaries) for row in read.rows] == [
        (0, "LAO", ("LAO",)),
        (0, "PHL", ("PHL",)),
        (1, None, ("PHL",)),
    ]
    assert read.asking == {"LAO": 1, "PHL": 2}
