"""The problem's facts as arrays: what rules and terms look up for any list of pairs.

Shapes: ``n_rows`` rows (needs, or members' parts of them), ``n_offers`` offers, ``n_sets`` different sets of
beneficiaries. Nothing here has the size rows x offers.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.problem import Problem
from matching.records import UNSPECIFIC, Pair, State
from matching.relatedness import Relatedness
from matching.strategy import CLOSENESS

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Overlap:
    """How many codes the sets of rows and offers share, for one kind of code.

    ``shared[row_set[i], offer_set[j]]`` codes are common to row ``i`` and offer ``j``; ``row_size`` and
    ``offer_size`` count the codes of each different set. A size of 0 means that the record does not state any.
    """

    row_set: Ints
    offer_set: Ints
    row_size: Ints
    offer_size: Ints
    shared: Ints

    @classmethod
    def of(cls, rows: Sequence[tuple[str, ...]], offers: Sequence[tuple[str, ...]]) -> "Overlap":
        """Index the different sets on either side and count what each two share."""
        row_sets, row_set = _distinct(rows)
        offer_sets, offer_set = _distinct(offers)
        return cls(
            row_set,
            offer_set,
            np.array([len(codes) for codes in row_sets], dtype=np.int64),
            np.array([len(codes) for codes in offer_sets], dtype=np.int64),
            _shared(row_sets, offer_sets),
        )


def _distinct(sets: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], Ints]:
    different = sorted(set(sets))
    place = {codes: number for number, codes in enumerate(different)}
    return different, np.array([place[codes] for codes in sets], dtype=np.int64)


def _shared(left: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> Ints:
    """How many codes each set on the left shares with each on the right."""
    codes = sorted({code for codes in left for code in codes})
    place = {code: number for number, code in enumerate(codes)}
    # Floats, since whole numbers this small are exact in them and their product is fast.
    return (_membership(left, place) @ _membership(right, place).T).astype(np.int64)


def _membership(sets: Sequence[tuple[str, ...]], place: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(sets), len(place)), dtype=np.float32)
    for number, codes in enumerate(sets):
        table[number, [place[code] for code in codes if code in place]] = 1
    return table


def _subregions(state: State) -> tuple[str, ...]:
    return (state.subregion, state.intermediate_region) if state.intermediate_region else (state.subregion,)


class Facts:
    """Look-up tables of one problem. Built once for eligibility and scoring, read only."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        self.n_rows = len(problem.rows)
        self.n_offers = len(problem.offers)
        self.row_need = self._of_rows(lambda row: row.need)
        self.row_least = self._of_rows(lambda row: row.least)
        self.row_units = self._of_rows(lambda row: row.units)
        self.offer_units = np.array([offer.units for offer in problem.offers], dtype=np.int64)
        self.sets, self.row_set = _distinct([row.beneficiaries for row in problem.rows])

    def _of_rows(self, value: Callable[..., int]) -> Ints:
        return np.array([value(row) for row in self.problem.rows], dtype=np.int64)

    def _of_needs(self, values: Iterable[int | bool]) -> Ints:
        """A fact of needs, for each row."""
        return np.array(list(values), dtype=np.int64)[self.row_need] if self.n_rows else np.zeros(0, dtype=np.int64)

    @cached_property
    def asking(self) -> list[str]:
        """States that ask for something for themselves, sorted."""
        return sorted(self.problem.asking)

    @cached_property
    def row_asking(self) -> Ints:
        """Position in ``asking`` of the State for which each row's units count, -1 where they count for none."""
        place = {state: number for number, state in enumerate(self.asking)}
        counts = self.problem.counts_for_state
        return self._of_rows(lambda row: place[row.beneficiaries[0]] if counts(row) else -1)

    # Domains

    @cached_property
    def specific(self) -> Bools:
        """Offers that name at least one domain other than UNSPEC."""
        return np.array(
            [any(code != UNSPECIFIC for code in offer.domains) for offer in self.problem.offers], dtype=bool
        )

    @cached_property
    def domain_codes(self) -> list[str]:
        """Domains of needs, sorted."""
        return sorted({need.domain for need in self.problem.needs})

    @cached_property
    def row_domain(self) -> Ints:
        """Position in ``domain_codes`` of each row's domain."""
        place = {code: number for number, code in enumerate(self.domain_codes)}
        return self._of_needs(place[need.domain] for need in self.problem.needs)

    @cached_property
    def fit(self) -> tuple[tuple[Decimal, ...], NDArray[np.int16]]:
        """Values of relatedness, ascending, and the position of the best one for each need domain and offer.

        Shape of the positions: (len(domain_codes), n_offers). Values below the strategy's least count as 0.
        """
        related = Relatedness(self.problem)
        wanted = self.domain_codes
        given = sorted({code for offer in self.problem.offers for code in offer.domains})
        table = [[related.between(need, offer) for offer in given] for need in wanted]
        values = sorted({Decimal(0), *(value for line in table for value in line)})
        place = {value: number for number, value in enumerate(values)}
        positions = np.array([[place[value] for value in line] for line in table], dtype=np.int16)
        column = {code: number for number, code in enumerate(given)}
        best = np.zeros((len(wanted), self.n_offers), dtype=np.int16)
        for number, offer in enumerate(self.problem.offers):
            if offer.domains and wanted:
                best[:, number] = positions[:, [column[code] for code in offer.domains]].max(axis=1)
        return tuple(values), best

    # Beneficiaries

    @cached_property
    def states(self) -> list[State]:
        """States that are a beneficiary of some row, sorted by id."""
        return [self.problem.state_of[code] for code in sorted({code for codes in self.sets for code in codes})]

    @cached_property
    def set_states(self) -> list[Ints]:
        """Positions in ``states`` of each set of beneficiaries."""
        place = {state.id: number for number, state in enumerate(self.states)}
        return [np.array([place[code] for code in codes], dtype=np.int64) for codes in self.sets]

    @cached_property
    def coverage_stated(self) -> Bools:
        """Offers that say whom they are for."""
        return np.array(
            [bool(o.worldwide or o.states or o.groups or o.regions) for o in self.problem.offers], dtype=bool
        )

    @cached_property
    def kind(self) -> NDArray[np.int8]:
        """How closely each offer covers each State: 0 not at all, else 1 + the position in CLOSENESS."""
        offers, states = self.problem.offers, self.states
        named = {
            "named_state": _shared([(s.id,) for s in states], [o.states for o in offers]) > 0,
            "named_group": _shared([s.groups for s in states], [o.groups for o in offers]) > 0,
            "subregion": _shared([_subregions(s) for s in states], [o.regions for o in offers]) > 0,
            "region": _shared([(s.region,) for s in states], [o.regions for o in offers]) > 0,
            "worldwide": np.tile(np.array([o.worldwide for o in offers], dtype=bool), (len(states), 1)),
        }
        kind = np.zeros((len(states), len(offers)), dtype=np.int8)
        for position, name in enumerate(CLOSENESS):
            kind[named[name]] = 1 + position
        kind[_shared([(s.id,) for s in states], [o.except_states for o in offers]) > 0] = 0
        return kind

    @cached_property
    def covered(self) -> Bools:
        """States that each offer covers: (n_states, n_offers). The next three are the same, each narrower."""
        return self.kind > 0

    @cached_property
    def helped(self) -> Bools:
        """Covered States other than the provider itself."""
        providers = [(offer.provider,) for offer in self.problem.offers]
        itself = _shared([(f"state:{state.id}",) for state in self.states], providers) > 0
        return self.covered & ~itself

    @cached_property
    def meeting(self) -> Bools:
        """Those of them that belong to every group the offer requires."""
        required = [offer.requires_groups for offer in self.problem.offers]
        met = _shared([state.groups for state in self.states], required)
        return self.helped & np.equal(met, [len(groups) for groups in required])

    @cached_property
    def allowed(self) -> Bools:
        """Those of them that no exclusion keeps from the offer: the States it may serve."""
        return self.meeting & ~self.excluded([f"state:{state.id}" for state in self.states])

    @cached_property
    def n_covered(self) -> NDArray[np.int16]:
        """How many of each set of beneficiaries an offer covers; the next three likewise: (n_sets, n_offers)."""
        return self.count(self.covered)

    @cached_property
    def n_helped(self) -> NDArray[np.int16]:
        """How many of each set are covered and not the provider itself."""
        return self.count(self.helped)

    @cached_property
    def n_meeting(self) -> NDArray[np.int16]:
        """How many of them belong to every group the offer requires."""
        return self.count(self.meeting)

    @cached_property
    def n_allowed(self) -> NDArray[np.int16]:
        """How many of them the offer may serve."""
        return self.count(self.allowed)

    def count(self, states: Bools) -> NDArray[np.int16]:
        """For each set of beneficiaries and offer, how many of the set are among the given States of the offer."""
        if not self.sets:
            return np.zeros((0, self.n_offers), dtype=np.int16)
        return np.stack([states[members].sum(axis=0, dtype=np.int16) for members in self.set_states])

    def excluded(self, parties: Sequence[str]) -> Bools:
        """Whether a recorded exclusion, by either side, keeps each party from each offer: (len(parties), n_offers)."""
        line = {party: number for number, party in enumerate(parties)}
        excluded = np.zeros((len(parties), self.n_offers), dtype=bool)
        columns: dict[str, list[int]] = {}
        for column, offer in enumerate(self.problem.offers):
            columns.setdefault(offer.provider, []).append(column)
        for exclusion in self.problem.record.exclusions:
            for party, provider in ((exclusion.by, exclusion.other), (exclusion.other, exclusion.by)):
                if party in line:
                    for column in columns.get(provider, ()):
                        if exclusion.offer in (None, self.problem.offers[column].id):
                            excluded[line[party], column] = True
        return excluded

    # Parties

    @cached_property
    def parties(self) -> tuple[list[str], Ints, Ints]:
        """Requesters, sorted; the position of each row's requester and of each offer's provider, -1 if it is none."""
        requesters = sorted({need.requester for need in self.problem.needs})
        place = {party: number for number, party in enumerate(requesters)}
        row = self._of_needs(place[need.requester] for need in self.problem.needs)
        provider = np.array([place.get(offer.provider, -1) for offer in self.problem.offers], dtype=np.int64)
        return requesters, row, provider

    @cached_property
    def requester_excluded(self) -> Bools:
        """Whether an exclusion keeps each requester from each offer: (number of requesters, n_offers)."""
        return self.excluded(self.parties[0])

    # Sets of codes

    @cached_property
    def modalities(self) -> Overlap:
        """Forms of assistance wanted and given."""
        return self._overlap("modalities")

    @cached_property
    def scopes(self) -> Overlap:
        """Weapon scopes wanted and given."""
        return self._overlap("scopes")

    @cached_property
    def languages(self) -> Overlap:
        """Languages of needs and offers."""
        return self._overlap("languages")

    @cached_property
    def language_required(self) -> Bools:
        """Offers that insist on their languages."""
        return np.array([offer.language_required for offer in self.problem.offers], dtype=bool)

    def _overlap(self, name: str) -> Overlap:
        needs = [getattr(need, name) for need in self.problem.needs]
        return Overlap.of(
            [needs[row.need] for row in self.problem.rows], [getattr(offer, name) for offer in self.problem.offers]
        )

    # Days

    @cached_property
    def row_days(self) -> tuple[Ints, Ints]:
        """First and last day on which each row is wanted. One that is overdue takes help whenever it comes."""
        first = [(need.wanted_from or date.min).toordinal() for need in self.problem.needs]
        opening = self.problem.record.delivery.first
        last = [
            date.max.toordinal() if need.wanted_by is None or need.wanted_by < opening else need.wanted_by.toordinal()
            for need in self.problem.needs
        ]
        return self._of_needs(first), self._of_needs(last)

    @cached_property
    def offer_days(self) -> tuple[Ints, Ints]:
        """First and last day of the delivery quarter on which each offer is valid."""
        delivery = self.problem.record.delivery
        first = [max(offer.valid_from or date.min, delivery.first).toordinal() for offer in self.problem.offers]
        last = [min(offer.valid_until or date.max, delivery.last).toordinal() for offer in self.problem.offers]
        return np.array(first, dtype=np.int64), np.array(last, dtype=np.int64)

    # Facts about one pair alone

    def is_among(self, pairs: Iterable[Pair], rows: Ints, offers: Ints) -> Bools:
        """Which of the given row-offer pairs belong to the listed need-offer pairs."""
        listed = np.array(
            [self.problem.need_of[pair.need] * self.n_offers + self.problem.offer_of[pair.offer] for pair in pairs],
            dtype=np.int64,
        )
        if not listed.size:
            return np.zeros(rows.shape, dtype=bool)
        return np.isin(self.row_need[rows] * self.n_offers + offers, listed)


def totals(position: Ints, units: Ints, length: int) -> Ints:
    """Sum of the units at each position from 0 to ``length`` - 1."""
    total = np.zeros(length, dtype=np.int64)
    np.add.at(total, position, units)
    return total
