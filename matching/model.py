"""Model: what there is to decide, as arrays. Both forms of a problem document become one, and every solver reads one.

Needs that any offer serves equally well but for a constant of the need's own are told apart only by that constant: they
share a *profile*, which holds the affinities once. A problem of given pairs has as many profiles as it has different
rows of points; a problem of attributes as many as it has different needs in the eyes of the rules.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Bools, Ints, totals

Lots = NDArray[np.uint64]

Objective = Literal["points", "most_needs_served", "leximin", "equal_treatment"]

NOBODY = -1
"""Position of the State, regional group or provider of what has none."""

UNLIMITED = 2**62
"""A most that never binds."""


@dataclass(frozen=True)
class Needs:
    """What is asked: arrays of length ``n_needs``, in canonical order (by id).

    ``units`` are asked, of which at least ``least`` must be served. ``state`` is a position in the model's States, or
    NOBODY where units count for none. Any pair of the need is worth its ``urgency`` beside the affinity of its profile.
    ``place`` orders all needs among equals, from 0, without repetition: most urgent first, then oldest, then as drawn.
    """

    units: Ints
    least: Ints
    state: Ints
    profile: Ints
    urgency: Ints
    place: Ints
    lot: Lots


@dataclass(frozen=True)
class Profiles:
    """Cells: the offers that may serve the needs of each profile.

    Those of profile ``p`` are ``start[p]:start[p + 1]``, by ascending ``offer``; a unit of a need through a cell earns
    ``affinity`` beside the need's urgency. Of one need at least ``least`` and at most ``most`` units go through the
    cell. A profile where any of these binds below the need's units and the offer's, or whose needs have a least or a
    condition, belongs to one need alone (``Model.alone``): what is shared is what is interchangeable.
    """

    start: Ints
    offer: Ints
    affinity: Ints
    least: Ints
    most: Ints

    @cached_property
    def of_cell(self) -> Ints:
        """The profile of each cell."""
        return np.repeat(np.arange(len(self.start) - 1, dtype=np.int64), np.diff(self.start))


@dataclass(frozen=True)
class Offers:
    """What is offered: arrays of length ``n_offers``, by id. ``provider`` is NOBODY where no provider's total binds."""

    units: Ints
    least: Ints
    provider: Ints
    lot: Lots


@dataclass(frozen=True)
class Limits:
    """At least and at most so many units in all, for each of some States, regional groups or providers."""

    least: Ints
    most: Ints

    @classmethod
    def none(cls, number: int) -> "Limits":
        """Limits that never bind."""
        return cls(np.zeros(number, dtype=np.int64), np.full(number, UNLIMITED, dtype=np.int64))


@dataclass(frozen=True)
class States:
    """Who asks: arrays of length ``n_states``, by id. ``group`` is the regional group, NOBODY where it has none.

    ``received`` units count before those of this run.
    """

    group: Ints
    received: Ints
    limits: Limits


@dataclass(frozen=True)
class Fairness:
    """What the n-th unit earns beside its points; whole, never rising, the last one repeats; empty earns nothing.

    A State's n-th unit of this run earns ``state[received + n - 1]``. A regional group's n-th unit, with m asking
    States, earns ``group[ceil(n / m) - 1]``.
    """

    state: tuple[int, ...] = ()
    group: tuple[int, ...] = ()


@dataclass(frozen=True)
class Bundle:
    """Needs served together: at least ``least`` of them in full and each other one in full or not at all, or none.

    A bundle of fewer needs than its least is never served.
    """

    needs: tuple[int, ...]
    least: int


@dataclass(frozen=True)
class Conditions:
    """What no flow can say: bundles (a need is in at most one), and pairs of needs of which at most one is served.

    ``substitutes`` are (national need, joint need): positions of needs that may not both receive units.
    """

    bundles: tuple[Bundle, ...] = ()
    substitutes: tuple[tuple[int, int], ...] = ()

    @property
    def needs(self) -> frozenset[int]:
        """Needs that any condition speaks of."""
        bundled = (need for bundle in self.bundles for need in bundle.needs)
        return frozenset(bundled) | frozenset(need for pair in self.substitutes for need in pair)

    def kept_by(self, units: Ints, asked: Ints) -> bool:
        """Whether needs that receive so many of the units that they ask for keep all conditions."""
        full = units == asked
        for bundle in self.bundles:
            needs = list(bundle.needs)
            partly = (units[needs] > 0) & ~full[needs]
            if partly.any() or 0 < np.count_nonzero(full[needs]) < bundle.least:
                return False
        return not any(units[one] and units[other] for one, other in self.substitutes)


@dataclass(frozen=True)
class Model:
    """One problem to optimise.

    Choose whole units x(need, offer) >= 0 over the cells of the needs' profiles, within every least and most, that make
    the objective lexicographically greatest:

    * ``points``: sum of x times points
    * ``equal_treatment``: the same, and what ``fairness`` adds
    * ``most_needs_served``: units, then points
    * ``leximin``: the ascending vector of served / asked of the States that ask, then points
    """

    objective: Objective
    needs: Needs
    profiles: Profiles
    offers: Offers
    states: States
    groups: Limits
    providers: Limits
    fairness: Fairness = field(default_factory=Fairness)
    conditions: Conditions = field(default_factory=Conditions)

    @property
    def n_needs(self) -> int:
        """How many needs there are."""
        return len(self.needs.units)

    @property
    def n_offers(self) -> int:
        """How many offers there are."""
        return len(self.offers.units)

    @property
    def n_profiles(self) -> int:
        """How many different rows of affinities there are."""
        return len(self.profiles.start) - 1

    @property
    def n_states(self) -> int:
        """How many States there are, asking or not."""
        return len(self.states.group)

    @cached_property
    def asked(self) -> Ints:
        """Units asked by each State for itself."""
        return totals(self.needs.state, self.needs.units, self.n_states)

    @cached_property
    def n_asking(self) -> Ints:
        """How many States of each regional group ask for something."""
        group = self.states.group[self.asked > 0]
        return totals(group, np.ones_like(group), len(self.groups.most))

    @cached_property
    def alone(self) -> Bools:
        """Profiles with only one need."""
        return np.asarray(np.bincount(self.needs.profile, minlength=self.n_profiles) == 1, dtype=bool)

    def cell(self, need: Ints, offer: Ints) -> Ints:
        """Positions of the cells of pairs; -1 where the offer may not serve the need."""
        width = self.n_offers
        wanted = self.needs.profile[need] * width + offer
        keys = self.profiles.of_cell * width + self.profiles.offer
        at = np.minimum(np.searchsorted(keys, wanted), max(len(keys) - 1, 0))
        return np.where(keys[at] == wanted, at, -1) if len(keys) else np.full(wanted.shape, -1, dtype=np.int64)

    def points(self, need: Ints, cell: Ints) -> Ints:
        """Points of one unit of each need through each cell."""
        return self.needs.urgency[need] + self.profiles.affinity[cell]


@dataclass(frozen=True)
class Allocation:
    """Units chosen: positions of needs and offers, sorted by need, then offer; units (at least 1), points of one."""

    need: Ints
    offer: Ints
    units: Ints
    points: Ints

    def of_needs(self, n_needs: int) -> Ints:
        """Units that each need receives."""
        return totals(self.need, self.units, n_needs)

    @classmethod
    def none(cls) -> "Allocation":
        """Nothing is served."""
        return cls(*(np.zeros(0, dtype=np.int64) for _ in range(4)))


Status = Literal["optimal", "infeasible", "time_limit"]


@dataclass(frozen=True)
class Prices:
    """What proves a bound on ``units_weight`` x units + ``points_weight`` x (points + fairness).

    A unit taken from an offer costs its ``offer`` price, one given to a State counts ``state`` beside its points, a
    unit counted for a regional group ``group``, one taken from a provider costs ``provider``. Any prices give a bound
    (`certificate`); those of an optimal flow give the optimum itself. Whole numbers of any size.
    """

    units_weight: int
    points_weight: int
    offer: Sequence[int]
    provider: Sequence[int]
    state: Sequence[int]
    group: Sequence[int]


@dataclass(frozen=True)
class Outcome:
    """How a search ended.

    ``objective`` and ``bound`` are in lexicographic order, exact; empty where nothing feasible was found. ``proof``
    holds one set of prices for each entry of the bound that flows can prove. ``solver_bound`` is what HiGHS claims
    beyond that, where there are conditions. ``obstacle`` says why an infeasible model is.
    """

    status: Status
    allocation: Allocation
    objective: tuple[int, ...]
    bound: tuple[int, ...]
    proof: tuple[Prices, ...] = ()
    solver_bound: tuple[int, ...] | None = None
    obstacle: dict[str, object] | None = None
