"""Appraisals: the points of a pair that is not proposed are those it would have if it were."""

import pytest
from hypothesis import given, settings

from matching import Problem, solve
from matching.attributes.eligibility import evaluate
from matching.attributes.facts import Facts
from matching.attributes.scoring import Scoring
from matching.studies.appraisal import appraise
from matching.studies.changes import changed
from tests.matching.builders import Json, need, offer, problem, strategy
from tests.matching.draws import problems

pytestmark = pytest.mark.once


@settings(max_examples=40, deadline=None)
@given(problems())
def test_every_pair_has_the_points_of_the_whole_problem_or_the_rule_that_it_fails(document: Json) -> None:
    whole = Problem.from_document(document)
    pairs = [(whole.needs[row.need].id, row.member or "", one.id) for row in whole.rows for one in whole.offers]
    facts = Facts(whole)
    eligibility = evaluate(facts)
    points = Scoring(facts).points(eligibility.row, eligibility.offer).tolist()
    expected = dict(zip(zip(eligibility.row.tolist(), eligibility.offer.tolist(), strict=True), points, strict=True))
    width = len(whole.offers)
    for number, appraisal in enumerate(appraise(document, pairs)):
        found = expected.get((number // width, number % width))
        assert appraisal.points == found
        assert (appraisal.rule is None) == (found is not None)
        if found is not None:
            assert sum(appraisal.terms.values()) == found


def test_a_pairing_is_appraised_as_its_result_says() -> None:
    document = problem(
        [need(modalities=["TRN"])],
        [offer(modalities=["TRN"])],
        strategy(affinity__domain__fit=60, affinity__modality=20),
    )
    [pairing] = solve(Problem.from_document(document)).document["pairings"]
    [appraisal] = appraise(document, [("R-PHL-1/1", "", "O-AUS-1")])
    assert (appraisal.points, dict(appraisal.terms)) == (pairing["points"], pairing["terms"])


def test_a_pair_that_a_rule_forbids_names_the_rule() -> None:
    document = problem([need()], [offer(domains=["OP3D.LEG"])])
    [appraisal] = appraise(document, [("R-PHL-1/1", "", "O-AUS-1")])
    assert (appraisal.rule, appraisal.points) == ("DOMAIN", None)


def test_nothing_to_appraise_is_nothing() -> None:
    assert appraise(problem([need()], [offer()]), []) == []


def test_changes_name_each_pair_of_other_units_once() -> None:
    one, other, same = ("R-1/1", "", "O-1"), ("R-2/1", "", "O-1"), ("R-3/1", "PHL", "O-2")
    found = changed({one: 2, same: 1}, {other: 2, same: 1})
    assert [(change.pair, change.before, change.after) for change in found] == [(one, 2, 0), (other, 0, 2)]
