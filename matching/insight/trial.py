"""Edits tried on the circulation of an optimum, one after the other."""

import numpy as np

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
from matching.insight.sharing import Sharing
from matching.model import NOBODY, UNLIMITED


class Trial:
    """Edits under way, with the ``ledger`` of what they change; `take_back` leaves the circulation as it was.

    Needs and offers are arcs. A need that has to leave the profile that it shares gets an arc of its own.
    """

    def __init__(self, circulation: Circulation) -> None:
        self._at, self._model = circulation, circulation.model
        self._rerouting = Rerouting(circulation)
        self.ledger = Ledger(circulation, self._rerouting)
        self._sharing = Sharing(circulation, self._rerouting, self.ledger)
        self._n_needs, self._n_offers = self._model.n_needs, self._model.n_offers
        self._has_place = False
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
                profiles, affinities = self._sharing.alike(needs, points)
                for profile, affinity in zip(profiles.tolist(), affinities, strict=True):
                    self._pair(profile, offer, affinity, UNLIMITED)
            case PairPoints(need, offer, points, most):
                profile = self._sharing.own(need)
                urgency = self.ledger.points(self._at.needs, self.ledger.arc_of.get(need, need))
                self._pair(profile, offer, points - urgency, most)
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
        if edit.before is not None and self._has_place:
            raise NotWarm("of several new needs one may have a place")
        self._has_place |= edit.before is not None
        at = self._at
        profile = self._sharing.new(np.array(edit.offers, dtype=np.int64), edit.points)
        tail = GROUND if edit.state == NOBODY else at.nodes.states + edit.state
        arc = self._rerouting.add(at.needs, tail, profile, at.weights.of_new(need, edit.before))
        self.ledger.name(at.needs, [arc], [0])
        self.ledger.arc_of[need], self.ledger.need_of[arc] = arc, need
        self._rerouting.bound(at.needs, arc, 0, edit.units)

    def _add_offer(self, edit: NewOffer) -> None:
        at, nodes = self._at, self._at.nodes
        if self._n_offers - self._model.n_offers == SPARE_NODES:
            raise NotWarm(f"at most {SPARE_NODES} offers can be added at once")
        offer, self._n_offers = self._n_offers, self._n_offers + 1
        node = nodes.offers + offer
        head = GROUND if edit.provider == NOBODY else nodes.providers + edit.provider
        profiles, affinity = self._sharing.alike(edit.needs, edit.points)
        weight = self._sharing.weighed(affinity)
        prices = at.potential[profiles] - weight
        self._rerouting.put(at, "potential", node, min(prices.tolist(), default=0))
        cells = self._rerouting.add_many(at.cells, profiles, np.full_like(profiles, node), weight)
        self.ledger.name(at.cells, cells, affinity)
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
        [weight] = self._sharing.weighed([affinity]).tolist()
        cell = self._sharing.cell(profile, offer)
        if cell is None:
            cell = rerouting.add(at.cells, profile, at.nodes.offers + offer, weight)
            self.ledger.name(at.cells, [cell], [affinity])
        else:
            self.ledger.repriced.setdefault(cell, self.ledger.points(at.cells, cell))
            rerouting.put(at.cells, "up", cell, weight)
            self.ledger.name(at.cells, [cell], [affinity])
            rerouting.improve(at.cells, cell)
        rerouting.bound(at.cells, cell, min(int(at.cells.least[cell]), most), most)

    def _own_cell(self, need: int, offer: int) -> int | None:
        """The cell through which an offer may serve a need alone, if it may."""
        return self._sharing.cell(self._sharing.own(need), offer)

    def close(self) -> None:
        """Be done with edits. Raises NotWarm where, under leximin, a State then asks for more or less than before."""
        if self._model.objective == "leximin" and any(self._asked_more.values()):
            raise NotWarm("what a State asks for decides every share")

    def _count_asked(self, state: int, units: int) -> None:
        """Slopes of a regional group last as long as it has asking States; shares count what States ask."""
        if state == NOBODY or not units:
            return
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
