"""What may not change about an optimum when the model changes in a way that should not matter, or only one way.

BL-3 to BL-6 of the checklist of expectations, as far as they concern the engine.
"""

import random
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from matching.model import NOBODY, Fairness, Limits, Model, Objective, Outcome, Profiles
from matching.optimise import optimise
from tests.matching import brute
from tests.matching.model_draws import OBJECTIVES, Size, drawn_model, draws

pytestmark = pytest.mark.once

SIZE = Size(needs=5, offers=4)
ADDITIVE: tuple[Objective, ...] = ("points", "most_needs_served", "equal_treatment")


def pairs(outcome: Outcome) -> list[tuple[int, int, int]]:
    found = outcome.allocation
    return list(zip(found.need.tolist(), found.offer.tolist(), found.units.tolist(), strict=True))


def served(outcome: Outcome, need: int) -> int:
    return sum(units for of, _, units in pairs(outcome) if of == need)


def changed(part: Any, **values: Any) -> Any:
    """A part of a model with other values."""
    return replace(part, **values)


def with_offer(model: Model) -> Model:
    """One offer more, that may serve nobody."""
    ends = {"units": 3, "least": 0, "provider": NOBODY, "lot": 7}
    offers = {
        name: np.append(getattr(model.offers, name), getattr(model.offers, name).dtype.type(value))
        for name, value in ends.items()
    }
    return replace(model, offers=changed(model.offers, **offers))


@pytest.mark.parametrize("seed", range(draws(60)))
def test_more_capacity_never_lowers_the_optimum(seed: int) -> None:
    model, draw = drawn_model(seed, size=SIZE), random.Random(seed)
    units = model.offers.units.copy()
    units[draw.randrange(model.n_offers)] += draw.randint(1, 3)
    before = optimise(model)
    after = optimise(replace(model, offers=changed(model.offers, units=units)))
    if before.status == "optimal":
        assert after.objective >= before.objective


@pytest.mark.parametrize("seed", range(draws(60)))
def test_dropping_an_unserved_need_changes_no_total(seed: int) -> None:
    model = drawn_model(seed, ADDITIVE, size=SIZE)
    # Slopes of regional groups depend on how many States ask, so they may change.
    model = replace(model, fairness=Fairness(model.fairness.state))
    before = optimise(model)
    unserved = [need for need in range(model.n_needs) if before.status == "optimal" and not served(before, need)]
    for need in unserved:
        kept = np.delete(np.arange(model.n_needs), need)
        needs = {name: getattr(model.needs, name)[kept] for name in vars(model.needs)}
        needs["place"] = np.argsort(np.argsort(needs["place"]))
        after = optimise(replace(model, needs=changed(model.needs, **needs)))
        assert after.objective == before.objective


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_4_multiplying_all_points_and_slopes_changes_no_pairing(seed: int) -> None:
    model = drawn_model(seed, size=SIZE)
    times = random.Random(seed).choice([2, 3, 10])
    more = replace(
        model,
        needs=changed(model.needs, urgency=model.needs.urgency * times),
        profiles=replace(model.profiles, affinity=model.profiles.affinity * times),
        fairness=Fairness(*(tuple(slope * times for slope in part) for part in vars(model.fairness).values())),
    )
    before, after = optimise(model), optimise(more)
    assert (after.status, pairs(after)) == (before.status, pairs(before))


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_4_an_offer_that_may_serve_nobody_changes_nothing(seed: int) -> None:
    model = drawn_model(seed, size=SIZE)
    before, after = optimise(model), optimise(with_offer(model))
    assert (after.status, after.objective, pairs(after)) == (before.status, before.objective, pairs(before))


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_4_without_an_offer_that_serves_the_optimum_never_rises(seed: int) -> None:
    model = drawn_model(seed, quotas=False, size=SIZE)
    before = optimise(model)
    for offer in {offer for _, offer, _ in pairs(before)}:
        units = np.where(np.arange(model.n_offers) == offer, 0, model.offers.units)
        assert optimise(replace(model, offers=changed(model.offers, units=units))).objective <= before.objective


@pytest.mark.parametrize("seed", range(draws(60)))
def test_exchanging_the_names_of_states_exchanges_their_results(seed: int) -> None:
    model, draw = drawn_model(seed, size=SIZE), random.Random(seed)
    place = np.array(draw.sample(range(model.n_states), model.n_states))
    origin = np.argsort(place)
    states = replace(
        model.states,
        group=model.states.group[origin],
        received=model.states.received[origin],
        limits=Limits(model.states.limits.least[origin], model.states.limits.most[origin]),
    )
    state = np.where(model.needs.state == NOBODY, NOBODY, place[model.needs.state])
    before = optimise(model)
    after = optimise(replace(model, needs=changed(model.needs, state=state), states=states))
    assert (after.status, after.objective, pairs(after)) == (before.status, before.objective, pairs(before))


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_3_offers_in_another_order_give_the_same_pairings(seed: int) -> None:
    model, draw = drawn_model(seed, size=SIZE), random.Random(seed)
    place = np.array(draw.sample(range(model.n_offers), model.n_offers))
    origin = np.argsort(place)
    cells = model.profiles
    order = np.lexsort((place[cells.offer], cells.of_cell))
    profiles = Profiles(
        cells.start, place[cells.offer][order], cells.affinity[order], cells.least[order], cells.most[order]
    )
    offers = {name: getattr(model.offers, name)[origin] for name in vars(model.offers)}
    before = optimise(model)
    after = optimise(replace(model, profiles=profiles, offers=changed(model.offers, **offers)))
    assert (after.status, after.objective) == (before.status, before.objective)
    assert served_by_need(after, model) == served_by_need(before, model)


def served_by_need(outcome: Outcome, model: Model) -> list[int]:
    return [served(outcome, need) for need in range(model.n_needs)]


@pytest.mark.parametrize("seed", range(draws(60)))
def test_asking_for_more_units_of_a_need_never_wins_it_more_of_those_it_asked_for(seed: int) -> None:
    """Useful units are those that were asked for before: what is asked beyond them is worth nothing to anybody."""
    model, draw = drawn_model(seed, ADDITIVE, quotas=False, size=SIZE), random.Random(seed)
    need = draw.randrange(model.n_needs)
    units = model.needs.units.copy()
    units[need] += draw.randint(1, 3)
    before = optimise(model)
    after = optimise(replace(model, needs=changed(model.needs, units=units)))
    assert min(served(after, need), int(model.needs.units[need])) <= served(before, need)


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_5_every_quota_is_kept_whatever_the_objective(seed: int) -> None:
    for objective in OBJECTIVES:
        model = drawn_model(seed, [objective], size=SIZE)
        outcome = optimise(model)
        if outcome.status == "optimal":
            assert brute.feasible(model, {(need, offer): units for need, offer, units in pairs(outcome)})


@pytest.mark.parametrize("seed", range(draws(60)))
def test_bl_6_the_optimum_is_that_of_exhaustive_search(seed: int) -> None:
    model = drawn_model(seed, ADDITIVE, size=SIZE)
    best, outcome = brute.best(model), optimise(model)
    if best is None:
        assert outcome.status == "infeasible"
        assert outcome.obstacle is not None
    else:
        assert outcome.objective == best.objective
        assert outcome.bound == outcome.objective
