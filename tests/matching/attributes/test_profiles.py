"""A problem of attributes and its model are the same problem."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching import InvalidProblem, Problem, reference
from matching.attributes.eligibility import evaluate
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins, obstacle
from matching.attributes.profiles import Compiled, judge, model_of
from matching.attributes.scoring import Scoring
from matching.model import NOBODY, UNLIMITED
from tests.matching import brute
from tests.matching.builders import DECISION, Json, group_need, need, number, offer, problem, strategy
from tests.matching.draws import problems


def compiled(problem_read: Problem) -> Compiled:
    """The model of a problem."""
    return model_of(judge(problem_read))


@settings(max_examples=80, deadline=None)
@given(problems())
def test_the_model_has_the_eligible_pairs_with_their_points_and_nothing_else(document: Json) -> None:
    read = Problem.from_document(document)
    facts = Facts(read)
    if obstacle(facts, Pins.of(facts)) is not None:
        return
    model, judged = compiled(read).model, evaluate(facts)
    width = model.n_offers
    pairs = {(int(row), int(offer)) for row, offer in zip(judged.row, judged.offer, strict=True)}
    for row in range(model.n_needs):
        cell = model.cell(np.full(width, row), np.arange(width))
        assert {(row, offer) for offer in np.flatnonzero(cell >= 0).tolist()} == {p for p in pairs if p[0] == row}
    points = Scoring(facts).points(judged.row, judged.offer)
    assert model.points(judged.row, model.cell(judged.row, judged.offer)).tolist() == points.tolist()
    assert np.array_equal(model.needs.urgency, Scoring(facts).urgency)
    assert sorted(model.needs.place.tolist()) == list(range(model.n_needs))


@settings(max_examples=40, deadline=None)
@given(problems(most_needs=2))
def test_the_best_of_the_model_is_the_best_of_the_problem(document: Json) -> None:
    read = Problem.from_document(document)
    best = reference.best(read)
    facts = Facts(read)
    if obstacle(facts, Pins.of(facts)) is None:
        best_of_model = brute.best(compiled(read).model)
        assert (best_of_model and best_of_model.objective) == (best and (best.objective,))


def test_needs_that_are_alike_share_a_profile_whatever_their_urgency() -> None:
    needs = [need(f"R-PHL-{n}/1", units=n, priority=n, modalities=["TRN"] * (n == 4)) for n in (1, 2, 3, 4)]
    for points, profiles in ((3, [0, 0, 0, 1]), (0, [0, 0, 0, 0])):
        rules = strategy(affinity__modality=points, rules__switched_off=[{"rule": "MODALITY", "reason": "a test"}])
        read = Problem.from_document(problem(needs, [offer(modalities=["TRN"])], rules))
        assert compiled(read).model.needs.profile.tolist() == profiles


PAIR = {"need": "R-PHL-2/1", "offer": "O-AUS-1"}


@pytest.mark.parametrize("name", ["declined", "earlier", "forbidden", "pinned"])
def test_a_need_that_a_list_speaks_of_has_a_profile_of_its_own(name: str) -> None:
    needs = [need(f"R-PHL-{n}/1") for n in (1, 2, 3)]
    listed: dict[str, Any] = {name: [PAIR]}
    model = compiled(Problem.from_document(problem(needs, [offer()], **listed))).model
    assert model.needs.profile.tolist() == [0, 1, 0]
    assert model.profiles.least.tolist() == ([0, 1] if name == "pinned" else [0] * len(model.profiles.offer))


def test_members_are_bundled_and_a_joint_need_counts_for_nobody() -> None:
    needs = [
        group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member", least=1),
        group_need("R-PIF-1/1", ["FJI", "PHL"], "joint"),
        need(),
    ]
    found = compiled(Problem.from_document(problem(needs, [offer()], substitutes=[["R-PHL-1/1", "R-PIF-1/1"]])))
    model = found.model
    states = [state.id for state in found.judged.facts.problem.states]
    assert [states[s] if s != NOBODY else None for s in model.needs.state] == ["LAO", "PHL", "PHL", None]
    assert [(bundle.needs, bundle.least) for bundle in model.conditions.bundles] == [((0, 1), 1)]
    assert model.conditions.substitutes == ((2, 3),)
    assert model.alone.all()


def test_members_of_a_need_with_too_few_of_them_are_never_served() -> None:
    group = group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member", least=3)
    model = compiled(Problem.from_document(problem([group, need()], [offer(units=4)]))).model
    assert model.conditions.bundles == ()
    assert model.profiles.most.tolist() == [0, 0, UNLIMITED]


def quota(kind: str, name: str, **facts: Any) -> Json:
    """A quota with a reason and a decision."""
    return {"kind": kind, "id": name, "reason": "set by a test", "decision": DECISION, **facts}


QUOTAS = [
    quota("state", "PHL", least=1, most=2),
    quota("regional_group", "GRULAC", most=5),
    quota("provider", "state:AUS", least=2),
    quota("need", "R-PHL-1/1", least=1, most=2),
    quota("offer", "O-AUS-1", least=1, most=3),
]


def test_quotas_are_limits_of_the_model() -> None:
    document = problem(
        [need(units=3), need("R-PHL-2/1", units=3)],
        [offer(units=5), offer("O-FRA-1")],
        strategy(affinity__domain__fit=1, quotas=QUOTAS),
        providers=[{"id": "state:AUS", "units": 4}],
    )
    found = compiled(Problem.from_document(document))
    model, states = found.model, [state.id for state in found.judged.facts.problem.states]
    philippines = states.index("PHL")
    assert (model.states.limits.least[philippines], model.states.limits.most[philippines]) == (1, 2)
    assert model.states.limits.most[states.index("FJI")] == UNLIMITED
    assert model.groups.most[list(found.groups).index("GRULAC")] == 5
    assert (model.providers.least.tolist(), model.providers.most.tolist()) == ([2], [4])
    assert model.offers.provider.tolist() == [0, NOBODY]
    assert (model.offers.least.tolist(), model.offers.units.tolist()) == ([1, 0], [3, 1])
    assert (model.needs.least.tolist(), model.needs.units.tolist()) == ([1, 0], [2, 3])
    assert model.needs.profile.tolist() == [0, 1]


WRONG: list[tuple[Json, str, str]] = [
    (quota("state", "PLH", least=1), "id", "unknown_state"),
    (quota("regional_group", "GRULA", most=1), "id", "unknown_regional_group"),
    (quota("provider", "state:AUT", most=1), "id", "unknown_provider"),
    (quota("need", "R-PHL-9/1", most=1), "id", "unknown_need"),
    (quota("offer", "O-AUS-9", most=1), "id", "unknown_offer"),
    (quota("need", "R-ASEAN-1/1", most=1), "id", "per_member"),
    (quota("need", "R-PHL-1/1", least=2), "least", "least_over_units"),
    (quota("offer", "O-AUS-1", least=2), "least", "least_over_units"),
    (quota("state", "PHL", least=2, most=1), "least", "least_over_most"),
    (quota("state", "PHL", least=1, decision=None), "decision", "decision_missing"),
    (quota("need", "R-PHL-1/1", least=1, decision=None), "decision", "decision_missing"),
    (quota("state", "PHL", least=1, reason=""), "reason", "string_too_short"),
    (quota("state", "PHL", least=-1), "least", "greater_than_equal"),
    (quota("state", "PHL", most=1.5), "most", "int_type"),
    (quota("State", "PHL", most=1), "kind", "literal_error"),
    (quota("state", "PHL"), "", "no_limit"),
]


@pytest.mark.parametrize(("wrong", "field", "code"), WRONG)
def test_a_wrong_quota_is_refused_with_its_place(wrong: Json, field: str, code: str) -> None:
    needs = [need(), group_need("R-ASEAN-1/1", ["LAO", "PHL"], "per_member")]
    with pytest.raises(InvalidProblem) as caught:
        Problem.from_document(problem(needs, [offer()], strategy(quotas=[wrong])))
    at = "/strategy/quotas/0" + (f"/{field}" if field else "")
    assert [(fault.pointer, fault.code) for fault in caught.value.faults] == [(at, code)]


def test_two_quotas_of_one_thing_are_refused_and_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(InvalidProblem, match="the state 'PHL' has a quota already"):
        Problem.from_document(problem([need()], [offer()], strategy(quotas=[quota("state", "PHL", most=1)] * 2)))
    with pytest.raises(InvalidProblem, match="no state 'PLH'; nearest valid: PHL"):
        Problem.from_document(problem([need()], [offer()], strategy(quotas=[quota("state", "PLH", most=1)])))


def test_a_quota_that_favours_nobody_needs_no_decision() -> None:
    plain = quota("offer", "O-AUS-1", most=1, decision=None)
    assert Problem.from_document(problem([need()], [offer()], strategy(quotas=[plain]))).strategy.quotas[0].most == 1


def test_strategies_without_quotas_say_nothing_of_them_and_the_order_of_quotas_means_nothing() -> None:
    silent = Problem.from_document(problem([need()], [offer()]))
    assert "quotas" not in silent.strategy.document
    given = [quota("state", "PHL", most=1), quota("offer", "O-AUS-1", most=1)]
    one, other = (
        Problem.from_document(problem([need()], [offer()], strategy(quotas=quotas))) for quotas in (given, given[::-1])
    )
    assert one.input_hash == other.input_hash != silent.input_hash
    assert Problem.from_document(one.document).input_hash == one.input_hash


@pytest.mark.parametrize("objective", ["points", "most_needs_served", "leximin"])
def test_slopes_count_under_equal_treatment_alone(objective: str) -> None:
    slopes: dict[str, Any] = {"fairness__state": number([5, 2]), "fairness__group": number([1])}
    read = Problem.from_document(problem([need()], [offer()], strategy(objective=objective, **slopes)))
    assert not any(compiled(read).model.fairness.state)
    equal = Problem.from_document(problem([need()], [offer()], strategy(objective="equal_treatment", **slopes)))
    assert compiled(equal).model.fairness.state == (5, 2)
