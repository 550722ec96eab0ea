"""Which needs share a profile on a circulation, while edits give some of them profiles of their own."""

from collections.abc import Sequence

import numpy as np

from matching.arrays import Ints
from matching.insight.circulation import SPARE_NODES, Circulation
from matching.insight.edits import NotWarm
from matching.insight.ledger import Ledger
from matching.insight.rerouting import Rerouting


class Sharing:
    """The profiles of a circulation. Needs that leave one take with them what they are served by now."""

    def __init__(self, circulation: Circulation, rerouting: Rerouting, ledger: Ledger) -> None:
        self._at, self._rerouting, self._ledger = circulation, rerouting, ledger
        self._n_added = 0

    def new(self, offers: Ints, affinity: Sequence[int]) -> int:
        """The node of a new profile with these cells, priced so that none gains."""
        at, rerouting = self._at, self._rerouting
        if self._n_added == SPARE_NODES:
            raise NotWarm(f"at most {SPARE_NODES} profiles can be added at once")
        node = at.nodes.profiles + at.model.n_profiles + self._n_added
        self._n_added += 1
        weight = self.weighed(affinity)
        cells = rerouting.add_many(at.cells, np.full_like(offers, node), at.nodes.offers + offers, weight)
        self._ledger.name(at.cells, cells, affinity)
        prices = weight + at.potential[at.nodes.offers + offers]
        rerouting.put(at, "potential", node, max(prices.tolist(), default=0))
        return node

    def own(self, need: int) -> int:
        """The node of a need's profile, which it has for itself from now on."""
        arc = self._ledger.arc_of.get(need, need)
        node = int(self._at.needs.head[arc])
        return self._split([arc]) if len(self._at.needs.entering(node)) > 1 else node

    def cell(self, profile: int, offer: int) -> int | None:
        """The cell of a profile with an offer, if it has one."""
        cells = self._at.cells.leaving(profile)
        found = cells[self._at.cells.head[cells] == self._at.nodes.offers + offer]
        return int(found[0]) if len(found) else None

    def alike(self, needs: Sequence[int], points: Sequence[int]) -> tuple[Ints, list[int]]:
        """Nodes of the profiles that hold just these needs, and the affinity for which each of them earns these points.

        Needs that share a profile with others, or would have another affinity than these, leave it together.
        """
        arcs = self._arcs(needs)
        affinity = np.array(points, dtype=np.int64) - self._urgency(arcs)
        node = self._at.needs.head[arcs]
        order = np.lexsort((affinity, node))
        arcs, affinity, node = arcs[order], affinity[order], node[order]
        starts = np.ones(len(arcs), dtype=bool)
        starts[1:] = (np.diff(node) != 0) | (np.diff(affinity) != 0)
        first = np.flatnonzero(starts)
        profiles, asks = node[first], self._at.needs.most > 0
        asking = np.bincount(self._at.needs.head[asks], minlength=self._at.nodes.end)
        among = np.bincount(np.cumsum(starts) - 1, asks[arcs], len(first)).astype(np.int64)
        for part in np.flatnonzero(among < asking[profiles]).tolist():
            end = first[part + 1] if part + 1 < len(first) else len(arcs)
            profiles[part] = self._split(arcs[first[part] : end].tolist())
        return profiles, affinity[first].tolist()

    def weighed(self, affinity: Sequence[int]) -> Ints:
        """What cells of these affinities weigh; raises NotWarm where that outgrows the scale."""
        weights = self._at.weights
        greatest = max(map(abs, affinity), default=0)
        if greatest > weights.scale.greatest:
            raise NotWarm(f"{greatest} points outgrow the scale of this optimum")
        return np.array(affinity, dtype=weights.cell.dtype) * weights.scale.point

    def _arcs(self, needs: Sequence[int]) -> Ints:
        """The arcs of needs."""
        position = np.array(needs, dtype=np.int64)
        arcs = position.copy()
        for need, arc in self._ledger.arc_of.items():
            arcs[position == need] = arc
        return arcs

    def _urgency(self, arcs: Ints) -> Ints:
        """Points of a unit on each of these arcs of needs."""
        known = self._at.model.needs.urgency
        urgency = np.append(known, 0)[np.minimum(arcs, len(known))]
        for place in np.flatnonzero(arcs >= len(known)).tolist():
            urgency[place] = self._ledger.points(self._at.needs, int(arcs[place]))
        return urgency

    def _split(self, arcs: Sequence[int]) -> int:
        """Give needs of one profile another one together, with what they are served by now; its node."""
        at, rerouting, ledger = self._at, self._rerouting, self._ledger
        needs, cells = at.needs, at.cells
        shared = int(needs.head[arcs[0]])
        pairs: dict[tuple[int, int], int] = {}
        ledger.hand_back(shared, pairs, {}, {})
        positions = cells.leaving(shared)
        offers = cells.head[positions] - at.nodes.offers
        own = self.new(offers, [ledger.points(cells, cell) for cell in positions.tolist()])
        rerouting.put(at, "potential", own, at.potential[shared])
        leaving = {ledger.need_of.get(arc, arc) for arc in arcs}
        for arc in arcs:
            self._move(arc, own)
        through: dict[int, int] = {}
        for (need, offer), units in pairs.items():
            if need in leaving:
                through[offer] = through.get(offer, 0) + units
        for old, cell, offer in zip(positions.tolist(), cells.leaving(own).tolist(), offers.tolist(), strict=True):
            if offer in through:
                rerouting.hand_over(cells, old, cell, through[offer])
        return own

    def _move(self, arc: int, profile: int) -> None:
        """Let a need have an arc into another profile."""
        needs, rerouting, ledger = self._at.needs, self._rerouting, self._ledger
        need = ledger.need_of.get(arc, arc)
        new = rerouting.add(needs, int(needs.tail[arc]), profile, int(needs.up[arc]))
        ledger.name(needs, [new], [ledger.points(needs, arc)])
        ledger.arc_of[need], ledger.need_of[new] = new, need
        for bound in ("least", "most"):
            rerouting.put(needs, bound, new, getattr(needs, bound)[arc])
            rerouting.put(needs, bound, arc, 0)
        rerouting.hand_over(needs, arc, new, int(needs.flow[arc]))
