"""What cannot be kept is told by a set of needs, offers and limits, in sums that anyone can add up again."""

from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

from matching.infeasible import shortfall
from matching.infeasible.obstruction import find, named
from matching.model import NOBODY, UNLIMITED, Limits, Model, Needs, Offers, Profiles, States
from tests.matching import brute
from tests.matching.model_draws import Size, drawn_model, draws

pytestmark = pytest.mark.once

KINDS = ("groups", "states", "needs", "offers", "providers")
SIZE = Size(needs=4, offers=3)
Members = frozenset[tuple[str, int]]
GROUND = ("ground", 0)


def arcs(model: Model) -> list[tuple[tuple[str, int], tuple[str, int], int, int]]:
    """The circle of units, arc by arc: from, to, least, most."""

    def node(kind: str, position: int) -> tuple[str, int]:
        return GROUND if position == NOBODY else (kind, position)

    laid = []
    for h, (least, most) in enumerate(zip(model.groups.least.tolist(), model.groups.most.tolist(), strict=True)):
        laid.append((GROUND, ("groups", h), least, most))
    limits = model.states.limits
    for t, group in enumerate(model.states.group.tolist()):
        laid.append((node("groups", group), ("states", t), int(limits.least[t]), int(limits.most[t])))
    for i, state in enumerate(model.needs.state.tolist()):
        laid.append((node("states", state), ("needs", i), int(model.needs.least[i]), int(model.needs.units[i])))
        profile = model.needs.profile[i]
        for cell in range(int(model.profiles.start[profile]), int(model.profiles.start[profile + 1])):
            pair = ("needs", i), ("offers", int(model.profiles.offer[cell]))
            laid.append((*pair, int(model.profiles.least[cell]), int(model.profiles.most[cell])))
    for j, provider in enumerate(model.offers.provider.tolist()):
        least, units = int(model.offers.least[j]), int(model.offers.units[j])
        laid.append((("offers", j), node("providers", provider), least, units))
    for k, (least, most) in enumerate(zip(model.providers.least.tolist(), model.providers.most.tolist(), strict=True)):
        laid.append((("providers", k), GROUND, least, most))
    return laid


def sums(model: Model, code: str, members: Members) -> tuple[int, int]:
    """What has to cross the edge of a set one way, and what can cross it the other way."""
    inwards = code == "NEEDS_OVER_SUPPLY"
    into = [arc for arc in arcs(model) if arc[0] not in members and arc[1] in members]
    out = [arc for arc in arcs(model) if arc[0] in members and arc[1] not in members]
    required, possible = (into, out) if inwards else (out, into)
    return sum(arc[2] for arc in required), sum(arc[3] for arc in possible)


def members_of(params: dict[str, Any]) -> Members:
    return frozenset((kind, position) for kind in KINDS for position in params[kind])


def is_short(model: Model, code: str, members: Members) -> bool:
    required, possible = sums(model, code, members)
    return required > possible


def counts(model: Model) -> tuple[int, ...]:
    return len(model.groups.least), model.n_states, model.n_needs, model.n_offers, len(model.providers.least)


def plain(need_units: list[int], offer_units: list[int], **changes: Any) -> Model:
    """Needs that each offer may serve, each alone in its profile; changes are parts of the model."""
    n, m = len(need_units), len(offer_units)
    given = dict(zip(("needs", "offers"), (need_units, offer_units), strict=True))
    units = {kind: np.array(values, dtype=np.int64) for kind, values in given.items()}
    nobody = {kind: np.full(len(values), NOBODY, dtype=np.int64) for kind, values in units.items()}
    zeros = {kind: np.zeros(len(values), dtype=np.int64) for kind, values in units.items()}
    lots = {kind: np.zeros(len(values), dtype=np.uint64) for kind, values in units.items()}
    cells = np.zeros(n * m, dtype=np.int64)
    model: Any = Model(
        objective="points",
        needs=Needs(
            units["needs"], zeros["needs"], nobody["needs"], np.arange(n), zeros["needs"], np.arange(n), lots["needs"]
        ),
        profiles=Profiles(np.arange(n + 1) * m, np.tile(np.arange(m), n), cells, cells, cells + UNLIMITED),
        offers=Offers(units["offers"], zeros["offers"], nobody["offers"], lots["offers"]),
        states=States(np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64), Limits.none(0)),
        groups=Limits.none(0),
        providers=Limits.none(0),
    )
    for path, value in changes.items():
        part, _, name = path.partition("__")
        new = np.array(value, dtype=np.int64) if isinstance(value, list) else value
        model = replace(model, **{part: replace(getattr(model, part), **{name: new}) if name else new})
    assert isinstance(model, Model)
    return model


@pytest.mark.parametrize("seed", range(draws(150)))
def test_a_model_has_an_obstacle_exactly_when_nothing_is_feasible(seed: int) -> None:
    model = drawn_model(seed, size=SIZE)
    obstacle: Any = find(model)
    assert (obstacle is None) == (brute.best(model) is not None)
    if obstacle is not None:
        params, members = obstacle["params"], members_of(obstacle["params"])
        assert (params["required"], params["possible"]) == sums(model, obstacle["code"], members)
        assert params["short"] == params["required"] - params["possible"] > 0


@pytest.mark.parametrize("seed", range(draws(150)))
def test_no_obstacle_has_fewer_members(seed: int) -> None:
    model = drawn_model(seed, size=Size(needs=3, offers=2, states=2, groups=1, providers=1))
    obstacle: Any = find(model)
    if obstacle is not None:
        assert obstacle["params"]["smallest"] == "by_number"
        nodes = [(kind, n) for kind, number in zip(KINDS, counts(model), strict=True) for n in range(number)]
        for size in range(len(members_of(obstacle["params"]))):
            for chosen in combinations(nodes, size):
                for code in ("NEEDS_OVER_SUPPLY", "OFFERS_OVER_DEMAND"):
                    assert not is_short(model, code, frozenset(chosen))


@pytest.mark.parametrize("seed", range(draws(100)))
def test_an_obstacle_lists_every_bound_in_its_sums(seed: int) -> None:
    obstacle: Any = find(drawn_model(seed, size=SIZE))
    if obstacle is not None:
        params = obstacle["params"]
        assert sum(term["units"] for term in params["required_by"]) == params["required"]
        assert sum(term["units"] for term in params["limited_by"]) == params["possible"]
        assert all(term["units"] > 0 for term in params["required_by"])


@pytest.mark.parametrize("seed", range(draws(30)))
def test_of_many_nodes_no_member_of_an_obstacle_can_be_spared(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shortfall, "LARGEST_SEARCHED", 0)
    model = drawn_model(seed, size=Size(needs=8, offers=6))
    obstacle: Any = find(model)
    if obstacle is not None:
        members = sorted(members_of(obstacle["params"]))
        assert is_short(model, obstacle["code"], frozenset(members))
        for size in range(len(members) if len(members) <= 10 else 0):
            assert not any(is_short(model, obstacle["code"], frozenset(few)) for few in combinations(members, size))
        assert obstacle["params"]["smallest"] == ("by_number" if len(members) == 1 else "by_inclusion")


def test_needs_that_must_receive_more_than_their_offers_have() -> None:
    model = plain([3, 2, 9], [2, 1, 5], needs__least=[3, 1, 0])
    # The third offer serves the third need alone.
    kept = np.array([0, 1, 3, 4, 6, 7, 8])
    cells = model.profiles
    model = replace(
        model,
        profiles=Profiles(
            np.array([0, 2, 4, 7]), cells.offer[kept], cells.affinity[kept], cells.least[kept], cells.most[kept]
        ),
    )
    assert find(model) == {
        "code": "NEEDS_OVER_SUPPLY",
        "params": {
            "required": 4,
            "possible": 3,
            "short": 1,
            "groups": [],
            "states": [],
            "needs": [0, 1],
            "offers": [0, 1],
            "providers": [],
            "required_by": [{"need": 0, "units": 3}, {"need": 1, "units": 1}],
            "limited_by": [{"offer": 0, "units": 2}, {"offer": 1, "units": 1}],
            "smallest": "by_number",
        },
    }
    # As many units more as it is short, and it is none.
    assert find(replace(model, offers=replace(model.offers, units=np.array([2, 2, 5])))) is None


def test_offers_that_must_give_more_than_their_needs_can_take() -> None:
    obstacle: Any = find(plain([1, 1], [2, 3], offers__least=[1, 3]))
    assert obstacle["code"] == "OFFERS_OVER_DEMAND"
    assert (obstacle["params"]["required"], obstacle["params"]["possible"]) == (3, 2)
    assert (obstacle["params"]["needs"], obstacle["params"]["offers"]) == ([0, 1], [1])


def test_the_limit_of_a_provider_counts_for_all_its_offers() -> None:
    providers = Limits(np.array([0]), np.array([3]))
    obstacle: Any = find(plain([4], [2, 2], needs__least=[4], offers__provider=[0, 0], providers=providers))
    assert obstacle["params"]["providers"] == [0]
    assert obstacle["params"]["limited_by"] == [{"provider": 0, "units": 3}]
    assert obstacle["params"]["short"] == 1


def test_a_cap_on_a_pair_is_named_with_both_its_ends() -> None:
    obstacle: Any = find(plain([4], [2, 2], needs__least=[4], profiles__most=[2, 1]))
    assert {"need": 0, "offer": 1, "units": 1} in obstacle["params"]["limited_by"]


def test_a_state_promised_more_than_its_needs_ask() -> None:
    states = States(np.array([NOBODY]), np.array([0]), Limits(np.array([5]), np.array([UNLIMITED])))
    obstacle: Any = find(plain([2, 2], [9], needs__state=[0, 0], states=states))
    assert obstacle["params"]["states"] == [0]
    assert obstacle["params"]["limited_by"] == [{"need": 0, "units": 2}, {"need": 1, "units": 2}]


def test_sums_of_any_size_are_exact() -> None:
    billion = 10**9
    obstacle: Any = find(plain([billion] * 12, [12 * billion - 1], needs__least=[billion] * 12))
    assert obstacle["params"]["short"] == 1
    assert obstacle["params"]["required"] == 12 * billion


def test_an_obstacle_is_read_with_ids_in_the_place_of_positions() -> None:
    obstacle = find(plain([2], [1, 3], needs__least=[2], profiles__most=[UNLIMITED, 0]))
    assert obstacle is not None
    ids = {"needs": ["N"], "offers": ["A", "B"], "states": [], "groups": [], "providers": []}
    assert named(obstacle, ids) == {
        "code": "NEEDS_OVER_SUPPLY",
        "params": {
            "required": 2,
            "possible": 1,
            "short": 1,
            "groups": [],
            "states": [],
            "needs": ["N"],
            "offers": ["A"],
            "providers": [],
            "required_by": [{"need": "N", "units": 2}],
            "limited_by": [{"need": "N", "offer": "B", "units": 0}, {"offer": "A", "units": 1}],
            "smallest": "by_number",
        },
    }
