"""The smallest change that would get a need served: enough, as small as can be, and the first of the list."""

from collections.abc import Iterator

import pytest
from hypothesis import assume, given, settings

from matching import Problem, solve
from matching.attributes.pins import Pins, obstacle
from matching.attributes.profiles import judge, model_of
from matching.insight.remedies import ADDED_TO, ORDER, Change, Remedy, amended
from matching.insight.smallest import Answer, SmallestChanges
from matching.insight.warm import Warm
from matching.optimise import optimise
from tests.matching.builders import STATES, Json, group_need, need, number, offer, problem, strategy
from tests.matching.draws import LEAVES, problems
from tests.matching.model_draws import draws

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60)


def compiled(document: Json) -> SmallestChanges | None:
    judged = judge(Problem.from_document(document))
    if obstacle(judged.facts, Pins.of(judged.facts)) is not None:
        return None
    made = model_of(judged)
    outcome = optimise(made.model)
    return SmallestChanges(made, Warm(made.model, outcome)) if outcome.status == "optimal" else None


def units(document: Json, reference: str, member: str | None) -> int:
    """Units that a need, or a member, receives from a solve of a document."""
    result = solve(Problem.from_document(document)).document
    return sum(
        pairing["units"]
        for pairing in result["pairings"]
        if pairing["need"] == reference and (member is None or pairing["member"] == member)
    )


def unserved(document: Json) -> Iterator[tuple[int, str, str | None]]:
    read = Problem.from_document(document)
    for entry in solve(read).document["unmatched"]:
        yield read.rows.of(read.position_of_need(entry["need"]), entry["member"]), entry["need"], entry["member"]


def eligible(document: Json, reference: str) -> set[int]:
    """Offers that may serve a national need."""
    judged = judge(Problem.from_document(document))
    problem = judged.facts.problem
    row = int(problem.rows.first[problem.position_of_need(reference)])
    return set(judged.eligibility.offers(row).tolist())


def mends(document: Json, change: Change, reference: str) -> bool:
    """Whether a change lets one more offer serve the need, or adds a unit to one."""
    more = eligible(amended(document, [change]), reference) - eligible(document, reference)
    return bool(more) or change.remedy == Remedy.ONE_MORE_UNIT


def every_single_change(document: Json, reference: str) -> Iterator[Change]:
    """Whatever one change there is for a national need."""
    asked = next(each for each in document["needs"] if each["id"] == reference)
    state = STATES[asked["states"][0]]
    if asked["domain"] == "UNSPEC":
        yield from (Change(Remedy.NAME_DOMAIN, reference, code) for code in LEAVES if code != "UNSPEC")
        return
    yield Change(Remedy.WIDEN_DATES, reference)
    for offered in document["offers"]:
        name = offered["id"]
        yield Change(Remedy.ALLOW_DECLINED, reference, name)
        for remedy in (Remedy.ADD_LANGUAGE, Remedy.ADD_MODALITY, Remedy.ADD_SCOPE):
            yield from (Change(remedy, reference, code) for code in offered.get(ADDED_TO[remedy], ()))
        yield from (
            Change(remedy, name) for remedy in (Remedy.ONE_MORE_UNIT, Remedy.EXTEND_VALIDITY, Remedy.DROP_CONDITION)
        )
        yield Change(Remedy.EXTEND_COVERAGE, name, state["subregion"])
        yield Change(Remedy.ADD_DOMAIN, name, asked["domain"])


@settings(max_examples=draws(8), deadline=None)
@given(problems(pins=False, least_points=1))
def test_each_answer_is_enough_and_no_smaller_or_earlier_one_is(document: Json) -> None:
    assume(all((each["least"] or 1) <= max(1, len(each["states"])) for each in document["needs"]))
    smallest = compiled(document)
    wanting = list(unserved(document))[:2]
    assume(smallest is not None and wanting)
    assert smallest is not None
    for row, reference, member in wanting:
        found = smallest.of(row)
        before = units(document, reference, member)
        if found.changes:
            assert units(amended(document, found.changes), reference, member) > before
        asked = next(each for each in document["needs"] if each["id"] == reference)
        if asked["delivery"] is not None or not asked["named"]:
            continue
        enough = [
            ORDER[change.remedy]
            for change in every_single_change(document, reference)
            if mends(document, change, reference) and units(amended(document, [change]), reference, member) > before
        ]
        assert found.complete
        if enough:
            assert len(found.changes) == 1
            assert ORDER[found.changes[0].remedy] <= min(enough)
        else:
            assert len(found.changes) != 1


def answer(document: Json, row: int = 0) -> Answer:
    smallest = compiled(document)
    assert smallest is not None
    return smallest.of(row)


@pytest.mark.parametrize(
    ("facts", "offered", "change"),
    [
        ({"domain": "UNSPEC"}, {}, Change(Remedy.NAME_DOMAIN, "R-PHL-1/1", "OP3C.BOR")),
        (
            {"languages": ["fr"]},
            {"languages": ["en"], "language_required": True},
            Change(Remedy.ADD_LANGUAGE, "R-PHL-1/1", "en"),
        ),
        ({"modalities": ["EQP"]}, {"modalities": ["LEG"]}, Change(Remedy.ADD_MODALITY, "R-PHL-1/1", "LEG")),
        ({"scopes": ["nuclear"]}, {"scopes": ["chemical"]}, Change(Remedy.ADD_SCOPE, "R-PHL-1/1", "chemical")),
        ({"wanted_from": "2015-08-01"}, {}, Change(Remedy.WIDEN_DATES, "R-PHL-1/1")),
        ({}, {"units": 0}, Change(Remedy.ONE_MORE_UNIT, "O-AUS-1")),
        ({}, {"valid_until": "2015-03-31"}, Change(Remedy.EXTEND_VALIDITY, "O-AUS-1")),
        ({}, {"worldwide": False, "states": ["ALB"]}, Change(Remedy.EXTEND_COVERAGE, "O-AUS-1", "035")),
        ({}, {"worldwide": False}, Change(Remedy.EXTEND_COVERAGE, "O-AUS-1", "035")),
        ({}, {"requires_groups": ["CARICOM"]}, Change(Remedy.DROP_CONDITION, "O-AUS-1")),
        ({}, {"domains": ["OP3D.LEG"]}, Change(Remedy.ADD_DOMAIN, "O-AUS-1", "OP3C.BOR")),
        ({}, {"domains": ["UNSPEC"]}, Change(Remedy.ADD_DOMAIN, "O-AUS-1", "OP3C.BOR")),
    ],
    ids=lambda value: str(value.remedy) if isinstance(value, Change) else "",
)
def test_each_remedy_of_the_list_is_found_where_it_alone_helps(facts: Json, offered: Json, change: Change) -> None:
    assert answer(problem([need(**facts)], [offer(**offered)], WORTH)) == Answer((change,))


def test_a_declined_pairing_may_be_allowed_again() -> None:
    declined = [{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]
    assert answer(problem([need()], [offer()], WORTH, declined=declined)) == Answer(
        (Change(Remedy.ALLOW_DECLINED, "R-PHL-1/1", "O-AUS-1"),)
    )


def test_a_member_of_the_group_may_confirm() -> None:
    asked = group_need("R-ASEAN-1/1", [], "joint")
    assert answer(problem([asked], [offer()], WORTH)) == Answer((Change(Remedy.CONFIRM_MEMBER, "R-ASEAN-1/1", "LAO"),))


def test_two_changes_are_an_answer() -> None:
    document = problem([need(languages=["fr"])], [offer(units=0, languages=["en"], language_required=True)], WORTH)
    assert answer(document) == Answer(
        (Change(Remedy.ADD_LANGUAGE, "R-PHL-1/1", "en"), Change(Remedy.ONE_MORE_UNIT, "O-AUS-1"))
    )


def test_becoming_eligible_is_not_enough_where_others_are_worth_more() -> None:
    document = problem(
        [need("R-PHL-1/1", priority=1), need("R-FJI-1/1", priority=5)],
        [offer(worldwide=False, states=["FJI"])],
        strategy(affinity__domain__fit=60, urgency__priority__5=number(40)),
    )
    assert answer(document, row=1) == Answer(
        (Change(Remedy.ONE_MORE_UNIT, "O-AUS-1"), Change(Remedy.EXTEND_COVERAGE, "O-AUS-1", "035"))
    )


def test_a_group_may_lose_what_a_mended_need_gains() -> None:
    asked = [
        group_need("R-CARICOM-1/1", ["JAM"], "per_member", priority=1),
        need("R-PHL-1/1", domain="UNSPEC", priority=5),
    ]
    worth = strategy(affinity__domain__fit=60, urgency__priority__5=number(40))
    assert answer(problem(asked, [offer()], worth), row=1) == Answer(
        (Change(Remedy.NAME_DOMAIN, "R-PHL-1/1", "OP3C.BOR"),)
    )


def test_what_was_not_tried_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("matching.insight.smallest.SOLVES", 0)
    document = problem([group_need("R-CARICOM-1/1", ["JAM"], "per_member")], [offer(units=0)], WORTH)
    assert answer(document) == Answer((), complete=False)


@pytest.mark.parametrize("offered", [{"except": ["PHL"]}, {"provider": "state:PHL"}], ids=["left out", "its own offer"])
def test_no_change_is_an_answer(offered: Json) -> None:
    assert answer(problem([need()], [offer(**offered)], WORTH)) == Answer(())


def test_what_the_group_has_decided_is_not_undone() -> None:
    forbidden = [{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]
    assert answer(problem([need()], [offer()], WORTH, forbidden=forbidden)) == Answer(())


def test_the_answer_is_data_with_codes() -> None:
    smallest = compiled(problem([need()], [offer(units=0)], WORTH))
    assert smallest is not None
    assert smallest.document(0) == {
        "code": "ONE_CHANGE",
        "complete": True,
        "changes": [{"code": "ONE_MORE_UNIT", "record": "offer", "id": "O-AUS-1", "value": None}],
    }


@pytest.mark.parametrize("most", [0, 10_000], ids=["one at a time", "in one batch"])
@settings(max_examples=draws(8), deadline=None)
@given(problems(pins=False, least_points=1))
def test_amended_offers_are_judged_alike_however_many_together(most: int, document: Json) -> None:
    together = compiled(document)
    if together is None:
        return
    rows = [row for row, _, _ in unserved(document)]
    usual = [together.document(row) for row in rows]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.insight.smallest.PAIRS_AT_ONCE", most)
        patch.setattr("matching.insight.smallest.FIRST_TRIED", max(1, most))
        apart = compiled(document)
        assert apart is not None
        assert [apart.document(row) for row in rows] == usual
