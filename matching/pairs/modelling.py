"""From given pairs to a Model: needs whose rows of points are equal but for a constant share a profile."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.arrays import Bools, Ints
from matching.model import (
    NOBODY,
    UNLIMITED,
    Bundle,
    Conditions,
    Fairness,
    Limits,
    Lots,
    Model,
    Needs,
    Offers,
    Profiles,
    States,
)
from matching.optimum.ties import drawn
from matching.pairs.document import PairsProblem
from matching.pairs.records import PairState, Provider, RegionalGroup


@dataclass(frozen=True)
class Rows:
    """The pairs of each need, sorted by need, then offer, with the units of a pair at least and at most."""

    need: Ints
    offer: Ints
    points: Ints
    least: Ints
    most: Ints


def model(problem: PairsProblem) -> Model:
    """What there is to decide, in arrays: positions are those of the problem's sorted records."""
    need_units = _ints(need.units for need in problem.needs)
    offer_units = _ints(offer.units for offer in problem.offers)
    need_least = _ints(need.least for need in problem.needs)
    conditions = _conditions(problem)
    rows = _rows(problem)
    apart = (need_least > 0) | _marked(len(problem.needs), conditions.needs)
    profile, urgency, profiles = profiled(rows, need_units, offer_units, apart)
    quarter = problem.quarter or ""
    lot = drawn(quarter, (need.id for need in problem.needs))
    group_of = {name: position for position, name in enumerate(problem.group_ids)}
    provider_of = {provider.id: position for position, provider in enumerate(problem.providers)}
    asking = [NOBODY if need.state is None else problem.state_of[need.state] for need in problem.needs]
    fair = problem.objective == "equal_treatment"
    return Model(
        objective=problem.objective,
        needs=Needs(
            units=need_units,
            least=need_least,
            state=_ints(asking),
            profile=profile,
            urgency=urgency,
            place=places([need.date for need in problem.needs], lot),
            lot=lot,
        ),
        profiles=profiles,
        offers=Offers(
            units=offer_units,
            least=_ints(offer.least for offer in problem.offers),
            provider=_ints(provider_of.get(offer.provider or "", NOBODY) for offer in problem.offers),
            lot=drawn(quarter, (offer.id for offer in problem.offers)),
        ),
        states=States(
            group=_ints(group_of.get(state.group or "", NOBODY) for state in problem.states),
            received=_ints(state.received for state in problem.states),
            limits=_limits(problem.states),
        ),
        groups=_limits_of_groups(problem.group_ids, problem.regional_groups),
        providers=_limits(problem.providers),
        fairness=Fairness(problem.fairness.state, problem.fairness.group) if fair else Fairness(),
        conditions=conditions,
    )


def places(dates: Sequence[date | None], lot: Lots) -> Ints:
    """Place of each need among equals, from 0: the oldest first, undated ones last, then as drawn."""
    last = date.max.toordinal() + 1
    day = _ints(last if dated is None else dated.toordinal() for dated in dates)
    place = np.empty(len(day), dtype=np.int64)
    place[np.lexsort((np.arange(len(day)), lot, day))] = np.arange(len(day))
    return place


def profiled(rows: Rows, need_units: Ints, offer_units: Ints, apart: Bools) -> tuple[Ints, Ints, Profiles]:
    """Profile and urgency of each need, and the profiles; needs that are ``apart`` share theirs with nobody.

    So do needs with a pin or a most that binds. Profiles are numbered by their first need.
    """
    capped = rows.most < np.minimum(need_units[rows.need], offer_units[rows.offer])
    bound = rows.need[capped | (rows.least > 0)]
    apart = apart.copy()
    apart[bound] = True
    n_needs = len(need_units)
    start = np.searchsorted(rows.need, np.arange(n_needs + 1))
    length = np.diff(start)
    urgency = np.zeros(n_needs, dtype=np.int64)
    filled = length > 0
    urgency[filled] = rows.points[start[:-1][filled]]
    affinity = rows.points - urgency[rows.need]
    model_need = _first_alike(rows, affinity, start, apart)
    first, profile = np.unique(model_need, return_inverse=True)
    cells = np.repeat(start[first] - _before(length[first]), length[first]) + np.arange(int(length[first].sum()))
    most = np.where(capped, rows.most, UNLIMITED)
    ends = np.concatenate([[0], np.cumsum(length[first])])
    profiles = Profiles(ends, rows.offer[cells], affinity[cells], rows.least[cells], most[cells])
    return profile.astype(np.int64), urgency, profiles


def _first_alike(rows: Rows, affinity: Ints, start: Ints, apart: Bools) -> Ints:
    """For each need the first one with the same row; itself where it is apart.

    Rows are told apart by two hashes, then compared in full with the first of their like: should two different rows
    ever share both hashes, the later one merely stands by itself.
    """
    n_needs, length = len(start) - 1, np.diff(start)
    need = np.arange(n_needs)
    keys = [_sums(_mixed(rows.offer, affinity, salt), start) for salt in (1, 2)]
    order = np.lexsort((need, *keys, length, np.where(apart, need + 1, 0)))
    sorted_keys = [key[order] for key in (*keys, length, np.where(apart, need + 1, 0))]
    new = np.ones(n_needs, dtype=bool)
    new[1:] = np.logical_or.reduce([key[1:] != key[:-1] for key in sorted_keys])
    first = np.empty(n_needs, dtype=np.int64)
    first[order] = order[np.flatnonzero(new)[np.cumsum(new) - 1]]
    twin = np.arange(len(rows.need)) + (start[first] - start[:-1])[rows.need]
    differs = (rows.offer[twin] != rows.offer) | (affinity[twin] != affinity)
    first[rows.need[differs]] = rows.need[differs]
    return first


def _mixed(offer: Ints, affinity: Ints, salt: int) -> Lots:
    """A number for each cell of a row, all bits of which depend on the offer and on the affinity."""
    mixed = offer.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15) + np.uint64(salt)
    for part in (affinity.astype(np.uint64), np.uint64(0)):
        mixed = (mixed ^ (mixed >> np.uint64(30)) ^ part) * np.uint64(0xBF58476D1CE4E5B9)
        mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.asarray(mixed ^ (mixed >> np.uint64(31)), dtype=np.uint64)


def _sums(values: Lots, start: Ints) -> Lots:
    """Sum of the values of each row, modulo 2^64; 0 for an empty one."""
    total = np.concatenate([np.zeros(1, dtype=np.uint64), np.cumsum(values)])
    return np.asarray(total[start[1:]] - total[start[:-1]], dtype=np.uint64)


def _before(lengths: Ints) -> Ints:
    """Sum of the lengths before each one."""
    return np.cumsum(lengths) - lengths


def _rows(problem: PairsProblem) -> Rows:
    """Pairs without those that are forbidden or may have no units, with pins as leasts."""
    pairs, width = problem.pairs, len(problem.offers)
    keys = pairs.need * width + pairs.offer
    forbidden = _ints(problem.need_of[need] * width + problem.offer_of[offer] for need, offer in problem.forbidden)
    least = np.zeros(len(keys), dtype=np.int64)
    pinned = _ints(problem.need_of[pin.need] * width + problem.offer_of[pin.offer] for pin in problem.pinned)
    least[np.searchsorted(keys, pinned)] = _ints(pin.units for pin in problem.pinned)
    kept = (pairs.most > 0) & ~np.isin(keys, forbidden)
    return Rows(pairs.need[kept], pairs.offer[kept], pairs.points[kept], least[kept], pairs.most[kept])


def _conditions(problem: PairsProblem) -> Conditions:
    at = problem.need_of
    bundles = tuple(
        Bundle(tuple(at[need] for need in group.needs), group.least or len(group.needs)) for group in problem.groups
    )
    return Conditions(bundles, tuple((at[national], at[joint]) for national, joint in problem.substitutes))


def _limits(records: Sequence[PairState | RegionalGroup | Provider]) -> Limits:
    most = _ints(UNLIMITED if record.most is None else record.most for record in records)
    return Limits(_ints(record.least for record in records), most)


def _limits_of_groups(ids: Sequence[str], listed: Sequence[RegionalGroup]) -> Limits:
    limits = {group.id: group for group in listed}
    return _limits([limits.get(name, RegionalGroup(id=name)) for name in ids])


def _marked(number: int, positions: Iterable[int]) -> Bools:
    marked = np.zeros(number, dtype=bool)
    marked[list(positions)] = True
    return marked


def _ints(values: Iterable[int]) -> Ints:
    return np.fromiter(values, dtype=np.int64)
