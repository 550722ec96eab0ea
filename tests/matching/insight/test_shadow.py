"""Shadow prices are what a solve with the standard offer in the record gains, and offers are told why they rest."""

import pytest
from hypothesis import given, settings

from matching import Problem
from matching.attributes.pins import Pins, obstacle
from matching.attributes.problem import Problem as Read
from matching.attributes.profiles import Compiled, judge, model_of
from matching.insight.overlaps import Use, reaches
from matching.insight.shadow import shadows, standard_offers
from matching.insight.warm import Warm
from matching.model import Outcome
from matching.optimise import optimise
from tests.matching.builders import Json, need, number, offer, problem, strategy
from tests.matching.draws import problems
from tests.matching.model_draws import draws

pytestmark = pytest.mark.once

WORTH = strategy(affinity__domain__fit=60)


def solved(document: Json) -> tuple[Read, Compiled, Outcome] | None:
    read = Problem.from_document(document)
    judged = judge(read)
    if obstacle(judged.facts, Pins.of(judged.facts)) is not None:
        return None
    compiled = model_of(judged)
    return read, compiled, optimise(compiled.model)


@settings(max_examples=draws(25), deadline=None)
@given(problems(pins=False, least_points=1))
def test_a_shadow_price_is_what_a_solve_with_the_standard_offer_gains(document: Json) -> None:
    national = [each for each in document["needs"] if each["delivery"] is None]
    if not national:
        return
    document = {**document, "needs": national}
    document = {**document, "declined": [], "earlier": [], "forbidden": []}
    found = solved(document)
    assert found is not None
    read, compiled, outcome = found
    prices = shadows(read, Warm(compiled.model, outcome))
    for price, standard in list(zip(prices, standard_offers(read), strict=True))[:4]:
        extended = [*document["offers"], standard.model_dump(mode="json", by_alias=True)]
        anew = solved({**document, "offers": extended})
        assert anew is not None
        assert price.gain == (anew[2].objective[0] - outcome.objective[0],)


def test_a_shadow_price_tells_where_a_unit_would_do_most() -> None:
    document = problem(
        [need("R-PHL-1/1", priority=5), need("R-LAO-1/1"), need("R-FJI-1/1", domain="OP3D.LEG")],
        [offer(states=["LAO"], worldwide=False)],
        strategy(affinity__domain__fit=60, urgency__priority__5=number(40)),
    )
    found = solved(document)
    assert found is not None
    prices = {
        (each.domain, each.subregion): (each.gain, each.eligible)
        for each in shadows(found[0], Warm(found[1].model, found[2]))
    }
    assert prices == {
        ("OP3C.BOR", "035"): ((100,), 2),
        ("OP3C.BOR", "054"): ((0,), 0),
        ("OP3D.LEG", "035"): ((0,), 0),
        ("OP3D.LEG", "054"): ((60,), 1),
    }


@pytest.mark.parametrize(
    ("offers", "uses"),
    [
        ([offer()], [Use.USED]),
        ([offer(units=2)], [Use.PARTLY_USED]),
        ([offer(units=0)], [Use.NO_UNITS]),
        ([offer("O-AUS-1"), offer("O-AUS-2", domains=["OP3D.LEG"])], [Use.USED, Use.NEVER_ELIGIBLE]),
        ([offer("O-AUS-1", preferred_domains=["OP3C.BOR"]), offer("O-AUS-2")], [Use.USED, Use.OTHERS_SERVE]),
    ],
)
def test_each_offer_is_told_what_became_of_it(offers: list[Json], uses: list[Use]) -> None:
    worth = strategy(affinity__domain__fit=60, affinity__preferred_domain=number(5))
    found = solved(problem([need()], offers, worth))
    assert found is not None
    assert [reach.use for reach in reaches(found[1], found[2])] == uses


def test_an_offer_that_is_never_eligible_counts_the_rules_that_it_fails() -> None:
    found = solved(
        problem(
            [need("R-PHL-1/1"), need("R-FJI-1/1", domain="OP3D.LEG")],
            [offer("O-AUS-1", domains=["OP3D.LEG"], states=["PHL"], worldwide=False)],
            WORTH,
        )
    )
    assert found is not None
    assert reaches(found[1], found[2])[0].rules == {"DOMAIN": 1, "COVERAGE": 1}


def test_offers_that_reach_the_same_needs_are_counted() -> None:
    found = solved(
        problem(
            [need("R-PHL-1/1"), need("R-FJI-1/1")],
            [offer("O-AUS-1"), offer("O-AUS-2", states=["PHL"], worldwide=False), offer("O-AUS-3", units=0)],
            WORTH,
        )
    )
    assert found is not None
    assert [(reach.eligible, reach.shared) for reach in reaches(found[1], found[2])][:2] == [(2, 1), (1, 1)]


def test_an_offer_that_would_cost_more_than_it_gives_sees_no_gain() -> None:
    found = solved(problem([need()], [offer()], strategy(affinity__domain__fit=-5)))
    assert found is not None
    assert reaches(found[1], found[2])[0].use == Use.NO_GAIN
