"""Each rule removes a pair by itself, and the arrays judge as a plain reading of the rules does."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings

from matching import Problem, Rule, solve
from matching.attributes.eligibility import PAIRS_AT_ONCE, RULES, evaluate, first_failing, removed_from
from matching.attributes.excerpt import excerpt
from matching.attributes.facts import Facts
from matching.codes import SWITCHABLE
from tests.matching import plain
from tests.matching.builders import Json, group_need, need, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.model_draws import draws


def failing(document: Json) -> str | None:
    """The rule that the only pair of a document fails."""
    return first_failing(Facts(Problem.from_document(document)), 0, 0)


PLAIN = {
    "modalities": ["LEG"],
    "scopes": ["nuclear"],
    "languages": ["en"],
}

BY_ONE_FACT: list[tuple[Rule, Json, Json, Json]] = [
    (Rule.OFFER_NOT_SPECIFIC, {}, {"domains": ["UNSPEC"]}, {}),
    (Rule.OFFER_NOT_SPECIFIC, {}, {"domains": []}, {}),
    (Rule.DOMAIN, {"domain": "OP6"}, {}, {}),
    (Rule.DOMAIN, {"domain": "UNSPEC"}, {}, {}),
    (Rule.DOMAIN, {"domain": "OP3C.DET"}, {}, {}),
    (Rule.COVERAGE_NOT_STATED, {}, {"worldwide": False}, {}),
    (Rule.COVERAGE, {}, {"worldwide": False, "states": ["ALB"]}, {}),
    (Rule.COVERAGE, {}, {"worldwide": False, "groups": ["BSEC"]}, {}),
    (Rule.COVERAGE, {}, {"worldwide": False, "regions": ["150", "029"]}, {}),
    (Rule.COVERAGE, {}, {"except": ["PHL"]}, {}),
    (Rule.COVERAGE, {"named": False}, {}, {}),
    (Rule.PROVIDER_IS_REQUESTER, {}, {"provider": "state:PHL"}, {}),
    (Rule.MODALITY, {}, {"modalities": ["TRN", "EQP"]}, {}),
    (Rule.SCOPE, {}, {"scopes": ["chemical"]}, {}),
    (Rule.LANGUAGE, {}, {"languages": ["fr"], "language_required": True}, {}),
    (Rule.VALIDITY, {}, {"valid_until": "2015-03-31"}, {}),
    (Rule.VALIDITY, {}, {"valid_from": "2015-07-01"}, {}),
    (Rule.VALIDITY, {"wanted_from": "2015-07-01"}, {}, {}),
    (Rule.VALIDITY, {"wanted_by": "2015-04-30"}, {"valid_from": "2015-05-01"}, {}),
    (Rule.CONDITION, {}, {"requires_groups": ["ASEAN", "CICA"]}, {}),
    (Rule.EXCLUSION, {}, {}, {"exclusions": [{"by": "state:AUS", "other": "state:PHL", "offer": None}]}),
    (Rule.EXCLUSION, {}, {}, {"exclusions": [{"by": "state:PHL", "other": "state:AUS", "offer": "O-AUS-1"}]}),
    (Rule.DECLINED, {}, {}, {"declined": [{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]}),
    (Rule.FORBIDDEN, {}, {}, {"forbidden": [{"need": "R-PHL-1/1", "offer": "O-AUS-1"}]}),
    (Rule.CAPACITY, {}, {"units": 0}, {}),
]


@pytest.mark.parametrize(("rule", "of_need", "of_offer", "parts"), BY_ONE_FACT)
def test_one_fact_makes_a_pair_fail_one_rule(rule: Rule, of_need: Json, of_offer: Json, parts: Json) -> None:
    eligible = problem([need(**PLAIN)], [offer(**PLAIN)])
    assert failing(eligible) is None
    document = problem([need(**PLAIN | of_need)], [offer(**PLAIN | of_offer)], **parts)
    assert failing(document) == rule
    result = solve(Problem.from_document(document)).document
    assert (result["rules"], result["eligible_pairs"], result["pairings"]) == ({rule: 1}, 0, [])


def test_every_rule_is_tried_by_one_fact() -> None:
    assert {rule for rule, *_ in BY_ONE_FACT} == set(Rule)
    assert list(RULES) == list(Rule)


@pytest.mark.parametrize("rule", SWITCHABLE)
def test_a_rule_switched_off_lets_the_pair_through(rule: Rule) -> None:
    of_need, of_offer, parts = next(case[1:] for case in BY_ONE_FACT if case[0] == rule)
    off = strategy(affinity__domain__fit=1, rules__switched_off=[{"rule": rule.value, "reason": "a test"}])
    assert failing(problem([need(**PLAIN | of_need)], [offer(**PLAIN | of_offer)], off, **parts)) is None


@pytest.mark.parametrize("name", ["modalities", "scopes", "languages"])
@pytest.mark.parametrize("side", ["need", "offer"])
def test_what_a_side_does_not_state_rules_nothing_out(name: str, side: str) -> None:
    silent = PLAIN | {name: []}
    of_need, of_offer = (silent, PLAIN) if side == "need" else (PLAIN, silent)
    assert failing(problem([need(**of_need)], [offer(**of_offer, language_required=True)])) is None


def test_a_need_that_is_overdue_takes_help_when_it_comes() -> None:
    assert failing(problem([need(wanted_by="2014-01-01")], [offer()])) is None


@pytest.mark.parametrize(
    ("least", "related", "need_domain", "offer_domain", "fails"),
    [
        ("0.8", True, "OP3C.BOR", "OP3C", None),
        ("0.81", True, "OP3C.BOR", "OP3C", Rule.DOMAIN),
        ("0.5", True, "OP3C.BOR", "OP3C.DET", None),
        ("0.5", False, "OP3C.BOR", "OP3C.DET", Rule.DOMAIN),
        ("0.7", True, "OP6", "OP3D.LEG", None),
        ("0.71", True, "OP6", "OP3D.LEG", Rule.DOMAIN),
        ("0", True, "OP6", "OP3C", Rule.DOMAIN),
    ],
)
def test_related_domains_are_close_enough_or_not(
    least: str, related: bool, need_domain: str, offer_domain: str, fails: Rule | None
) -> None:
    rules = strategy(rules__least_relatedness=least, rules__related_domains=related)
    document = problem(
        [need(domain=need_domain)],
        [offer(domains=[offer_domain])],
        rules,
        relatedness=[{"a": "OP3D.LEG", "b": "OP6", "weight": "0.70"}],
    )
    assert failing(document) == fails


def test_the_strategy_overrides_the_records_relatedness() -> None:
    pair = {"a": "OP6", "b": "OP3D.LEG", "value": "0.9", "reason": "a test", "decision": None}
    document = problem(
        [need(domain="OP6")],
        [offer(domains=["OP3D.LEG"])],
        strategy(relatedness__pairs=[pair]),
        relatedness=[{"a": "OP3D.LEG", "b": "OP6", "weight": "0.1"}],
    )
    assert failing(document) is None


JOINT: list[tuple[Rule | None, int, Json, Json]] = [
    (None, 2, {"worldwide": False, "states": ["FJI", "PHL"]}, {}),
    (Rule.COVERAGE, 3, {"worldwide": False, "states": ["FJI", "PHL"]}, {}),
    (None, 2, {"provider": "state:PHL"}, {}),
    (Rule.PROVIDER_IS_REQUESTER, 3, {"provider": "state:PHL"}, {}),
    (Rule.PROVIDER_IS_REQUESTER, 1, {"provider": "group:PIF"}, {}),
    (None, 2, {"requires_groups": ["ASEAN"]}, {}),
    (Rule.CONDITION, 3, {"requires_groups": ["ASEAN"]}, {}),
    (None, 2, {}, {"exclusions": [{"by": "state:LAO", "other": "state:AUS", "offer": None}]}),
    (Rule.EXCLUSION, 3, {}, {"exclusions": [{"by": "state:LAO", "other": "state:AUS", "offer": None}]}),
    (Rule.EXCLUSION, 1, {}, {"exclusions": [{"by": "group:PIF", "other": "state:AUS", "offer": None}]}),
]


@pytest.mark.parametrize(("rule", "least", "of_offer", "parts"), JOINT)
def test_a_joint_activity_needs_its_least_number_of_beneficiaries_under_each_rule(
    rule: Rule | None, least: int, of_offer: Json, parts: Json
) -> None:
    joint = group_need("R-PIF-1/1", ["FJI", "LAO", "PHL"], "joint", least=least)
    assert failing(problem([joint], [offer(**of_offer)], **parts)) == rule


def test_members_are_judged_one_by_one() -> None:
    members = group_need("R-PIF-1/1", ["FJI", "LAO", "PHL"], "per_member", least=1)
    document = problem([members], [offer(units=3, provider="state:LAO", **{"except": ["FJI"]})])
    unmatched = solve(Problem.from_document(document)).document["unmatched"]
    assert {entry["member"]: entry["rules"] for entry in unmatched} == {
        "FJI": {"COVERAGE": 1},
        "LAO": {"PROVIDER_IS_REQUESTER": 1},
    }


@settings(max_examples=60, deadline=None)
@given(problems(pins=False))
def test_arrays_judge_and_score_every_pair_as_a_plain_reading_does(document: Json) -> None:
    problem_read = Problem.from_document(document)
    facts = Facts(problem_read)
    by_id: dict[str, Any] = {entry["id"]: entry for entry in [*document["needs"], *document["offers"]]}
    counted: dict[str, int] = {}
    for position, row in enumerate(problem_read.rows):
        for column, given_offer in enumerate(problem_read.offers):
            of_need, of_offer = by_id[problem_read.needs[row.need].id], by_id[given_offer.id]
            rule = plain.first_failing(document, of_need, row.member, of_offer)
            assert first_failing(facts, position, column) == rule
            counted[rule or ""] = counted.get(rule or "", 0) + 1
    result = solve(problem_read).document
    assert result["rules"] | {"": result["eligible_pairs"]} == {"": 0} | counted
    for pairing in result["pairings"]:
        assert pairing["terms"] == plain.terms(
            document, by_id[pairing["need"]], pairing["member"], by_id[pairing["offer"]]
        )
        assert pairing["points"] == sum(pairing["terms"].values())


def test_judging_in_chunks_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    needs = [need(f"R-{state}-1/1") for state in ("ALB", "ARM", "FJI", "PHL")]
    offers = [offer(f"O-AUS-{n}", **({} if n % 2 else {"states": ["ALB"], "worldwide": False})) for n in range(5)]
    facts = Facts(Problem.from_document(problem(needs, offers)))
    at_once = evaluate(facts)
    assert PAIRS_AT_ONCE > 20
    monkeypatch.setattr("matching.attributes.eligibility.PAIRS_AT_ONCE", 7)
    monkeypatch.setattr("matching.attributes.eligibility.TOGETHER", -1)
    in_chunks = evaluate(facts)
    assert at_once.row.tolist() == in_chunks.row.tolist()
    assert at_once.offer.tolist() == in_chunks.offer.tolist()
    assert at_once.removed.tolist() == in_chunks.removed.tolist()


@settings(max_examples=draws(25), deadline=None)
@given(problems())
def test_kind_by_kind_and_all_together_judge_alike(document: Json) -> None:
    facts = Facts(Problem.from_document(document))
    together = evaluate(facts)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("matching.attributes.eligibility.TOGETHER", -1)
        apart = evaluate(facts)
    for name in ("profile", "of", "start", "cell_offer", "failing"):
        assert getattr(together, name).tolist() == getattr(apart, name).tolist()


@settings(max_examples=draws(25), deadline=None)
@given(problems())
def test_what_each_offer_fails_is_counted_as_for_it_alone(document: Json) -> None:
    problem = Problem.from_document(document)
    facts = Facts(problem)
    together = removed_from(facts, evaluate(facts), np.arange(len(problem.offers)))
    for number, each in enumerate(problem.offers):
        alone = evaluate(Facts(excerpt(problem, problem.needs, [each])))
        assert together[number].tolist() == alone.removed_pairs().tolist()
