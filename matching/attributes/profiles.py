"""A problem of attributes as a model: needs that rules and terms see alike share a profile and its cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from matching.arrays import Ints
from matching.attributes.eligibility import Eligibility, evaluate
from matching.attributes.facts import Facts
from matching.attributes.pins import Pins
from matching.attributes.problem import Problem
from matching.attributes.scoring import Scoring
from matching.attributes.strategy import Quota, slopes_of
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


@dataclass(frozen=True)
class Judged:
    """A problem's rows by profile: those that rules, terms, quotas and conditions see alike have one in common."""

    facts: Facts
    eligibility: Eligibility
    scoring: Scoring


@dataclass(frozen=True)
class Compiled:
    """A model, what it was made of, and the names of its positions.

    The model's needs are the rows of the problem, its offers and States those of the problem; ``groups`` are the
    regional groups and ``providers`` those whose total has a limit.
    """

    model: Model
    judged: Judged
    groups: Sequence[str]
    providers: Sequence[str]


def judge(problem: Problem) -> Judged:
    """Judge the pairs of a problem, profile by profile."""
    facts = Facts(problem)
    scoring = Scoring(facts)
    alone = _alone(facts, _conditions(problem), _Quotas(problem))
    return Judged(facts, evaluate(facts, [*scoring.kinds, alone]), scoring)


def model_of(judged: Judged) -> Compiled:
    """Compile a problem whose pins keep its rules (`pins.obstacle`)."""
    facts, eligibility, scoring = judged.facts, judged.eligibility, judged.scoring
    problem = facts.problem
    quotas = _Quotas(problem)
    groups = sorted({state.regional_group for state in problem.states})
    providers = sorted({provider.id for provider in problem.record.providers} | quotas.of["provider"].keys())
    state_slopes, group_slopes = slopes_of(problem.strategy)
    model = Model(
        objective=problem.strategy.objective,
        needs=_needs(facts, scoring, eligibility, quotas),
        profiles=_profiles(facts, scoring, eligibility),
        offers=_offers(problem, quotas, providers),
        states=_states(problem, quotas, groups),
        groups=quotas.limits("regional_group", groups),
        providers=quotas.limits("provider", providers, {each.id: each.units for each in problem.record.providers}),
        fairness=Fairness(tuple(state_slopes), tuple(group_slopes)),
        conditions=_conditions(problem),
    )
    return Compiled(model, judged, groups, providers)


class _Quotas:
    """The quotas of a strategy by kind and id."""

    def __init__(self, problem: Problem) -> None:
        kinds = ("state", "regional_group", "provider", "need", "offer")
        self.of: Mapping[str, dict[str, Quota]] = {kind: {} for kind in kinds}
        for quota in problem.strategy.quotas:
            self.of[quota.kind][quota.id] = quota

    def limits(self, kind: str, ids: Iterable[str], at_most: Mapping[str, int] | None = None) -> Limits:
        """Limits of each of some things in their order; ``at_most`` are units that some of them have anyway."""
        listed = [(self.of[kind].get(name), (at_most or {}).get(name, UNLIMITED)) for name in ids]
        least = [quota.least or 0 if quota else 0 for quota, _ in listed]
        most = [min(units, quota.most) if quota and quota.most is not None else units for quota, units in listed]
        return Limits(np.array(least, dtype=np.int64), np.array(most, dtype=np.int64))


def _conditions(problem: Problem) -> Conditions:
    rows = problem.rows
    bundles = tuple(
        Bundle(tuple(members), problem.least_members(need))
        for need, members in problem.members_of.items()
        if problem.least_members(need) <= len(members)
    )
    position = problem.position_of_need
    substitutes = tuple(
        (int(rows.first[position(national)]), int(rows.first[position(joint)]))
        for national, joint in problem.record.substitutes
    )
    return Conditions(bundles, substitutes)


def _alone(facts: Facts, conditions: Conditions, quotas: _Quotas) -> Ints:
    """0, or a number of its own for each row with a condition or a quota."""
    of_needs = (facts.problem.rows.first[facts.problem.position_of_need(need)] for need in quotas.of["need"])
    rows = np.array(sorted({*conditions.needs, *map(int, of_needs)}), dtype=np.int64)
    alone = np.zeros(facts.n_rows, dtype=np.int64)
    alone[rows] = rows + 1
    return alone


def _needs(facts: Facts, scoring: Scoring, eligibility: Eligibility, quotas: _Quotas) -> Needs:
    problem = facts.problem
    least, units = np.zeros(facts.n_rows, dtype=np.int64), facts.row_units
    for need, quota in quotas.of["need"].items():
        row = int(problem.rows.first[problem.position_of_need(need)])
        least[row] = quota.least or 0
        if quota.most is not None:
            units = units.copy()
            units[row] = min(int(units[row]), quota.most)
    place = {state.id: number for number, state in enumerate(problem.states)}
    of_asking = np.array([*(place[code] for code in facts.asking), NOBODY], dtype=np.int64)
    lot = drawn(problem.record.quarter, problem.rows.names())
    return Needs(
        units=units,
        least=least,
        state=of_asking[facts.row_asking],
        profile=eligibility.profile,
        urgency=scoring.urgency,
        place=_places(facts, scoring.urgency, lot),
        lot=lot,
    )


def _places(facts: Facts, urgency: Ints, lot: Lots) -> Ints:
    """Place of each row among rows of equal worth: most urgent first, then oldest, then as drawn."""
    place = np.empty(facts.n_rows, dtype=np.int64)
    place[np.lexsort((lot, days(facts), -urgency))] = np.arange(facts.n_rows)
    return place


def days(facts: Facts) -> Ints:
    """The day from which each row is as old as it is; one without a date is younger than all."""
    dates = facts.problem.needs.column("date")
    return dates.numbers(lambda given: given.toordinal() if given else date.max.toordinal())[facts.row_need]


def _profiles(facts: Facts, scoring: Scoring, eligibility: Eligibility) -> Profiles:
    start, offer = eligibility.start, eligibility.cell_offer
    least = np.zeros(len(offer), dtype=np.int64)
    pins = Pins.of(facts)
    profile = eligibility.profile[pins.row]
    for line, column, units in zip(profile.tolist(), pins.offer.tolist(), pins.units.tolist(), strict=True):
        least[start[line] + np.searchsorted(offer[start[line] : start[line + 1]], column)] = units
    return Profiles(
        start=start,
        offer=offer,
        affinity=scoring.of_cells(eligibility.of, np.diff(start), offer),
        least=least,
        most=np.where(facts.never_served[eligibility.of], 0, UNLIMITED)[eligibility.cell_profile],
    )


def _offers(problem: Problem, quotas: _Quotas, providers: Sequence[str]) -> Offers:
    ids = [offer.id for offer in problem.offers]
    limits = quotas.limits("offer", ids, {offer.id: offer.units for offer in problem.offers})
    place = {provider: number for number, provider in enumerate(providers)}
    provider = np.array([place.get(offer.provider, NOBODY) for offer in problem.offers], dtype=np.int64)
    return Offers(limits.most, limits.least, provider, drawn(problem.record.quarter, ids))


def _states(problem: Problem, quotas: _Quotas, groups: Sequence[str]) -> States:
    place = {group: number for number, group in enumerate(groups)}
    return States(
        group=np.array([place[state.regional_group] for state in problem.states], dtype=np.int64),
        received=np.array([state.received for state in problem.states], dtype=np.int64),
        limits=quotas.limits("state", [state.id for state in problem.states]),
    )
