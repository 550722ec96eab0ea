"""Edits tried on the circulation of an optimum, one after the other."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from matching.insight.circulation import GROUND, SPARE_NODES, Circulation
from matching.insight.edits import (
    Edit,
    Imposed,
    NeedUnits,
    NewNeed,
    NewOffer,
    NoPair,
    NotWarm,
    OfferPairs,
    OfferUnits,
    PairPoints,
)
from matching.insight.ledger import Ledger
from matching.insight.rerouting import Impossible, Rerouting
from matching.insight.residual_arcs import Arcs
from matching.model import NOBODY, UNLIMITED


class Trial:
    """Edits under way, with the ``ledger`` of what they change; `take_back` leaves the circulation as it was.

    Needs and offers are arcs. A need that has to leave the profile that it shares gets an arc of its own.
    """

    def __init__(self, circulation: Circulation) -> None:
        self._at, self._model = circulation, circulation.model
        self._rerouting = Rerouting(circulation)
        self.ledger = Ledger(circulation, self._rerouting)
        self._n_needs, self._n_offers, self._n_profiles = (
            self._model.n_needs,
            self._model.n_offers,
            self._model.n_profiles,
        )
        self._asked_more: dict[int, int] = {}
        self._asking_more: dict[int, int] = {}

    def take_back(self) -> None:
        """Undo every edit."""
        self._rerouting.take_back()

    def apply(self, edit: Edit) -> None:
        """Carry out one edit, and reach the optimum again. Raises Impossible or NotWarm."""
        match edit:
            case NewNeed():
                self._add_need(edit)
            case NewOffer():
                self._add_offer(edit)
            case NeedUnits(need, units):
                self._ask(need, units)
            case OfferUnits(offer, units):
                if units < self._at.offers.flow[offer]:
                    self._rerouting.turn_prices()
                self._bound(self._at.offers, offer, units)
            case OfferPairs(offer, needs, points):
                for profile, affinity in self._by_profile(dict(zip(needs, points, strict=True))):
                    self._pair(profile, offer, affinity, UNLIMITED)
            case PairPoints(need, offer, points, most):
                profile = self._own_profile(need)
                urgency = self.ledger.points(self._at.needs, self.ledger.arc_of.get(need, need))
                self._pair(profile, offer, self._checked(points) - urgency, most)
            case NoPair(need, offer):
                cell = self._own_cell(need, offer)
                if cell is not None:
                    self._bound(self._at.cells, cell, 0)
            case Imposed(need, offer, units):
                cell = self._own_cell(need, offer)
                if cell is None:
                    raise Impossible
                cells = self._at.cells
                least, most = int(cells.least[cell]), int(cells.most[cell])
                self._rerouting.bound(cells, cell, max(least, units), most)

    def _bound(self, arcs: Arcs, arc: int, most: int) -> None:
        """At most so many units, and at least as many as before, or that most."""
        self._rerouting.bound(arcs, arc, min(int(arcs.least[arc]), most), most)

    def _add_need(self, edit: NewNeed) -> None:
        self._count_asked(edit.state, edit.units)
        need, self._n_needs = self._n_needs, self._n_needs + 1
        at, weights = self._at, self._at.weights
        profile = self._profile(edit.offers, [(points, points * weights.scale.point) for points in edit.points])
        served = weights.scale.first if self._model.objective == "most_needs_served" else 0
        tail = GROUND if edit.state == NOBODY else at.nodes.states + edit.state
        arc = self._rerouting.add(at.needs, tail, profile, served - need - 1)
        self.ledger.new_points[at.needs, arc] = 0
        self.ledger.arc_of[need], self.ledger.need_of[arc] = arc, need
        self._rerouting.bound(at.needs, arc, 0, edit.units)

    def _add_offer(self, edit: NewOffer) -> None:
        at, nodes = self._at, self._at.nodes
        if self._n_offers - self._model.n_offers == SPARE_NODES:
            raise NotWarm(f"at most {SPARE_NODES} offers can be added at once")
        offer, self._n_offers = self._n_offers, self._n_offers + 1
        node = nodes.offers + offer
        head = GROUND if edit.provider == NOBODY else nodes.providers + edit.provider
        cells = [
            (profile, affinity, affinity * at.weights.scale.point)
            for profile, affinity in self._by_profile(dict(zip(edit.needs, edit.points, strict=True)))
        ]
        prices = [int(at.potential[profile]) - weight for profile, _, weight in cells]
        self._rerouting.put(at, "potential", node, min(prices, default=0))
        for profile, affinity, weight in cells:
            cell = self._rerouting.add(at.cells, profile, node, weight)
            self.ledger.new_points[at.cells, cell] = self._checked(affinity)
            self._rerouting.put(at.cells, "most", cell, UNLIMITED)
        arc = self._rerouting.add(at.offers, node, head, 0)
        assert arc == offer
        self._rerouting.bound(at.offers, arc, 0, edit.units)

    def _ask(self, need: int, units: int) -> None:
        arc, needs = self.ledger.arc_of.get(need, need), self._at.needs
        tail = int(needs.tail[arc])
        self._count_asked(NOBODY if tail == GROUND else tail - self._at.nodes.states, units - int(needs.most[arc]))
        self._bound(needs, arc, units)

    def _pair(self, profile: int, offer: int, affinity: int, most: int) -> None:
        """Let a profile have a cell, or another affinity where it has one."""
        at, rerouting = self._at, self._rerouting
        weight = self._checked(affinity) * at.weights.scale.point
        cell = self._cell(profile, offer)
        if cell is None:
            cell = rerouting.add(at.cells, profile, at.nodes.offers + offer, weight)
            self.ledger.new_points[at.cells, cell] = affinity
        else:
            self.ledger.repriced.setdefault(cell, self.ledger.points(at.cells, cell))
            rerouting.put(at.cells, "up", cell, weight)
            self.ledger.new_points[at.cells, cell] = affinity
            rerouting.improve(at.cells, cell)
        rerouting.bound(at.cells, cell, min(int(at.cells.least[cell]), most), most)

    def _own_cell(self, need: int, offer: int) -> int | None:
        """The cell through which an offer may serve a need alone, if it may."""
        return self._cell(self._own_profile(need), offer)

    def _own_profile(self, need: int) -> int:
        """The node of a need's profile, which it has for itself from now on."""
        arc = self.ledger.arc_of.get(need, need)
        node = int(self._at.needs.head[arc])
        return self._split(arc) if len(self._at.needs.entering(node)) > 1 else node

    def _cell(self, profile: int, offer: int) -> int | None:
        cells = self._at.cells.leaving(profile)
        found = cells[self._at.cells.head[cells] == self._at.nodes.offers + offer]
        return int(found[0]) if len(found) else None

    def _split(self, arc: int) -> int:
        """Give a need a profile of its own, with what it is served by now; the profile's node."""
        at, rerouting = self._at, self._rerouting
        needs, cells = at.needs, at.cells
        shared, need = int(needs.head[arc]), self.ledger.need_of.get(arc, arc)
        pairs: dict[tuple[int, int], int] = {}
        self.ledger.hand_back(shared, pairs, {}, {})
        positions = cells.leaving(shared).tolist()
        offers = [int(cells.head[cell]) - at.nodes.offers for cell in positions]
        own = self._profile(offers, [(self.ledger.points(cells, cell), int(cells.up[cell])) for cell in positions])
        rerouting.put(at, "potential", own, at.potential[shared])
        new = rerouting.add(needs, int(needs.tail[arc]), own, int(needs.up[arc]))
        self.ledger.new_points[needs, new] = self.ledger.points(needs, arc)
        self.ledger.arc_of[need], self.ledger.need_of[new] = new, need
        for bound in ("least", "most"):
            rerouting.put(needs, bound, new, getattr(needs, bound)[arc])
            rerouting.put(needs, bound, arc, 0)
        rerouting.hand_over(needs, arc, new, int(needs.flow[arc]))
        for old, cell, offer in zip(positions, cells.leaving(own).tolist(), offers, strict=True):
            rerouting.hand_over(cells, old, cell, pairs.get((need, offer), 0))
        return own

    def _profile(self, offers: Sequence[int], affinities: Iterable[tuple[int, int]]) -> int:
        """A new profile with these cells, priced so that none gains. Affinities come with their weights."""
        at, rerouting = self._at, self._rerouting
        if self._n_profiles - self._model.n_profiles == SPARE_NODES:
            raise NotWarm(f"at most {SPARE_NODES} needs can get profiles of their own at once")
        node, self._n_profiles = at.nodes.profiles + self._n_profiles, self._n_profiles + 1
        prices = []
        for offer, (affinity, weight) in zip(offers, affinities, strict=True):
            cell = rerouting.add(at.cells, node, at.nodes.offers + offer, weight)
            self.ledger.new_points[at.cells, cell] = self._checked(affinity)
            rerouting.put(at.cells, "most", cell, UNLIMITED)
            prices.append(weight + int(at.potential[at.nodes.offers + offer]))
        rerouting.put(at, "potential", node, max(prices, default=0))
        return node

    def _by_profile(self, points: Mapping[int, int]) -> Iterator[tuple[int, int]]:
        """Profiles and affinities for points of needs: whole profiles where all their needs agree, else one each."""
        at = self._at
        by_node: dict[int, dict[int, int]] = {}
        for need, worth in points.items():
            arc = self.ledger.arc_of.get(need, need)
            by_node.setdefault(int(at.needs.head[arc]), {})[arc] = worth - self.ledger.points(at.needs, arc)
        for node, affinities in by_node.items():
            if len(set(affinities.values())) == 1 and len(affinities) == len(at.needs.entering(node)):
                yield node, next(iter(affinities.values()))
                continue
            for arc, affinity in affinities.items():
                yield self._split(arc) if len(at.needs.entering(node)) > 1 else node, affinity

    def _count_asked(self, state: int, units: int) -> None:
        """Slopes of a regional group last as long as it has asking States; shares count what States ask."""
        if state == NOBODY or not units:
            return
        if self._model.objective == "leximin":
            raise NotWarm("what a State asks for decides every share")
        before = int(self._model.asked[state]) + self._asked_more.get(state, 0)
        self._asked_more[state] = self._asked_more.get(state, 0) + units
        group = int(self._model.states.group[state])
        if group == NOBODY or (before > 0) == (before + units > 0):
            return
        groups = self._at.groups
        if group not in self.ledger.earned_by_group:
            now = int(groups.flow[group]) - self._rerouting.moved(groups).get(group, 0)
            self.ledger.earned_by_group[group] = groups.curve.worth(group, now)
        self._asking_more[group] = self._asking_more.get(group, 0) + (1 if units > 0 else -1)
        width = max(1, int(self._model.n_asking[group]) + self._asking_more[group])
        self._rerouting.widen(groups, group, width)

    def _checked(self, points: int) -> int:
        if abs(points) > self._at.weights.scale.greatest:
            raise NotWarm(f"{points} points outgrow the scale of this optimum")
        return points
