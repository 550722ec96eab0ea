"""The problem's facts as arrays: what rules and terms look up for any list of pairs.

Shapes: ``n_rows`` rows (needs, or members' parts of them), ``n_offers`` offers, ``n_sets`` different sets of
beneficiaries. Nothing here has the size rows x offers.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from matching.arrays import Bools, Ints
from matching.attributes.kinds import alike
from matching.attributes.problem import Problem
from matching.attributes.records import UNSPECIFIC, State
from matching.attributes.relatedness import Relatedness
from matching.attributes.strategy import CLOSENESS


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
    def of(cls, row_sets: Sequence[tuple[str, ...]], row_set: Ints, offers: Sequence[tuple[str, ...]]) -> "Overlap":
        """Count what each two sets of either side share; the rows' are given, and which is whose."""
        offer_sets, offer_set = _distinct(offers)
        return cls(
            row_set,
            offer_set,
            np.array([len(codes) for codes in row_sets], dtype=np.int64),
            np.array([len(codes) for codes in offer_sets], dtype=np.int64),
            shared(row_sets, offer_sets),
        )


def _distinct(sets: Sequence[tuple[str, ...]]) -> tuple[list[tuple[str, ...]], Ints]:
    different = sorted(set(sets))
    place = {codes: number for number, codes in enumerate(different)}
    return different, np.array([place[codes] for codes in sets], dtype=np.int64)


def shared(left: Sequence[tuple[str, ...]], right: Sequence[tuple[str, ...]]) -> Ints:
    """How many codes each set on the left shares with each on the right."""
    different, of_right = _distinct(right)
    if len(different) < len(right):
        return shared(left, different)[:, of_right]
    codes = sorted({code for codes in left for code in codes})
    place = {code: number for number, code in enumerate(codes)}
    # Floats, since whole numbers this small are exact in them and their product is fast.
    return (_membership(left, place) @ _membership(right, place).T).astype(np.int64)


def _membership(sets: Sequence[tuple[str, ...]], place: dict[str, int]) -> NDArray[np.float32]:
    table = np.zeros((len(sets), len(place)), dtype=np.float32)
    found = [(number, place[code]) for number, codes in enumerate(sets) for code in codes if code in place]
    if found:
        table[tuple(np.array(found, dtype=np.int64).T)] = 1
    return table


def _subregions(state: State) -> tuple[str, ...]:
    return (state.subregion, state.intermediate_region) if state.intermediate_region else (state.subregion,)


class Facts:
    """Look-up tables of one problem. Built once for eligibility and scoring, read only."""

    def __init__(self, problem: Problem) -> None:
        self.problem = problem
        rows = problem.rows
        self.n_rows = len(rows)
        self.n_offers = len(problem.offers)
        self.row_need, self.row_least, self.row_units = rows.need, rows.least, rows.units
        self.sets, self.row_set = rows.sets, rows.set

    def of_rows(self, name: str) -> Ints:
        """Which of the values of a field of needs each row has."""
        return self.problem.needs.column(name).code[self.row_need].astype(np.int64)

    @cached_property
    def offer_units(self) -> Ints:
        """Units that each offer has."""
        return np.array([offer.units for offer in self.problem.offers], dtype=np.int64)

    @cached_property
    def asking(self) -> list[str]:
        """States that ask for something for themselves, sorted."""
        return sorted(self.problem.asking)

    @cached_property
    def row_asking(self) -> Ints:
        """Position in ``asking`` of the State for which each row's units count, -1 where they count for none."""
        place = {state: number for number, state in enumerate(self.asking)}
        of_set = np.array([place.get(codes[0], -1) if len(codes) == 1 else -1 for codes in self.sets], dtype=np.int64)
        return np.where(self.problem.rows.counts_for_state, of_set[self.row_set], -1)

    @cached_property
    def never_served(self) -> Bools:
        """Rows that are members of needs with fewer members than must be served."""
        rows = self.problem.rows
        n_members = np.diff(np.append(rows.first, self.n_rows))
        return np.asarray((rows.member >= 0) & (rows.least_members > n_members)[rows.need])

    # Domains

    @cached_property
    def specific(self) -> Bools:
        """Offers that name at least one domain other than UNSPEC."""
        return np.array(
            [any(code != UNSPECIFIC for code in offer.domains) for offer in self.problem.offers], dtype=bool
        )

    @cached_property
    def domain_codes(self) -> Sequence[str]:
        """Domains of needs."""
        return self.problem.needs.column("domain").values

    @cached_property
    def row_domain(self) -> Ints:
        """Position in ``domain_codes`` of each row's domain."""
        return self.of_rows("domain")

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
        different, of_offer = _distinct([offer.domains for offer in self.problem.offers])
        best = np.zeros((len(wanted), len(different)), dtype=np.int16)
        for number, codes in enumerate(different):
            if codes and wanted:
                best[:, number] = positions[:, [column[code] for code in codes]].max(axis=1)
        return tuple(values), best[:, of_offer]

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
    def sets_of_one(self) -> tuple[Ints, Ints]:
        """Sets with one beneficiary, and the position in ``states`` of each one's."""
        alone = np.array([len(members) == 1 for members in self.set_states], dtype=bool)
        numbers = np.flatnonzero(alone)
        return numbers, np.array([self.set_states[number][0] for number in numbers.tolist()], dtype=np.int64)

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
            "named_state": shared([(s.id,) for s in states], [o.states for o in offers]) > 0,
            "named_group": shared([s.groups for s in states], [o.groups for o in offers]) > 0,
            "subregion": shared([_subregions(s) for s in states], [o.regions for o in offers]) > 0,
            "region": shared([(s.region,) for s in states], [o.regions for o in offers]) > 0,
            "worldwide": np.tile(np.array([o.worldwide for o in offers], dtype=bool), (len(states), 1)),
        }
        kind = np.zeros((len(states), len(offers)), dtype=np.int8)
        for position, name in enumerate(CLOSENESS):
            kind[named[name]] = 1 + position
        kind[shared([(s.id,) for s in states], [o.except_states for o in offers]) > 0] = 0
        return kind

    @cached_property
    def covered(self) -> Bools:
        """States that each offer covers: (n_states, n_offers). The next three are the same, each narrower."""
        return self.kind > 0

    @cached_property
    def helped(self) -> Bools:
        """Covered States other than the provider itself."""
        providers = [(offer.provider,) for offer in self.problem.offers]
        itself = shared([(f"state:{state.id}",) for state in self.states], providers) > 0
        return self.covered & ~itself

    @cached_property
    def meeting(self) -> Bools:
        """Those of them that belong to every group the offer requires."""
        required = [offer.requires_groups for offer in self.problem.offers]
        met = shared([state.groups for state in self.states], required)
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

    @cached_property
    def alike_covered(self) -> Ints:
        """A number of each row, the same where offers cover as many of its beneficiaries; the next three likewise."""
        return alike(self.n_covered)[self.row_set]

    @cached_property
    def alike_helped(self) -> Ints:
        """The same where each offer covers as many who are not the provider itself."""
        return alike(self.n_helped)[self.row_set]

    @cached_property
    def alike_meeting(self) -> Ints:
        """The same where as many of them belong to every group that each offer requires."""
        return alike(self.n_meeting)[self.row_set]

    @cached_property
    def alike_allowed(self) -> Ints:
        """The same where each offer may serve as many of them."""
        return alike(self.n_allowed)[self.row_set]

    def count(self, states: Bools) -> NDArray[np.int16]:
        """For each set of beneficiaries and offer, how many of the set are among the given States of the offer."""
        counted = np.zeros((len(self.sets), self.n_offers), dtype=np.int16)
        alone, state = self.sets_of_one
        counted[alone] = states[state]
        for number, members in enumerate(self.set_states):
            if len(members) > 1:
                counted[number] = states[members].sum(axis=0, dtype=np.int16)
        return counted

    def excluded(self, parties: Sequence[str]) -> Bools:
        """Whether a recorded exclusion, by either side, keeps each party from each offer: (len(parties), n_offers)."""
        line = {party: number for number, party in enumerate(parties)}
        excluded = np.zeros((len(parties), self.n_offers), dtype=bool)
        for exclusion in self.problem.record.exclusions:
            for party, provider in ((exclusion.by, exclusion.other), (exclusion.other, exclusion.by)):
                if party in line:
                    columns = self._offers_of.get(provider, [])
                    if exclusion.offer is not None:
                        columns = [column for column in columns if self.problem.offers[column].id == exclusion.offer]
                    excluded[line[party], columns] = True
        return excluded

    @cached_property
    def _offers_of(self) -> dict[str, list[int]]:
        """Positions of the offers of each provider."""
        columns: dict[str, list[int]] = {}
        for column, offer in enumerate(self.problem.offers):
            columns.setdefault(offer.provider, []).append(column)
        return columns

    # Parties

    @cached_property
    def parties(self) -> tuple[Sequence[str], Ints, Ints]:
        """Requesters; the position of each row's requester and of each offer's provider, -1 if it is none."""
        requesters = self.problem.needs.column("requester").values
        place = {party: number for number, party in enumerate(requesters)}
        provider = np.array([place.get(offer.provider, -1) for offer in self.problem.offers], dtype=np.int64)
        return requesters, self.of_rows("requester"), provider

    @cached_property
    def row_providing(self) -> Ints:
        """0, or a number of its own for each requester that provides something."""
        _, requester, provider = self.parties
        return np.where(np.isin(requester, provider), requester + 1, 0)

    @cached_property
    def alike_excluded(self) -> Ints:
        """A number of each row, the same where exclusions keep its requester from the same offers."""
        return alike(self.requester_excluded)[self.parties[1]]

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
        sets = self.problem.needs.column(name).values
        return Overlap.of(sets, self.of_rows(name), [getattr(offer, name) for offer in self.problem.offers])

    # Days

    @cached_property
    def row_days(self) -> tuple[Ints, Ints]:
        """First and last day of the delivery quarter on which each row is wanted, the first after the last where there
        is none. One that is overdue takes help whenever it comes."""
        delivery, needs = self.problem.record.delivery, self.problem.needs
        opening, closing = delivery.first.toordinal(), delivery.last.toordinal()
        first = needs.column("wanted_from").numbers(lambda day: max(day.toordinal(), opening) if day else opening)
        last = needs.column("wanted_by").numbers(
            lambda day: min(day.toordinal(), closing) if day and day >= delivery.first else closing
        )
        return np.minimum(first, closing + 1)[self.row_need], last[self.row_need]

    @cached_property
    def offer_days(self) -> tuple[Ints, Ints]:
        """First and last day of the delivery quarter on which each offer is valid."""
        delivery = self.problem.record.delivery
        first = [max(offer.valid_from or date.min, delivery.first).toordinal() for offer in self.problem.offers]
        last = [min(offer.valid_until or date.max, delivery.last).toordinal() for offer in self.problem.offers]
        return np.array(first, dtype=np.int64), np.array(last, dtype=np.int64)

    # Facts about one pair alone

    def listed(self, name: str) -> Ints:
        """Keys (need times number of offers, plus offer) of the pairs in one of the problem's lists, ascending."""
        return self._listed[name]

    @cached_property
    def _listed(self) -> dict[str, Ints]:
        problem = self.problem
        return {
            name: np.unique(
                np.array(
                    [
                        problem.position_of_need(pair.need) * self.n_offers + problem.offer_of[pair.offer]
                        for pair in getattr(problem.record, name)
                    ],
                    dtype=np.int64,
                )
            )
            for name in ("declined", "forbidden", "earlier", "pinned")
        }

    def is_among(self, name: str, rows: Ints, offers: Ints) -> Bools:
        """Which of the given row-offer pairs belong to one of the problem's lists of need-offer pairs."""
        keys = self.listed(name)
        if not keys.size:
            return np.zeros(np.broadcast(rows, offers).shape, dtype=bool)
        wanted = self.row_need[rows] * self.n_offers + offers
        return np.asarray(keys[np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)] == wanted)

    @cached_property
    def row_alone(self) -> Ints:
        """0, or a number of its own for each row of which a list of pairs says something: it has no equal."""
        named = np.unique(np.concatenate([self.listed(name) for name in self._listed]) // max(1, self.n_offers))
        alone = np.isin(self.row_need, named) | (self.problem.rows.member >= 0)
        return np.where(alone, np.arange(1, self.n_rows + 1), 0)
