"""Small models drawn at random: every objective, quota and condition, with ties, worthless pairs and receipts."""

import os
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import numpy as np
from hypothesis import strategies as st

from matching.arrays import Ints
from matching.model import (
    NOBODY,
    UNLIMITED,
    Bundle,
    Conditions,
    Fairness,
    Limits,
    Model,
    Needs,
    Objective,
    Offers,
    Profiles,
    States,
)

OBJECTIVES: tuple[Objective, ...] = get_args(Objective)


@dataclass(frozen=True)
class Size:
    """The most there may be of each thing; units are those of one need or offer."""

    needs: int = 4
    offers: int = 3
    units: int = 3
    states: int = 3
    groups: int = 2
    providers: int = 2


TINY = Size()
"""Small enough for exhaustive search (`brute`)."""


def draws(few: int) -> int:
    """How many problems a property is tried on: few, unless MATCHING_DRAWS asks for another number."""
    return int(os.environ.get("MATCHING_DRAWS", few))


def models(
    objectives: Sequence[Objective] = OBJECTIVES, quotas: bool = True, conditions: bool = False, size: Size = TINY
) -> st.SearchStrategy[Model]:
    """Models for Hypothesis, which shrinks them."""
    source = st.randoms(use_true_random=False)
    return source.map(lambda draw: _Drawn(draw, size).model(draw.choice(objectives), quotas, conditions))


def drawn_model(
    seed: int,
    objectives: Sequence[Objective] = OBJECTIVES,
    quotas: bool = True,
    conditions: bool = False,
    size: Size = TINY,
) -> Model:
    """The model of a seed, always the same one."""
    draw = random.Random(seed)
    return _Drawn(draw, size).model(draw.choice(objectives), quotas, conditions)


class _Drawn:
    def __init__(self, draw: random.Random, size: Size) -> None:
        self._draw, self._size = draw, size
        self._n_needs, self._n_offers = draw.randint(1, size.needs), draw.randint(1, size.offers)
        self._n_states = draw.randint(1, size.states)
        self._n_groups, self._n_providers = draw.randint(0, size.groups), draw.randint(0, size.providers)
        self._need_units = self._some(range(1, size.units + 1), self._n_needs)
        self._offer_units = self._some(range(size.units + 1), self._n_offers)

    def model(self, objective: Objective, quotas: bool, conditions: bool) -> Model:
        # Most models have a few quotas, or nearly all of those with many would be infeasible.
        kinds = ("need", "pin", "cap", "offer", "state", "group", "provider")
        of_kind = {kind: quotas and self._draw.random() < 0.3 for kind in kinds}
        bound = self._conditions() if conditions else Conditions()
        least = np.array([self._few(units) if of_kind["need"] else 0 for units in self._need_units.tolist()], dtype=int)
        own = [least[need] > 0 or need in bound.needs for need in range(self._n_needs)]
        profile, profiles = self._profiles(own, of_kind["pin"], of_kind["cap"])
        urgency = self._some(range(-1, 4), self._n_needs)
        places = self._draw.sample(range(self._n_needs), self._n_needs)
        needs = Needs(
            units=self._need_units,
            least=least,
            state=self._positions(self._n_states, self._n_needs),
            profile=profile,
            urgency=urgency,
            place=np.array(places, dtype=np.int64),
            lot=self._lots(self._n_needs),
        )
        offered = self._offer_units.tolist()
        offers = Offers(
            units=self._offer_units,
            least=np.array([self._few(units) if of_kind["offer"] else 0 for units in offered], dtype=np.int64),
            provider=self._positions(self._n_providers, self._n_offers),
            lot=self._lots(self._n_offers),
        )
        states = States(
            group=self._positions(self._n_groups, self._n_states),
            received=self._some(range(3), self._n_states),
            limits=self._limits(self._n_states, of_kind["state"]),
        )
        groups = self._limits(self._n_groups, of_kind["group"])
        providers = self._limits(self._n_providers, of_kind["provider"])
        fairness = Fairness()
        if objective == "equal_treatment":
            fairness = Fairness(self._slopes(), self._slopes())
        return Model(objective, needs, profiles, offers, states, groups, providers, fairness, bound)

    def _profiles(self, own: list[bool], pins: bool, caps: bool) -> tuple[Ints, Profiles]:
        """The profile of each need, and what offers serve each profile: own ones for needs that may not share."""
        draw = self._draw
        n_shared = draw.randint(1, 2)
        chosen = [NOBODY if alone or draw.random() < 0.3 else draw.randrange(n_shared) for alone in own]
        shared = sorted(set(chosen) - {NOBODY})
        n_profiles, profile = len(shared), []
        for pick in chosen:
            profile.append(n_profiles if pick == NOBODY else shared.index(pick))
            n_profiles += pick == NOBODY
        start, cells = [0], []
        for position in range(n_profiles):
            for offer in range(self._n_offers):
                if draw.random() < 0.8:
                    least, most = self._cell(pins, caps) if profile.count(position) == 1 else (0, self._no_cap())
                    cells.append((offer, draw.choice([0, 0, 1, 1, 2, 5, -2]), least, most))
            start.append(len(cells))
        columns = np.array(cells, dtype=np.int64).reshape(-1, 4).T.copy()
        return np.array(profile, dtype=np.int64), Profiles(np.array(start, dtype=np.int64), *columns)

    def _cell(self, pins: bool, caps: bool) -> tuple[int, int]:
        """At least and at most so many units of a pair."""
        most = self._draw.randint(1, 2) if caps and self._draw.random() < 0.4 else UNLIMITED
        return (self._draw.randint(1, min(2, most)) if pins and self._draw.random() < 0.25 else 0), most

    def _no_cap(self) -> int:
        return self._draw.choice([UNLIMITED, self._size.units])

    def _conditions(self) -> Conditions:
        """Bundles without a need in common, and substitutes."""
        draw, bundles = self._draw, []
        left = draw.sample(range(self._n_needs), self._n_needs)
        while len(left) > 1 and draw.random() < 0.6:
            taken, left = left[: draw.randint(1, 3)], left[3:]
            bundles.append(Bundle(tuple(sorted(taken)), draw.randint(1, len(taken))))
        substitutes = set()
        while self._n_needs > 1 and draw.random() < 0.4:
            substitutes.add(tuple(draw.sample(range(self._n_needs), 2)))
        return Conditions(tuple(bundles), tuple(sorted((national, joint) for national, joint in substitutes)))

    def _limits(self, number: int, any_bind: bool) -> Limits:
        most = [self._draw.choice([UNLIMITED, UNLIMITED, 0, 1, 2, 3]) if any_bind else UNLIMITED for _ in range(number)]
        least = [min(self._few(3), bound) if any_bind else 0 for bound in most]
        return Limits(np.array(least, dtype=np.int64), np.array(most, dtype=np.int64))

    def _slopes(self) -> tuple[int, ...]:
        return tuple(sorted(self._draw.choice([0, 0, 1, 2, 3, 6]) for _ in range(self._draw.randint(0, 4)))[::-1])

    def _few(self, most: int) -> int:
        """A least: mostly none."""
        return self._draw.randint(1, most) if most and self._draw.random() < 0.35 else 0

    def _some(self, values: Sequence[int], number: int) -> Ints:
        return np.array([self._draw.choice(values) for _ in range(number)], dtype=np.int64)

    def _positions(self, among: int, number: int) -> Ints:
        return self._some([NOBODY, *range(among), *range(among)], number)

    def _lots(self, number: int) -> np.ndarray[tuple[int, ...], np.dtype[np.uint64]]:
        return np.array([self._draw.getrandbits(64) for _ in range(number)], dtype=np.uint64)
